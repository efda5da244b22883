import assert from 'node:assert/strict';
import { it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/index.ts';
import {
  createGate,
  createHungUpOn,
  createLawfulCaps,
  estimated,
  nothingHeard,
} from '../../../campaigns/compliance/index.ts';
import type { HeardByHour } from '../../../campaigns/compliance/machine-errors/machine-errors.ts';
import { DashboardStore } from '../../../reports/dashboard/dashboard-store.ts';
import { bucketMs } from '../../../reports/rollups/rollup.ts';
import { onBothEngines } from '../engines.ts';
import { makeCampaign } from '../fixtures.ts';
import type { TestApp } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';

const dayMs = 86_400_000;
let made = 0;

onBothEngines('people hung up on as machines', (theApp) => {
  const heard = (app: TestApp, campaignId: number, count: number, given: object) =>
    app.db.insertMany(
      'amd_verdicts',
      Array.from({ length: count }, () => ({
        ...{ call_id: `h${++made}`, campaign_id: campaignId, at: app.clock.now(), verdict: 'machine' },
        ...{ cause: 'LONGGREETING', listened_ms: 1_400, is_check: 0, message: null, answered_by: null },
        ...{ agent_ms: null, ...given },
      })),
    );
  const connected = (app: TestApp, campaignId: number, count: number) => {
    const at = app.clock.now();
    return app.db.insertMany(
      'calls',
      Array.from({ length: count }, () => ({
        ...{ id: `h${++made}`, direction: 'out', path: 'predictive', campaign_id: campaignId },
        ...{ e164: '+442079460112', state: 'ended', outcome: 'answered', created_at: at, dialed_at: at },
        ...{ answered_at: at, connected_at: at, abandoned_at: null },
      })),
    );
  };
  const check = (answered_by: string) => ({ is_check: 1, answered_by });

  it('count as abandoned where the law asks for an estimate of them, and nowhere else', async () => {
    const app = theApp();
    const campaignId = await makeCampaign(app, { mode: 'predictive', amd: true });
    // Each anew, with no estimate from before.
    const ask = (e164: string) =>
      createGate(app).mayCall({ e164, stage: 'dial', path: 'predictive', campaignId, leadId: null });
    await connected(app, campaignId, 200);
    await heard(app, campaignId, 27, check('machine'));
    await heard(app, campaignId, 2, check('person'));
    await heard(app, campaignId, 100, {});
    const before = await ask('+442079460199');
    assert.notEqual(before.reasonCode, 'ABANDON_RATE_EXCEEDED', 'one check fewer than an estimate takes');
    assert.deepEqual(before.facts.abandonment, { abandoned: 0, connected: 200 });
    await heard(app, campaignId, 1, check('person'));
    // 100 × 3/30 people of 210 who were live.
    const british = await ask('+442079460198');
    assert.equal(british.reasonCode, 'ABANDON_RATE_EXCEEDED');
    const { hungUpOn } = british.facts.abandonment as { hungUpOn: number };
    assert.ok(Math.abs(hungUpOn - 10) < 1e-9);
    assert.notEqual(
      (await ask('+12025550199')).reasonCode,
      'ABANDON_RATE_EXCEEDED',
      'no rule of the US asks for it',
    );
    await connected(app, campaignId, 130);
    assert.notEqual((await ask('+442079460197')).reasonCode, 'ABANDON_RATE_EXCEEDED', '10 of 340');
  });

  it('are looked for only where a rule set that may bear on the campaign counts them', async () => {
    const app = theApp();
    let looks = 0;
    const note = ({ sql }: { sql: string }) => void (looks += Number(sql.includes('amd_verdicts')));
    const looksFor = async (ruleSet: string | null) => {
      const campaignId = await makeCampaign(app, { mode: 'predictive', amd: true, ruleSet });
      looks = 0;
      const request = { stage: 'dial', path: 'predictive', campaignId, leadId: null } as const;
      const { facts } = await createGate(app).mayCall({ ...request, e164: '+12025550199' });
      assert.deepEqual(facts.abandonment, { abandoned: 0, connected: 0 });
      return looks > 0;
    };
    app.db.knex.on('query', note);
    try {
      assert.equal(await looksFor('us.regf'), false);
      assert.equal(await looksFor('us.regf+uk.policy'), true);
      assert.equal(await looksFor(null), true, 'a British number may be among its own');
    } finally {
      app.db.knex.off('query', note);
    }
  });

  it('keep no call waiting at the gate that has an estimate from before', async () => {
    const app = theApp();
    const campaignId = await makeCampaign(app, { mode: 'predictive', amd: true });
    const gate = createGate(app);
    const estimate = async () => {
      const request = { stage: 'dial', path: 'predictive', campaignId, leadId: null } as const;
      const { facts } = await gate.mayCall({ ...request, e164: '+442079460196' });
      return (facts.abandonment as { hungUpOn?: number }).hungUpOn;
    };
    assert.equal(await estimate(), undefined);
    await heard(app, campaignId, 30, check('person'));
    await heard(app, campaignId, 100, {});
    app.clock.advance(60_000);
    assert.equal(await estimate(), undefined);
    await eventually(async () => assert.ok(((await estimate()) ?? 0) > 0));
  });

  it('keep nobody waiting for an estimate where there is one already, also when the next cannot be had', async () => {
    const app = theApp();
    const minute = 60_000;
    const campaign = { id: 1, zone: 'UTC', amdSince: null };
    const waiting: { answer(machines: number): void; fail(): void }[] = [];
    const store = {
      heard: () =>
        new Promise<HeardByHour>((resolve, reject) =>
          waiting.push({
            answer: (machines) => resolve({ ...nothingHeard, machines, checked: machines }),
            fail: () => reject(new Error('no database')),
          }),
        ),
    };
    const told: unknown[] = [];
    const log = { debug: (about: object) => void told.push(about) } as unknown as TestApp['log'];
    const estimates = createHungUpOn({ db: app.db, log }, store);
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    const first = estimates.soon(campaign, dayMs, 0);
    const beside = estimates.soon(campaign, dayMs, 10);
    assert.equal(waiting.length, 1, 'who waits for the first waits for the same');
    waiting[0]!.answer(5);
    const known = await first;
    assert.equal(await beside, known);
    assert.equal(await estimates.soon(campaign, dayMs, minute - 1), known);
    assert.equal(waiting.length, 1);
    assert.equal(await estimates.soon(campaign, dayMs, minute), known, 'answers while the next is made');
    assert.equal(await estimates.soon(campaign, dayMs, minute + 1), known);
    assert.equal(waiting.length, 2);
    waiting[1]!.fail();
    await settled();
    assert.equal(told.length, 1);
    assert.equal(await estimates.soon(campaign, dayMs, minute + 2), known);
    assert.equal(waiting.length, 2, 'it is not asked at once again');
    assert.equal(await estimates.soon(campaign, dayMs, 2 * minute), known);
    waiting[2]!.answer(6);
    await settled();
    const next = await estimates.soon(campaign, dayMs, 2 * minute + 1);
    assert.notEqual(next, known);
    // Too old to stand in for anything, and there for whom nothing waits only while it is fresh.
    const late = estimates.soon(campaign, dayMs, 12 * minute);
    assert.equal(waiting.length, 4);
    waiting[3]!.answer(7);
    assert.notEqual(await late, next);
    const report = estimates.of(campaign, dayMs, 13 * minute);
    assert.equal(waiting.length, 5);
    waiting[4]!.answer(8);
    assert.notEqual(await report, await late);
  });

  it('are counted over the window, by what detection does now, or did before while little is known of that', async () => {
    const app = theApp();
    const id = await makeCampaign(app, { amd: true });
    const store = createCampaignStore(app);
    await heard(app, id, 40, check('machine'));
    await heard(app, id, 10, check('person'));
    await heard(app, id, 500, {});
    app.clock.advance(2 * dayMs);
    await heard(app, id, 50, {});
    await app.db.knex('campaigns').where({ id }).update({ amd_since: app.clock.now() });
    const of = async () => createHungUpOn(app).of((await store.get(id))!, dayMs, app.clock.now());
    const old = await of();
    assert.deepEqual([old.machines, old.people!.estimate, old.checks], [50, 10, 50]);
    await heard(app, id, 30, check('machine'));
    const now = await of();
    assert.deepEqual([now.machines, now.people!.estimate, now.checks], [50, 0, 30]);
    assert.ok(now.people!.high > 2 && now.people!.high < 10);
  });

  it('are not known from too few checks, and none where none was hung up on', () => {
    const few = { ...nothingHeard, machines: 99, checked: 29, checkedMachines: 29 };
    assert.deepEqual(estimated(few, 70), { people: null, machines: 70, checks: 29, checksNeeded: 30 });
    assert.equal(estimated(null, 0).people!.estimate, 0);
  });

  it('stand in the rate and the budget of the dashboard, and are named there', async () => {
    const app = theApp();
    const read = async (id: number) =>
      (await new DashboardStore(app.db, {}, createLawfulCaps(app)).read(id, app.clock.now()))!.window;
    for (const [country, rate] of [
      ['GB', 10 / 210],
      ['US', 0],
    ] as const) {
      const id = await makeCampaign(app, { defaultCountry: country, amd: true });
      await heard(app, id, 27, check('machine'));
      await heard(app, id, 3, check('person'));
      await heard(app, id, 100, {});
      const bucket_at = Math.floor(app.clock.now() / bucketMs) * bucketMs;
      await app.db
        .knex('campaign_rollups')
        .insert({ campaign_id: id, bucket_at, figure: 'connected', value: 200 });
      const window = await read(id);
      assert.equal(window.connected, 200);
      assert.ok(Math.abs(window.rate! - rate) < 1e-9, `${country} ${window.rate}`);
      assert.equal(window.owed, country === 'GB' ? 124 : 0);
      assert.equal(window.hungUpOn?.machines, country === 'GB' ? 100 : undefined);
    }
  });
});
