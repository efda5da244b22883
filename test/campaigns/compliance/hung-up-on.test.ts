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
import { DashboardStore } from '../../../reports/dashboard/dashboard-store.ts';
import { bucketMs } from '../../../reports/rollups/rollup.ts';
import { onBothEngines } from '../engines.ts';
import { makeCampaign } from '../fixtures.ts';
import type { TestApp } from '../../support/app.ts';

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
    const gate = createGate(app);
    const ask = (e164: string) =>
      gate.mayCall({ e164, stage: 'dial', path: 'predictive', campaignId, leadId: null });
    await connected(app, campaignId, 200);
    await heard(app, campaignId, 27, check('machine'));
    await heard(app, campaignId, 2, check('person'));
    await heard(app, campaignId, 100, {});
    const before = await ask('+442079460199');
    assert.notEqual(before.reasonCode, 'ABANDON_RATE_EXCEEDED', 'one check fewer than an estimate takes');
    assert.deepEqual(before.facts.abandonment, { abandoned: 0, connected: 200 });
    await heard(app, campaignId, 1, check('person'));
    app.clock.advance(60_000);
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
    app.clock.advance(60_000);
    assert.notEqual((await ask('+442079460197')).reasonCode, 'ABANDON_RATE_EXCEEDED', '10 of 340');
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
