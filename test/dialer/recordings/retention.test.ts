import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { before, beforeEach, it } from 'mocha';
import { createHoldStore } from '../../../dialer/recordings/holds/hold-store.ts';
import { fillMissingFacts } from '../../../dialer/recordings/missing-facts.ts';
import { createRecordingFolder } from '../../../dialer/recordings/recording-folder.ts';
import { createRetention } from '../../../dialer/recordings/retention/retention-job.ts';
import { createRetentionStore, newRound } from '../../../dialer/recordings/retention/retention-store.ts';
import { peaksPath } from '../../../dialer/recordings/sound/peaks.ts';
import { onBothEngines } from '../../campaigns/engines.ts';

const dayMs = 86_400_000;
const days = (count: number) => count * dayMs;
/** As a disk that is read-only says it. */
const readOnly = () => Promise.reject(Object.assign(new Error('read-only file system'), { code: 'EROFS' }));
const run = { signal: new AbortController().signal };

onBothEngines('sound past its time', (app) => {
  let store: ReturnType<typeof createRetentionStore>;
  let holds: ReturnType<typeof createHoldStore>;
  const by = { userId: 1, at: 5, reason: 'case 12' };

  before(() => {
    store = createRetentionStore(app());
    holds = createHoldStore(app());
  });
  beforeEach(async () => {
    const { knex } = app().db;
    for (const table of ['recordings', 'legal_holds', 'audit_log', 'quality_reviews'])
      await knex(table).delete();
    await knex('retention_rules').whereNot({ campaign_id: 0 }).delete();
    await knex('retention_rules').update({ days: null, revision: 0 });
  });

  async function add(name: string, age: number, of: object = {}): Promise<number> {
    const path = `recordings/${name}.wav`;
    const file = join(app().config.dataDir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'sound');
    writeFileSync(peaksPath(file), 'form');
    return app().db.insertId('recordings', {
      ...{ call_id: name, name, state: 'stored', path, started_at: app().clock.now() - age, ...of },
    });
  }
  const there = (name: string) => existsSync(join(app().config.dataDir, `recordings/${name}.wav`));
  const stateOf = async (id: number) =>
    (await app().db.knex('recordings').where({ id }).first()).state as string;
  const deletions = () => app().db.knex('audit_log').where({ action: 'recording.deleted' });
  async function rule(campaignId: number, keptDays: number | null | undefined): Promise<void> {
    const revision = (await store.rules()).find((one) => one.campaignId === campaignId)?.revision ?? -1;
    assert.ok(await store.save(campaignId, keptDays, revision, { userId: 1, at: 1 }));
  }

  it('is kept for ever until somebody makes a rule; then as long as the campaign’s own rule or the default says', async () => {
    const old = await add('old', days(40), { campaign_id: 1 });
    const longer = await add('longer', days(40), { campaign_id: 2 });
    const outside = await add('outside', days(31));
    const young = await add('young', days(29));
    await createRetention(app()).run(run);
    assert.equal(await stateOf(old), 'stored');
    await rule(0, 30);
    await rule(2, 90);
    await createRetention(app()).run(run);
    const states = await Promise.all([old, longer, outside, young].map(stateOf));
    assert.deepEqual(states, ['deleted', 'stored', 'deleted', 'stored']);
    assert.ok(!there('old') && !there('outside') && there('longer') && there('young'));
    assert.ok(!existsSync(peaksPath(join(app().config.dataDir, 'recordings/old.wav'))));
    assert.deepEqual(
      (await deletions()).map(({ entity_id }) => Number(entity_id)).sort(),
      [old, outside].sort(),
    );
    const row = await app().db.knex('recordings').where({ id: old }).first();
    assert.equal(Number(row.deleted_at), app().clock.now(), 'the row stays and says when');
  });

  it('is passed over where it is held: itself, its customer or its campaign; and goes once all holds are released', async () => {
    await rule(0, 30);
    const held = [
      await add('itself', days(40)),
      await add('customer', days(40), { customer_id: await customer() }),
      await add('campaign', days(40), { campaign_id: await campaign() }),
    ];
    const [itself, ofCustomer, ofCampaign] = held as [number, number, number];
    const of = async (id: number) => app().db.knex('recordings').where({ id }).first();
    await holds.place({ subject: 'recording', subjectId: itself }, by);
    await holds.place({ subject: 'customer', subjectId: (await of(ofCustomer)).customer_id }, by);
    await holds.place({ subject: 'campaign', subjectId: (await of(ofCampaign)).campaign_id }, by);
    await holds.place({ subject: 'recording', subjectId: ofCampaign }, by);
    const counted = await store.counts((await store.rules())[0]!, await store.rules(), app().clock.now());
    assert.deepEqual([counted.due, counted.held, counted.kept], [0, 3, 3]);
    await createRetention(app()).run(run);
    assert.deepEqual(await Promise.all(held.map(stateOf)), ['stored', 'stored', 'stored']);
    const { rows } = await holds.list('active', { limit: 9, offset: 0 });
    const released = rows.filter(({ subject }) => subject !== 'recording');
    for (const { id } of released) assert.ok(await holds.release(id, by));
    assert.equal(await holds.release(released[0]!.id, by), false, 'of two who release it one does');
    await createRetention(app()).run(run);
    assert.deepEqual(
      await Promise.all(held.map(stateOf)),
      ['stored', 'deleted', 'stored'],
      'two holds, one released',
    );
    const audited = await app()
      .db.knex('audit_log')
      .whereIn('action', ['legal-hold.placed', 'legal-hold.released']);
    assert.equal(audited.length, 6);
  });

  it('is passed over while somebody has still to score it or to settle a dispute about it, and goes once that has ended', async () => {
    await rule(0, 30);
    const reviewOf = async (state: string, of: object = {}) => {
      const id = await add(`review-${state}`, days(40));
      const given = { agent_id: 1, reviewer_id: 2, version_id: 1, answers: '{}', created_at: 1, week: 'w' };
      await app()
        .db.knex('quality_reviews')
        .insert({ recording_id: id, state, once: state, ...given, ...of });
      return id;
    };
    const open = [await reviewOf('assigned'), await reviewOf('disputed')];
    const ended = [await reviewOf('scored'), await reviewOf('withdrawn')];
    const counted = await store.counts((await store.rules())[0]!, await store.rules(), app().clock.now());
    assert.deepEqual([counted.due, counted.held], [2, 2]);
    await createRetention(app()).run(run);
    assert.deepEqual(await Promise.all(open.map(stateOf)), ['stored', 'stored']);
    assert.deepEqual(await Promise.all(ended.map(stateOf)), ['deleted', 'deleted']);
    await app().db.knex('quality_reviews').update({ state: 'settled' });
    await createRetention(app()).run(run);
    assert.deepEqual(await Promise.all(open.map(stateOf)), ['deleted', 'deleted']);
  });

  it('fault: the file has gone already – the row says deleted, and is not lost', async () => {
    await rule(0, 1);
    const id = await add('gone', days(2));
    rmSync(join(app().config.dataDir, 'recordings/gone.wav'));
    await createRetention(app()).run(run);
    assert.equal(await stateOf(id), 'deleted');
  });

  it('fault: the share with the recordings is not mounted – no row says deleted, and the page can say why', async () => {
    await rule(0, 1);
    const ids = [await add('far', days(2)), await add('away', days(2))];
    const folder = join(app().config.dataDir, 'recordings');
    await createRetention(app()).run({ signal: AbortSignal.abort() });
    const unmount = () => (renameSync(folder, `${folder}-share`), mkdirSync(folder));
    const mount = () => (rmSync(folder, { recursive: true }), renameSync(`${folder}-share`, folder));
    unmount();
    await createRetention(app()).run(run);
    assert.deepEqual(await Promise.all(ids.map(stateOf)), ['stored', 'stored']);
    assert.equal(await createRecordingFolder(app()).isThere(), false);
    mount();
    await createRetention(app(), (file) => {
      if (existsSync(folder) && !existsSync(`${folder}-share`)) unmount();
      return unlink(file);
    }).run(run);
    assert.deepEqual(await Promise.all(ids.map(stateOf)), ['stored', 'stored'], 'lost in the middle of it');
    assert.equal((await store.failures()).count, 2);
    assert.equal((await deletions()).length, 0);
    mount();
    await app().clock.advance(1_000);
    await createRetention(app()).run(run);
    assert.deepEqual(await Promise.all(ids.map(stateOf)), ['deleted', 'deleted']);
    unmount();
    await add('lost', days(2));
    rmSync(join(folder, 'lost.wav'));
    assert.equal(await createRecordingFolder(app()).isThere(), false);
    await createRecordingFolder(app()).accept();
    await createRetention(app()).run(run);
    assert.equal((await deletions()).length, 3, 'an administrator has said that they are lost');
    rmSync(`${folder}-share`, { recursive: true });
  });

  it('fault: the disk is read-only – all stays, the page can say why, and the next run tries again', async () => {
    await rule(0, 1);
    const ids = [await add('one', days(2)), await add('two', days(2))];
    await createRetention(app(), readOnly).run(run);
    assert.deepEqual(await Promise.all(ids.map(stateOf)), ['stored', 'stored']);
    assert.deepEqual(await store.failures(), { count: 2, error: 'EROFS' });
    assert.equal((await deletions()).length, 0);
    await app().clock.advance(1_000);
    await createRetention(app()).run(run);
    assert.deepEqual(await Promise.all(ids.map(stateOf)), ['deleted', 'deleted']);
    assert.equal((await store.failures()).count, 0);
  });

  it('fault: the process is killed between the file and its row – the next run ends what it began', async () => {
    await rule(0, 1);
    const id = await add('half', days(2));
    const [taken] = await store.take(20, app().clock.now(), app().clock.now(), newRound());
    await rm(join(app().config.dataDir, taken!.path!));
    assert.equal(await stateOf(id), 'deleting');
    await createRetention(app()).run(run);
    assert.equal(await stateOf(id), 'deleted');
    assert.equal((await deletions()).length, 1);
  });

  it('fault: two processes delete at the same time – each row is deleted once, and none is lost', async () => {
    await rule(0, 1);
    const ids: number[] = [];
    for (let n = 0; n < 50; n++) ids.push(await add(`n${n}`, days(2)));
    await Promise.all([createRetention(app()).run(run), createRetention(app()).run(run)]);
    await createRetention(app()).run(run);
    assert.deepEqual(new Set(await Promise.all(ids.map(stateOf))), new Set(['deleted']));
    assert.equal((await deletions()).length, 50);
  });

  it('is looked for once in a run: what is held is not read again for each batch', async () => {
    await rule(0, 1);
    const rows = Array.from({ length: 1_100 }, (_, n) => ({
      ...{ call_id: `h${n}`, name: `h${n}`, state: 'stored', path: `recordings/h${n}.wav` },
      ...{ customer_id: 77, started_at: app().clock.now() - days(9) + Math.floor(n / 3) },
    }));
    await app().db.insertMany('recordings', rows);
    const ids: number[] = [];
    for (let n = 0; n < 45; n++) ids.push(await add(`d${n}`, days(2)));
    await app()
      .db.knex('legal_holds')
      .insert({ subject: 'customer', subject_id: 77, reason: 'x', placed_at: 1 });
    const asked: string[] = [];
    const see = ({ sql, bindings }: { sql: string; bindings: unknown[] }) => {
      if (/^select .recordings.\..id.*limit/.test(sql)) asked.push(`${sql} ${bindings.join()}`);
    };
    app().db.knex.on('query', see);
    await createRetention(app()).run(run);
    app().db.knex.removeListener('query', see);
    assert.deepEqual(new Set(await Promise.all(ids.map(stateOf))), new Set(['deleted']));
    assert.equal((await app().db.knex('recordings').where({ state: 'stored' })).length, 1_100);
    assert.ok(asked.length >= 4, `${asked.length} windows`);
    assert.equal(new Set(asked).size, asked.length, 'none asks what another has asked');
  });

  it('fault: a dialer of an earlier version writes no campaign beside it – it is kept as its campaign says, and found by what came of its call', async () => {
    await rule(0, 1);
    await rule(5, 90);
    const id = await add('older', days(2));
    const young = await add('younger', 0);
    const call = { direction: 'out', path: 'power', campaign_id: 5, user_id: 4, e164: '+14155550101' };
    const { knex } = app().db;
    const settled = { state: 'ended', outcome: 'answered', disposition_id: 3, wrapped_up_at: 9, ended_at: 8 };
    await knex('calls').insert({ ...call, id: 'older', created_at: 1, ...settled });
    await knex('calls').insert({ ...call, id: 'younger', created_at: 1, state: 'connected' });
    await createRetention(app()).run(run);
    const row = (which: number) => knex('recordings').where({ id: which }).first();
    assert.equal(await stateOf(id), 'stored');
    assert.deepEqual(await pick(row(id)), [5, 4, '+14155550101', 'answered', 3]);
    assert.deepEqual(await pick(row(young)), [5, 4, null, null, null], 'more comes of a call that goes on');
    await knex('calls').where({ id: 'younger' }).update(settled);
    await fillMissingFacts(app());
    assert.deepEqual(await pick(row(young)), [5, 4, '+14155550101', 'answered', 3]);
    await knex('calls').whereIn('id', ['older', 'younger']).delete();
  });
  const pick = async (row: Promise<Record<string, unknown>>) =>
    Object.values(await row.then(({ campaign_id, user_id, e164, outcome, disposition_id }) => ({ campaign_id, user_id, e164, outcome, disposition_id }))); // prettier-ignore

  it('fault: a hold is placed on what is just being deleted – it is refused, and nobody believes it kept', async () => {
    await rule(0, 1);
    const id = await add('late', days(2));
    await store.take(20, app().clock.now(), app().clock.now(), newRound());
    assert.equal(await holds.place({ subject: 'recording', subjectId: id }, by), 'gone');
    assert.equal(await holds.place({ subject: 'recording', subjectId: 99_999 }, by), 'unknown');
  });

  it('keeps the rule of whoever was first, where two change it', async () => {
    assert.ok(await store.save(0, 30, 0, { userId: 1, at: 1 }));
    assert.equal(await store.save(0, 1, 0, { userId: 2, at: 2 }), false);
    assert.equal((await store.rules())[0]!.days, 30);
    const [line] = await app().db.knex('audit_log').where({ action: 'retention.changed' });
    assert.deepEqual(
      [JSON.parse(line.before), JSON.parse(line.after)],
      [{ keptDays: 'forever' }, { keptDays: 30 }],
    );
  });

  const customer = () => app().db.insertId('customers', { name: 'Ann', created_at: 0, updated_at: 0 });
  async function campaign(): Promise<number> {
    const { createCampaignStore, defaultCampaign } = await import('../../../campaigns/index.ts');
    const draft = {
      ...defaultCampaign,
      name: `C${Math.random()}`,
      trunkIds: [],
      agentIds: [],
      dispositionIds: [],
    };
    return createCampaignStore(app()).create(draft, { userId: null, now: 0 });
  }
});
