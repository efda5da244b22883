import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { createGate, loadCatalogue } from '../../../campaigns/compliance/index.ts';
import { createRuleVersionStore } from '../../../campaigns/compliance/rulebook/rule-version-store.ts';
import { createSuspensionStore } from '../../../campaigns/compliance/index.ts';
import { createDueAgain, dueAgainJob } from '../../../campaigns/leads/due-again.ts';
import { createCalendarStore } from '../../../core/calendar/calendar-store.ts';
import type { TestApp } from '../../support/app.ts';
import { onBothEngines } from '../engines.ts';
import { addLeads, campaignDraft, makeCampaign } from '../fixtures.ts';

const hourMs = 3_600_000;
const signal = new AbortController().signal;

// Monday 2026-11-23, 10:00 in New York.
onBothEngines('leads that were put off', (theApp) => {
  let app: TestApp;
  let dueAgain: ReturnType<typeof createDueAgain>;
  let campaignId: number;
  let now: number;

  before(() => {
    app = theApp();
    dueAgain = createDueAgain(app);
  });
  beforeEach(async () => {
    await app.db.knex('campaigns').update({ state: 'stopped' });
    campaignId = await makeCampaign(app);
    await app.db.knex('campaigns').where({ id: campaignId }).update({ state: 'running' });
    now = app.clock.now();
  });

  const run = () => dueAgain.run({ data: { campaignId }, signal });
  const putOff = (phone: string, next_at: number, more: object = {}) =>
    ({ phones: [phone], state: 'waiting', state_reason: 'TIME_BEFORE_OPEN', next_at, ...more }); // prettier-ignore
  const times = async (ids: readonly number[]) => {
    const rows: { id: number; next_at: number }[] = await app.db.knex('leads').whereIn('id', [...ids]).select('id', 'next_at'); // prettier-ignore
    return ids.map((id) => rows.find((row) => row.id === id)!.next_at);
  };
  /** Walks that wait, without those for who comes late. */
  const queued = async () => {
    const jobs: { data: string }[] = await app.db.knex('jobs').where({ name: dueAgainJob }).whereNotNull('dedupe_key'); // prettier-ignore
    return jobs.filter(({ data }) => !JSON.parse(data).laggards).length;
  };
  const rules = () => createRuleVersionStore(app);
  const earlier = (opens: string) => {
    const { form } = loadCatalogue().get('us.fed_tm')!;
    const days = Object.keys(form.windows).map((day) => [day, [[opens, '21:00']]]);
    return { ...form, windows: Object.fromEntries(days) as typeof form.windows };
  };

  it('are due when the gate lets them be called, and promised times stay', async () => {
    const later = now + 18 * hourMs;
    const ids = await addLeads(app, campaignId, [
      putOff('+12125550301', later),
      putOff('+12125550302', later, { state: 'callback', state_reason: 'DAY_PROHIBITED' }),
      putOff('+12125550303', later, { state_reason: 'busy' }),
      putOff('+12125550304', later, { state: 'callback', state_reason: 'callback' }),
      putOff('+12125550305', later, { state: 'blocked', state_reason: 'DNC_INTERNAL' }),
    ]);
    await run();
    assert.deepEqual(await times(ids), [now, now, later, later, later]);
  });

  it('fault: it is night where they are – they stay behind those who may be called, and no verdict is written', async () => {
    // 05:00 in Honolulu, where it opens at 08:00 and the campaign at 09:00.
    const opens = now + 4 * hourMs;
    const ids = await addLeads(app, campaignId, [
      putOff('+18085550311', opens),
      putOff('+18085550312', opens + hourMs),
    ]);
    const verdicts = async () => (await app.db.knex('gate_verdicts')).length;
    const before = await verdicts();
    await run();
    assert.deepEqual(
      await times(ids),
      [opens, opens],
      'each at the time that the gate names, and no earlier',
    );
    assert.equal(await verdicts(), before);
  });

  it('are not asked about again at a start after which nothing has changed, and once where it has', async () => {
    await dueAgain.apply(campaignId);
    await dueAgain.apply(campaignId);
    assert.equal(await queued(), 1, 'of one change one job waits');
    await app.db.knex('jobs').where({ name: dueAgainJob }).delete();
    await run();
    await dueAgain.apply(campaignId);
    assert.equal(await queued(), 0);
    const store = createCampaignStore(app);
    const { revision } = (await store.get(campaignId))!;
    await store.update(campaignId, revision, campaignDraft({ attemptsPerNumber: 9 }), now);
    await dueAgain.apply(campaignId);
    assert.equal(await queued(), 1);
    await app.db.knex('jobs').where({ name: dueAgainJob }).delete();
  });

  it('fault: rules come into force by the clock alone, and nobody is told – the next look finds that they hold', async () => {
    await run();
    // Closed until 11:00, decided by somebody else; the wider window holds in two hours.
    const by = { by: 1, at: now, note: 'for the test' };
    const version = (opens: string, effectiveAt: number) =>
      rules().add({ name: 'us.fed_tm', form: earlier(opens), loosens: false, effectiveAt, ...by });
    await version('14:00', now);
    await version('09:00', now + 2 * hourMs);
    await run();
    const closed = now + 4 * hourMs;
    const ids = await addLeads(app, campaignId, [putOff('+12125550321', closed)]);
    await dueAgain.look();
    assert.equal(await queued(), 0, 'the law is what it was');
    await app.clock.advance(2 * hourMs);
    await dueAgain.look();
    assert.equal(await queued(), 1);
    await app.db.knex('jobs').where({ name: dueAgainJob }).delete();
    await run();
    assert.deepEqual(await times(ids), [now + 2 * hourMs]);
  });

  it('a suspension is lifted, or another official list comes into force, and nobody is told – the next look finds it', async () => {
    const suspensions = createSuspensionStore(app);
    const given = { scope: 'all', target: '', everyone: true, reason: 'storm', endsAt: null } as const;
    const suspended = await suspensions.start(given, null, now);
    await run();
    const ids = await addLeads(app, campaignId, [
      putOff('+12125550341', now + 6 * hourMs, { state_reason: 'EMERGENCY_SUPPRESSION' }),
    ]);
    await dueAgain.look();
    assert.equal(await queued(), 0, 'all is as it was');
    await suspensions.lift(suspended, 'over', null, now);
    await dueAgain.look();
    assert.equal(await queued(), 1);
    await app.db.knex('jobs').where({ name: dueAgainJob }).delete();
    await run();
    assert.deepEqual(await times(ids), [now]);
    const list = { kind: 'national', country: 'US', name: 'NDNC', areas: '', scrubbed_on: '2026-11-22' };
    const row = {
      ...list,
      state: 'active',
      file_name: 'f',
      loaded_at: now,
      numbers: 0,
      taken: 0,
      refused: 0,
    };
    await app.db.knex('scrub_lists').insert(row);
    await dueAgain.look();
    assert.equal(await queued(), 1);
    await app.db.knex('jobs').where({ name: dueAgainJob }).delete();
    await app.db.knex('scrub_lists').delete();
  });

  it('fault: a dialer writes down what the gate said before a suspension was lifted, when all have been asked about – they are asked about once more, and none as one begins', async () => {
    await run();
    await app.db.knex('jobs').where({ name: dueAgainJob }).delete();
    const suspensions = createSuspensionStore(app);
    const given = { scope: 'all', target: '', everyone: true, reason: 'storm', endsAt: null } as const;
    const suspended = await suspensions.start(given, null, now);
    await dueAgain.look();
    assert.equal(await queued(), 0, 'one that begins opens nobody');
    await suspensions.lift(suspended, 'over', null, now);
    await run();
    const [late] = await addLeads(app, campaignId, [
      putOff('+12125550342', now + 6 * hourMs, { state_reason: 'EMERGENCY_SUPPRESSION' }),
    ]);
    const jobs: { data: string; run_at: number }[] = await app.db.knex('jobs').where({ name: dueAgainJob });
    assert.equal(jobs.length, 1);
    assert.ok(jobs[0]!.run_at > now, 'when a dialer has written what it was told before');
    await app.db.knex('jobs').where({ name: dueAgainJob }).delete();
    await dueAgain.run({ data: JSON.parse(jobs[0]!.data), signal });
    assert.deepEqual(await times([late!]), [now]);
    await dueAgain.look();
    assert.equal((await app.db.knex('jobs').where({ name: dueAgainJob })).length, 0, 'and then no more');
  });

  it('are asked about as soon as a suspension is lifted', async () => {
    const stop = dueAgain.listen();
    const suspensions = createSuspensionStore(app);
    const given = { scope: 'all', target: '', everyone: true, reason: 'storm', endsAt: null } as const;
    const suspended = await suspensions.start(given, null, now);
    await run();
    await suspensions.lift(suspended, 'over', null, now);
    for (let tries = 0; (await queued()) === 0 && tries < 100; tries++) await new Promise(setImmediate);
    assert.equal(await queued(), 1);
    stop();
    await app.db.knex('jobs').where({ name: dueAgainJob }).delete();
  });

  it('fault: the database does not answer the gate – nothing moves, and the next look asks again', async () => {
    const later = now + 5 * hourMs;
    const ids = await addLeads(app, campaignId, [putOff('+12125550331', later)]);
    const facts = { of: () => Promise.reject(new Error('gone')) };
    const cut = createDueAgain(app, createGate(app, { dry: true, facts }));
    await assert.rejects(cut.run({ data: { campaignId }, signal }), /asked about again later/);
    assert.deepEqual(await times(ids), [later]);
    await dueAgain.look();
    assert.equal(await queued(), 1);
    await app.db.knex('jobs').where({ name: dueAgainJob }).delete();
  });

  it('nobody is told of rules or calendars that were refused: they changed nothing', async () => {
    const told: string[] = [];
    const stops = ['rules.changed', 'calendars.changed'].map((topic) =>
      app.bus.subscribe(topic, () => void told.push(topic)),
    );
    const asked = { by: 1, at: now, note: 'for the test', loosens: true };
    const decided = { by: 2, at: now, note: 'for the test' };
    const calendars = createCalendarStore(app);
    for (const to of ['refused', 'approved'] as const) {
      const law = await rules().add({
        name: 'us.fed_tm',
        form: earlier('08:00'),
        effectiveAt: now,
        ...asked,
      });
      assert.equal(await rules().decide(law.id, to, decided), 'done');
      const days = [{ date: to === 'refused' ? '2027-01-04' : '2027-01-05', kind: 'holiday', name: 'Feast' }] as const; // prettier-ignore
      const day = await calendars.add({ calendar: 'us', days: [...days] as never, ...asked });
      assert.equal(await calendars.decide(day.id, to, decided), 'done');
      if (to === 'refused') assert.deepEqual(told, []);
    }
    assert.deepEqual(told, ['rules.changed', 'calendars.changed']);
    stops.forEach((stop) => stop());
  });
});
