import assert from 'node:assert/strict';
import { it } from 'mocha';
import {
  createAmdSwitch,
  createCampaignStore,
  defaultAmdSettings,
  type CampaignDraft,
} from '../../../campaigns/index.ts';
import { defaultCampaign } from '../../../campaigns/index.ts';
import { machineErrors } from '../../../campaigns/compliance/index.ts';
import { createAmdReport } from '../../../reports/amd/amd-store.ts';
import { createAmdWatch } from '../../../reports/amd/amd-watch.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../../campaigns/engines.ts';

let callNumber = 0;

onBothEngines('machine detection, measured', (theApp) => {
  const draft: CampaignDraft = {
    ...defaultCampaign,
    ...{ name: 'Any', amd: true, trunkIds: [], agentIds: [], dispositionIds: [] },
  };
  const make = async (app: TestApp, given: Partial<CampaignDraft> = {}): Promise<number> => {
    const campaigns = createCampaignStore(app);
    const id = await campaigns.create({ ...draft, ...given }, { userId: null, now: app.clock.now() });
    await campaigns.transition(id, 'start', app.clock.now());
    return id;
  };
  const heard = async (app: TestApp, campaignId: number, count: number, given: object) => {
    const rows = Array.from({ length: count }, () => ({
      ...{ call_id: `v${++callNumber}`, campaign_id: campaignId, at: app.clock.now(), verdict: 'human' },
      ...{ cause: 'HUMAN-800-800', listened_ms: 1_400, is_check: 0, message: null, answered_by: null },
      ...{ agent_ms: null, ...given },
    }));
    await app.db.insertMany('amd_verdicts', rows);
  };
  const said = (answered_by: string, agent_ms = 20_000) => ({ answered_by, agent_ms });
  const check = { verdict: 'machine', is_check: 1 };
  const of = async (app: TestApp, id: number) =>
    createAmdReport(app).of((await createCampaignStore(app).get(id))!, app.clock.now());

  it('is counted for each campaign from when it was switched on, and never longer than a month', async () => {
    const app = theApp();
    const id = await make(app);
    const other = await make(app);
    await heard(app, id, 5, {});
    await heard(app, id, 3, said('person'));
    await heard(app, id, 2, { ...said('machine', 9_000), verdict: 'unsure' });
    await heard(app, id, 7, { verdict: 'machine', message: 'left' });
    await heard(app, id, 2, { ...check, ...said('machine', 5_000) });
    await heard(app, id, 1, { ...check, ...said('person') });
    await heard(app, id, 1, { ...check });
    for (const cause of ['LOST', 'NOT-STARTED'])
      await heard(app, id, 1, { ...said('person'), verdict: 'unsure', cause });
    await heard(app, other, 9, said('person'));
    await heard(app, id, 4, { ...said('person'), at: app.clock.now() - 1 });
    const { counts, messages, since } = await of(app, id);
    const { hours, ...sums } = counts;
    assert.equal(hours!.length, 1);
    assert.deepEqual(sums, {
      ...{ passed: 10, passedPersons: 3, passedMachines: 2 },
      ...{ machines: 11, checked: 4, checkedPersons: 1, checkedMachines: 2 },
      ...{ missedMs: 18_000, checkMs: 10_000, listenedMs: 14_000 },
    });
    assert.equal(messages.left, 7);
    assert.equal(since, app.clock.now());
    app.clock.advance(31 * 86_400_000);
    assert.equal((await of(app, id)).counts.passed, 0);
    assert.equal((await of(app, id)).since, app.clock.now() - 30 * 86_400_000);
  });

  it('weighs checks by the hours of the day, in the zone of the campaign', async () => {
    const app = theApp();
    const id = await make(app, {
      zone: 'Asia/Kolkata',
      amdSettings: { ...defaultAmdSettings, limit: 0.9 },
    });
    const { amdSince } = (await createCampaignStore(app).get(id))!;
    const hour = 3_600_000;
    const midnight = Math.ceil(amdSince! / hour) * hour;
    for (const day of [0, 24 * hour]) {
      // Agents have time at one hour, and none to speak of at another, where people pick up.
      await heard(app, id, 50, { ...said('person'), at: midnight + day });
      await heard(app, id, 40, { ...check, ...said('machine'), at: midnight + day });
      await heard(app, id, 60, { ...said('person'), at: midnight + day + 8 * hour });
      await heard(app, id, 190, { verdict: 'machine', at: midnight + day + 8 * hour });
      await heard(app, id, 5, { ...check, ...said('machine'), at: midnight + day + 8 * hour });
      await heard(app, id, 5, { ...check, ...said('person'), at: midnight + day + 8 * hour });
    }
    app.clock.advance(midnight + 40 * hour - app.clock.now());
    const { counts } = await of(app, id);
    assert.deepEqual(
      counts.hours!.map(({ machines, checked }) => [machines, checked]).sort((a, b) => a[0]! - b[0]!),
      [
        [80, 80],
        [400, 20],
      ],
    );
    // 200 of 400 and none of 80 machines; without weights it would be 48 of 480.
    const { rate } = machineErrors(counts).falsePositive!;
    assert.ok(Math.abs(rate - 200 / (200 + 220)) < 1e-9, String(rate));
  });

  it('switches itself off past the limit, says so in the audit and in the menu, and begins anew when switched on', async () => {
    const app = theApp();
    const campaigns = createCampaignStore(app);
    const detection = createAmdSwitch(app);
    const watch = createAmdWatch(app);
    const before = await detection.waiting();
    const id = await make(app);
    const careful = await make(app, { amdSettings: { ...defaultAmdSettings, limit: 0.5 } });
    for (const one of [id, careful]) {
      await heard(app, one, 100, said('person'));
      await heard(app, one, 60, { verdict: 'machine' });
      await heard(app, one, 24, { ...check, ...said('machine') });
      await heard(app, one, 5, { ...check, ...said('person') });
    }
    await watch.look();
    assert.equal((await campaigns.get(id))!.amd, true, 'one check fewer than anybody could be certain of');
    for (const one of [id, careful]) await heard(app, one, 10, { ...check, ...said('person') });
    app.clock.advance(60_000);
    const { revision } = (await campaigns.get(id))!;
    await watch.look();
    const off = (await campaigns.get(id))!;
    assert.deepEqual([off.amd, off.amdOffAt, off.revision], [false, app.clock.now(), revision + 1]);
    assert.equal((await campaigns.get(careful))!.amd, true);
    assert.equal(await detection.waiting(), before + 1);
    await watch.look();
    const lines = await app.db
      .knex('audit_log')
      .where({ action: 'campaign.amd-off-by-itself', entity_id: String(id) })
      .select('user_id', 'after');
    assert.equal(lines.length, 1);
    const after = JSON.parse(lines[0].after);
    assert.equal(lines[0].user_id, null);
    assert.deepEqual([after.amd, after.limit, after.checked, after.checkedPersons], [false, 0.03, 39, 15]);
    assert.ok(
      after.from > 0.03 && after.from < after.falsePositiveRate && after.falsePositiveRate < after.to,
    );

    app.clock.advance(60_000);
    assert.equal(await detection.set(id, true, app.clock.now()), true);
    assert.equal(await detection.set(id, true, app.clock.now()), false);
    await watch.look();
    const on = (await campaigns.get(id))!;
    assert.deepEqual([on.amd, on.amdOffAt, on.amdSince], [true, null, app.clock.now()]);
    assert.equal((await of(app, id)).counts.machines, 0);
    assert.equal(await detection.waiting(), before);
  });

  it('begins anew where it listens or is checked otherwise, and not where another setting changes', async () => {
    const app = theApp();
    const campaigns = createCampaignStore(app);
    const id = await make(app);
    const begun = app.clock.now();
    app.clock.advance(5_000);
    const save = async (given: Partial<CampaignDraft>) => {
      const { revision } = (await campaigns.get(id))!;
      assert.ok((await campaigns.update(id, revision, { ...draft, ...given }, app.clock.now())).saved);
      return (await campaigns.get(id))!;
    };
    assert.equal((await save({ maxAttempts: 9 })).amdSince, begun);
    assert.equal((await save({ amdSettings: { ...defaultAmdSettings, limit: 0.1 } })).amdSince, begun);
    const other = await save({ amdSettings: { ...defaultAmdSettings, greetingMs: 2_000 } });
    assert.deepEqual([other.amdSince, other.amdSettings.greetingMs], [app.clock.now(), 2_000]);
    app.clock.advance(5_000);
    const sampled = { ...defaultAmdSettings, greetingMs: 2_000, checkShare: 0.2 };
    assert.equal((await save({ amdSettings: sampled })).amdSince, app.clock.now());
    await createAmdSwitch(app).set(id, false, app.clock.now(), { byItself: true });
    // Saved without it, nobody has decided on it.
    assert.equal((await save({ amd: false })).amdOffAt, app.clock.now());
    assert.equal((await save({ amd: true })).amdOffAt, null);
  });
});
