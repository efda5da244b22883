import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { createOpenings } from '../../../campaigns/compliance/answers/openings.ts';
import { createWhyCustomer } from '../../../campaigns/compliance/answers/why-customer.ts';
import { createGate, loadCatalogue } from '../../../campaigns/compliance/index.ts';
import { createRuleBook } from '../../../campaigns/compliance/rulebook/rule-book.ts';
import { createRuleImpact } from '../../../campaigns/compliance/rulebook/rule-impact.ts';
import { createRuleVersionStore } from '../../../campaigns/compliance/rulebook/rule-version-store.ts';
import { createCampaignStore } from '../../../campaigns/index.ts';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

const [refused, second, other] = ['+12125550101', '+12125550102', '+442079460101'];

/** Monday 2026-11-23, 10:00 in New York. The first number of the customer is on the DNC list, the second is free. */
onBothEngines('customers with several numbers', (appOf) => {
  let app: TestApp;
  let campaignId: number;
  before(async () => {
    app = appOf();
    campaignId = await makeCampaign(app, { mode: 'progressive', zone: 'America/New_York' });
    await addLeads(app, campaignId, [{ phones: [refused, second, other] }, { phones: [refused] }]);
    await app.db.knex('customers').update({ address_region: null });
    await createDncStore(app).add({
      ...{ e164: refused, campaignId: null, reason: 'asked', source: 'agent', by: 1 },
      at: app.clock.now(),
    });
  });
  const openings = () => createOpenings(app, createRuleBook(app));
  const campaign = async () => (await createCampaignStore(app).get(campaignId))!;

  it('are answered for by the number that the dialer takes, and each other number is said', async () => {
    const { customer_id: id } = await app.db.knex('leads').orderBy('id').first('customer_id');
    const { calls } = (await createWhyCustomer(app, createGate(app, { dry: true }))(id as number))!;
    const [call] = calls.filter((one) => one.campaign !== null);
    assert.deepEqual(
      call!.numbers.map(({ e164, verdict }) => [e164, verdict.reasonCode]),
      [
        [refused, 'DNC_INTERNAL'],
        [second, 'OK'],
        [other, 'OK'],
      ],
    );
    assert.equal(call!.taken, 1);
  });

  it('are dialable in the funnel, open in the week and called tomorrow', async () => {
    const ahead = await openings().hours(await campaign(), 24);
    assert.deepEqual(ahead.now, { sampled: 2, dialable: 1, lost: [{ reason: 'DNC_INTERNAL', count: 1 }] });
    assert.deepEqual(ahead.zones.map(({ zones, counts }) => [zones, counts[0]]), [[['America/New_York'], 1]]); // prettier-ignore
    const run = await openings().tomorrow(await campaign(), 10);
    assert.deepEqual(run.calls.map(({ e164 }) => e164), [second]); // prettier-ignore
    assert.deepEqual(run.blocked, [{ reason: 'DNC_INTERNAL', count: 1 }]);
  });

  it('change with a version of rules that touches the number they are called at', async () => {
    const { form } = loadCatalogue().get('us.fed_tm')!;
    const windows = Object.fromEntries(Object.keys(form.windows).map((day) => [day, [['08:00', '09:00']]]));
    const versions = createRuleVersionStore(app);
    const { id } = await versions.add({
      ...{ name: 'us.fed_tm', form: { ...form, windows: windows as typeof form.windows }, loosens: false },
      ...{ effectiveAt: app.clock.now() + 86_400_000, note: 'shorter', by: 1, at: app.clock.now() },
    });
    await createRuleImpact(app).run(id, { signal: new AbortController().signal, progress: async () => {} });
    const { impact } = (await versions.get(id))!;
    assert.deepEqual([impact!.leads, impact!.changed], [2, 1]);
    assert.deepEqual(impact!.moves, [{ from: 'OK', to: 'TIME_AFTER_CLOSE', count: 1 }]);
  });
});
