import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { createCallNoMore, type NoMoreCalls } from '../../campaigns/call-no-more.ts';
import { createGate } from '../../campaigns/compliance/index.ts';
import { createDncStore } from '../../campaigns/dnc/index.ts';
import { onBothEngines } from './engines.ts';
import { addLeads, makeCampaign } from './fixtures.ts';

const called = '+14155550110';
const next = '+14155550111';
const shared = '+14155550112';

onBothEngines('who asks in a call to be called no more', (app) => {
  let campaignId: number;
  let other: number;
  let person: number;
  let colleague: number;

  before(async () => {
    [campaignId, other] = [await makeCampaign(app()), await makeCampaign(app(), { name: 'Other' })];
    const [first, second] = await addLeads(app(), campaignId, [
      { phones: [called, next, shared] },
      { phones: [shared] },
    ]);
    const customerOf = async (id: number) =>
      (await app().db.knex('leads').where({ id }).first()).customer_id as number;
    [person, colleague] = [await customerOf(first!), await customerOf(second!)];
  });

  const asked = (): NoMoreCalls => ({
    ...{ e164: called, customerId: person, callId: 'c1', reason: 'opt-out' },
    ...{ source: 'customer', by: null, at: app().clock.now() },
  });
  const reason = async (e164: string, customerId: number | null, campaign: number) => {
    const request = {
      e164,
      stage: 'reserve',
      path: 'predictive',
      campaignId: campaign,
      leadId: null,
    } as const;
    const [verdict] = await createGate(app(), { dry: true }).mayCallMany([{ ...request, customerId }]);
    return verdict!.reasonCode;
  };

  it('is called on none of their numbers, by no campaign; who shares one of them is', async () => {
    assert.notEqual(await reason(next, person, campaignId), 'CONSENT_REVOKED');
    await createCallNoMore(app())(asked());
    for (const campaign of [campaignId, other]) {
      assert.equal(await reason(called, person, campaign), 'DNC_INTERNAL');
      for (const e164 of [next, shared])
        assert.equal(await reason(e164, person, campaign), 'CONSENT_REVOKED');
      assert.equal(
        await reason(next, null, campaign),
        'CONSENT_REVOKED',
        'also where nobody says whose it is',
      );
      assert.notEqual(await reason(shared, colleague, campaign), 'CONSENT_REVOKED');
    }
  });

  it('is taken down once, however often it is tried', async () => {
    const lines = async () => (await app().db.knex('consents').where({ kind: 'refusal' })).length;
    const before = await lines();
    await createCallNoMore(app())(asked());
    assert.ok(before > 0);
    assert.equal(await lines(), before);
  });

  it('is not called either once the number is off the list', async () => {
    const at = app().clock.now();
    const removal = {
      e164: called,
      campaignId: null,
      reason: 'mistake',
      source: 'page',
      by: null,
      at,
    } as const;
    assert.ok(await createDncStore(app()).remove(removal));
    assert.equal(await reason(called, person, campaignId), 'CONSENT_REVOKED');
  });

  it('is known by the number where the call names nobody and one alone has it', async () => {
    const [alone, many] = ['+14155550113', '+14155550114'];
    const made = await addLeads(app(), other, [{ phones: [alone, '+14155550115'] }, { phones: [many] }, { phones: [many] }]); // prettier-ignore
    const rows: { customer_id: number }[] = await app().db.knex('leads').whereIn('id', made).orderBy('id');
    const stop = createCallNoMore(app());
    await stop({ ...asked(), e164: alone, customerId: null, callId: 'c2' });
    await stop({ ...asked(), e164: many, customerId: null, callId: 'c3' });
    assert.equal(await reason('+14155550115', rows[0]!.customer_id, other), 'CONSENT_REVOKED');
    assert.equal(await reason(many, rows[1]!.customer_id, other), 'DNC_INTERNAL');
    const refused = await app().db.knex('consents').whereIn('customer_id', rows.slice(1).map((row) => row.customer_id)); // prettier-ignore
    assert.deepEqual(refused, []);
  });
});
