import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, it } from 'mocha';
import {
  createGate,
  createScrubMemory,
  createScrubStore,
  type Gate,
} from '../../../campaigns/compliance/index.ts';
import { createScrubLoader, loadScrubJob, type ScrubLoad } from '../../../campaigns/compliance/scrubs/load-scrub.ts'; // prettier-ignore
import type { NewScrubList } from '../../../campaigns/compliance/scrubs/scrub-list.ts';
import { createScrubProposals } from '../../../campaigns/compliance/scrubs/scrub-proposal-store.ts';
import { createScrubRetirements } from '../../../campaigns/compliance/scrubs/scrub-retirement-store.ts';
import { createWantedLoads } from '../../../campaigns/compliance/scrubs/wanted-loads.ts';
import { up as markMisread } from '../../../migrations/0239-scrub-lists-misread-mark.ts';
import type { TestApp } from '../../support/app.ts';

const dayMs = 86_400_000;

/** Loads a list as its job does; changes are of the list that they are to. */
export function listLoader(appOf: () => TestApp) {
  return async (given: Partial<NewScrubList>, text: string, changesOf: number | null = null) => {
    const app = appOf();
    const store = createScrubStore(app);
    const base = changesOf === null ? null : await store.get(changesOf);
    const usual = { kind: 'national' as const, country: 'US', name: 'National registry', areas: [] };
    const of = base ? { kind: base.kind, country: base.country, name: base.name, areas: base.areas } : usual;
    const day = { scrubbedOn: '2026-11-20', loadedBy: 1, fileName: 'list.txt' };
    const listId = await store.create({ ...of, ...day, changesOf, ...given }, app.clock.now());
    mkdirSync(join(app.config.dataDir, 'imports'), { recursive: true });
    const filePath = join('imports', `${listId}.txt`);
    writeFileSync(join(app.config.dataDir, filePath), text);
    await run(app, { listId, filePath, changesOf });
    return listId;
  };
}

const run = (app: TestApp, load: ScrubLoad) =>
  createScrubLoader(app).load(load, { signal: new AbortController().signal, progress: async () => {} });

/** What the gate knows of official lists; part of the suite that has the database. */
export function officialLists(appOf: () => TestApp, campaignOf: () => number): void {
  const loadList = listLoader(appOf);
  let app: TestApp;
  let gate: Gate;
  before(() => {
    app = appOf();
    gate = createGate(app);
  });
  const now = () => app.clock.now();
  const ask = (e164: string) =>
    ({ e164, stage: 'dial', path: 'progressive', campaignId: campaignOf() }) as const;
  const reason = async (e164: string) => (await gate.mayCall(ask(e164))).reasonCode;
  const stateOf = async (id: number) => (await createScrubStore(app).get(id))?.state;

  it('fault: a load is stopped or fails: nothing stays of its file; at the end of the process it does', async () => {
    const store = createScrubStore(app);
    mkdirSync(join(app.config.dataDir, 'imports'), { recursive: true });
    const begin = async (signal: AbortSignal, progress: () => Promise<void>) => {
      const given = { kind: 'national' as const, country: 'US', name: 'R', areas: [], fileName: 'l.txt' };
      const listId = await store.create({ ...given, scrubbedOn: '2026-11-20', loadedBy: null }, now());
      const filePath = join('imports', `${listId}.upload`);
      writeFileSync(join(app.config.dataDir, filePath), '2125550188\n');
      const load = () =>
        createScrubLoader(app).load({ listId, filePath, changesOf: null }, { signal, progress });
      return { listId, load, there: () => existsSync(join(app.config.dataDir, filePath)) };
    };
    const gone = AbortSignal.abort(new Error('cancelled'));
    const failing = await begin(new AbortController().signal, () => Promise.reject(new Error('queue away')));
    await assert.rejects(failing.load(), /queue away/);
    assert.ok(!failing.there());
    const ended = await begin(gone, async () => {});
    await assert.rejects(ended.load());
    assert.deepEqual([ended.there(), (await store.get(ended.listId))!.state], [true, 'loading']);
    await store.fail(ended.listId, 'stopped', now());
    await ended.load();
    assert.ok(!ended.there());
  });

  it('a list of a country whose numbers stand among those of a larger one is met', async () => {
    await loadList({ country: 'KZ', name: 'Kazakh list' }, '+77011234567\n');
    await loadList({ country: 'GG', name: 'Guernsey list', scrubbedOn: '2020-01-01' }, '+441481256789\n');
    const warm = createGate(app, { scrubs: createScrubMemory(app) });
    for (const asked of [gate, warm]) {
      const code = async (e164: string) => (await asked.mayCall(ask(e164))).reasonCode;
      assert.equal(await code('+77011234567'), 'DNC_NATIONAL');
      assert.equal(await code('+441481256789'), 'DNC_NATIONAL');
      // They say nothing of who lives elsewhere under that code, nor how old they are.
      for (const e164 of ['+79161234567', '+442079460190'])
        assert.doesNotMatch(await code(e164), /^DNC_/, e164);
    }
  });

  it('a national list counts from the moment it is loaded, by area and age', async () => {
    const memory = createScrubMemory(app);
    const warm = createGate(app, { scrubs: memory });
    const both = async (e164: string) => {
      const answers = [await reason(e164), (await warm.mayCall(ask(e164))).reasonCode];
      assert.equal(answers[0], answers[1], 'memory and database agree');
      return answers[0];
    };
    assert.equal(await both('+14165550100'), 'OK', 'no list speaks of Canada');
    const more = Array.from({ length: 40 }, (_, n) => `41655502${String(n).padStart(2, '0')}`).join('\n');
    const text = `number\n416,5550100\n(416) 555-0101\n+14165550102\nnobody\n${more}\n`;
    const listId = await loadList({ country: 'CA', name: 'Canada', areas: ['+1416'] }, text);
    assert.equal(await both('+14165550100'), 'DNC_NATIONAL');
    assert.equal(await both('+14165550103'), 'OK');
    assert.equal(await both('+16045550100'), 'DNC_SCRUB_STALE', 'an area the list does not speak of');
    await memory.refresh();
    assert.ok(memory.bytes > 0);
    assert.equal(await both('+14165550102'), 'DNC_NATIONAL');
    const list = await createScrubStore(app).get(listId);
    assert.deepEqual([list?.state, list?.numbers, list?.refused], ['active', 43, 1]);

    // A list of changes takes effect in memory without being told.
    const lines = '416,5550100,2026-11-22,D\n416,5550103,2026-11-22,A\n';
    const changed = await loadList({ scrubbedOn: '2026-11-22' }, lines, listId);
    assert.deepEqual([await stateOf(listId), await stateOf(changed)], ['retired', 'active']);
    assert.equal(await both('+14165550100'), 'OK');
    assert.equal(await both('+14165550103'), 'DNC_NATIONAL');

    // Of two files of changes to one list the second is of what the first has made of it.
    const second = await loadList({ scrubbedOn: '2026-11-22' }, '416,5550104,2026-11-22,A\n', listId);
    assert.deepEqual([await both('+14165550103'), await both('+14165550104')], ['DNC_NATIONAL', 'DNC_NATIONAL']); // prettier-ignore

    const whole = { country: 'CA', name: 'Canada', areas: ['+1416'], scrubbedOn: '2026-10-22' };
    const newer = await loadList(whole, `${more}\n4165550199\n`);
    assert.equal(await stateOf(second), 'retired');
    assert.equal(await both('+14165550102'), 'DNC_SCRUB_STALE', '32 days old');
    await createScrubStore(app).retire(newer, now());
    assert.equal(await both('+14165550199'), 'OK');
    await assert.rejects(loadList({ scrubbedOn: '2026-11-22' }, lines, listId), /not in force/);
    memory.close();
  });

  it('fault: the database refuses the last page of changes – the list stays as it was, to the last number', async () => {
    const store = createScrubStore(app);
    const listId = await loadList({ country: 'FR', name: 'Bloctel' }, '+33142000000\n');
    const before = await store.get(listId);
    // Pages of 65,536 numbers: more than are written at once.
    const changes = Array.from({ length: 260 }, (_, page) => `+33${150_000_000 + page * 65_536}`);
    const last = Math.floor(Number(changes.at(-1)!.slice(1)) / 65_536);
    const isSqlite = app.db.engine === 'sqlite';
    await app.db.knex.raw(
      `create trigger refused before insert on scrub_pages for each row ${
        isSqlite
          ? `when new.head >= ${last} begin select raise(abort, 'disk is full'); end`
          : `begin if new.head >= ${last} then signal sqlstate '45000' set message_text = 'disk is full'; end if; end`
      }`,
    );
    try {
      const newer = { scrubbedOn: '2026-11-22' };
      await assert.rejects(loadList(newer, changes.join('\n'), listId), /disk is full/);
    } finally {
      await app.db.knex.raw('drop trigger refused');
    }
    assert.deepEqual(await store.get(listId), before);
    assert.equal(await store.count(listId), 1);
    assert.notEqual(await reason(changes[0]!), 'DNC_NATIONAL');
  });

  it('fault: a list of numbers given back was read when numbers were mistaken – it does not count as compared', async () => {
    const store = createScrubStore(app);
    const id = await loadList(
      { kind: 'reassigned', country: 'IT', name: 'Restituiti' },
      '3921234567,2026-11-01\n',
    );
    assert.notEqual(await reason('+393921234568'), 'DNC_SCRUB_STALE');
    await markMisread(app.db.knex);
    assert.equal((await store.get(id))?.misread, true);
    assert.equal(await reason('+393921234568'), 'DNC_SCRUB_STALE');
    await store.retire(id, now());
  });

  it('fault: a list was read when numbers were mistaken – it does not count as compared, and none is made from it', async () => {
    const store = createScrubStore(app);
    const list = { country: 'IT', name: 'Registro' };
    const old = await loadList(list, '3921234567\n');
    assert.equal(await reason('+393921234567'), 'DNC_NATIONAL');
    const other = await loadList({ country: 'FR', name: 'Other' }, '+33142000009\n');
    await markMisread(app.db.knex);
    assert.deepEqual([(await store.get(old))?.misread, (await store.get(other))?.misread], [true, false]);
    await store.retire(other, now());
    assert.equal(await reason('+393921234568'), 'DNC_SCRUB_STALE');
    const memory = createScrubMemory(app);
    const [facts] = await memory.lookUp(['+393921234568']);
    memory.close();
    assert.equal(facts?.uncovered, true);
    const changes = await store.get(await loadList({}, '3921234569,A\n', old));
    assert.deepEqual([changes?.state, changes?.failure], ['failed', 'misread']);
    const anew = await loadList(list, '3921234567\n');
    assert.deepEqual([await stateOf(old), await stateOf(anew)], ['retired', 'active']);
    assert.notEqual(await reason('+393921234568'), 'DNC_SCRUB_STALE');
    const back = await store.get(await putBack(old));
    assert.deepEqual([back?.state, back?.failure], ['failed', 'misread']);
    await store.retire(anew, now());
  });

  it('a file without numbers leaves the list in force', async () => {
    const store = createScrubStore(app);
    const kept = await loadList({ country: 'GB', name: 'TPS' }, '+447700900191\n');
    const empty = await loadList({ country: 'GB', name: 'TPS' }, 'nothing\nhere\n');
    assert.deepEqual([(await store.get(kept))?.state, (await store.get(empty))?.state], ['active', 'failed']);
    assert.equal(await reason('+447700900191'), 'DNC_NATIONAL');
  });

  it('a list that would take numbers away waits for somebody else: a cut or wrong file, changes taken for a whole list', async () => {
    const [store, proposals] = [createScrubStore(app), createScrubProposals(app)];
    const numbers = Array.from({ length: 40 }, (_, n) => `0312345${String(n).padStart(3, '0')}`);
    const list = { country: 'AU', name: 'Register' };
    const whole = await loadList(list, numbers.join('\n'));
    const doubts = async (id: number) =>
      (await proposals.ofLists([id])).get(id)?.doubts.map(({ code }) => code);
    const wrong = numbers.map((number) => number.replace('0312', '0399')).join('\n');
    const daily = `${numbers.join('\n')}\n0399345001,A\n0312345001,D\n`;
    const broken = `${numbers.join('\n')}\n${'#REF!\n'.repeat(30)}`;
    const many = numbers.slice(0, 9).map((number) => `${number},D`);
    const changes = await loadList({}, many.join('\n'), whole);
    assert.deepEqual([await stateOf(changes), await doubts(changes)], ['proposed', ['fewer']]);
    // Those of the next day would leave out for good what waits.
    const next = await loadList({ scrubbedOn: '2026-11-21' }, '0312349999,A\n', whole);
    const failed = await store.get(next);
    assert.deepEqual([failed?.state, failed?.failure, await stateOf(whole)], ['failed', 'list-waits', 'active']); // prettier-ignore
    const waiting: number[] = [];
    for (const [text, why] of [
      [numbers.slice(0, 30).join('\n'), ['fewer']],
      [wrong, ['fewer']],
      [daily, ['removals']],
      [broken, ['refused']],
    ] as const) {
      const id = await loadList(list, text);
      assert.deepEqual(
        [await stateOf(id), await doubts(id), await stateOf(whole)],
        ['proposed', why, 'active'],
      );
      waiting.push(id);
    }
    assert.equal(await reason('+61312345000'), 'DNC_NATIONAL', 'the old one holds');

    const decide = async (listId: number, to: 'approved' | 'refused', by: number) => {
      const { id } = (await proposals.ofLists([listId])).get(listId)!;
      return proposals.decide({ id, to, by, at: now(), note: 'looked at it' });
    };
    assert.equal(await decide(changes, 'approved', 1), 'own-proposal');
    assert.equal(await decide(waiting[1]!, 'refused', 2), 'done');
    const raced = await Promise.all([decide(changes, 'approved', 2), decide(changes, 'approved', 3)]);
    assert.deepEqual(raced.sort(), ['decided-before', 'done']);
    assert.deepEqual([await stateOf(whole), await stateOf(changes)], ['retired', 'active']);
    assert.equal(await stateOf(waiting[1]!), 'refused');
    assert.notEqual(await reason('+61312345000'), 'DNC_NATIONAL');
    assert.equal(await decide(waiting[0]!, 'approved', 2), 'changed-since');

    // What comes back has more numbers: nobody else has to say so.
    const again = await store.create({ ...(await store.get(whole))!, loadedBy: 2 }, now());
    await run(app, { listId: again, filePath: null, changesOf: null, putBack: whole });
    assert.deepEqual([await stateOf(again), await store.count(again)], ['active', 40]);
    assert.equal(await reason('+61312345000'), 'DNC_NATIONAL');
    const fewer = await store.create({ ...(await store.get(changes))!, loadedBy: 2 }, now());
    await run(app, { listId: fewer, filePath: null, changesOf: null, putBack: changes });
    assert.equal(await stateOf(fewer), 'proposed');
  });

  const doubtsOf = async (id: number) =>
    (await createScrubProposals(app).ofLists([id])).get(id)?.doubts.map(({ code }) => code);
  const fortyOf = (head: string) =>
    Array.from({ length: 40 }, (_, n) => `${head}${String(n).padStart(3, '0')}`);
  const putBack = async (listId: number) => {
    const store = createScrubStore(app);
    const back = await store.create({ ...(await store.get(listId))!, loadedBy: 1, changesOf: listId }, now());
    await run(app, { listId: back, filePath: null, changesOf: null, putBack: listId });
    return back;
  };

  it('fault: the next edition is said to speak of more than the one in force – it waits, and nobody counts as compared by it', async () => {
    const list = { country: 'NZ', name: 'Register', areas: ['+649', '+647'] };
    const numbers = fortyOf('+6493000').join('\n');
    const first = await loadList(list, numbers);
    assert.equal(await reason('+6443000001'), 'DNC_SCRUB_STALE', 'an area that it does not speak of');
    const [empty, other] = [await loadList({ ...list, areas: [] }, numbers), await loadList({ ...list, areas: ['+649', '+644'] }, numbers)]; // prettier-ignore
    assert.deepEqual([await stateOf(empty), await doubtsOf(empty)], ['proposed', ['wholeCountry']]);
    assert.deepEqual([await stateOf(other), await doubtsOf(other)], ['proposed', ['wider']]);
    assert.equal(await stateOf(first), 'active');
    assert.equal(await reason('+6443000001'), 'DNC_SCRUB_STALE');
    assert.equal(await stateOf(await loadList({ ...list, areas: ['+649'] }, numbers)), 'active');
  });

  it('fault: changes take a few numbers each, again and again – they are counted together until two have agreed', async () => {
    const numbers = fortyOf('+6563000');
    const whole = await loadList({ country: 'SG', name: 'Register' }, numbers.join('\n'));
    const less = (from: number) =>
      loadList({}, numbers.slice(from, from + 3).map((number) => `${number},D`).join('\n'), whole); // prettier-ignore
    const [first, second] = [await less(0), await less(3)];
    assert.deepEqual([await stateOf(first), await stateOf(second)], ['active', 'proposed']);
    const proposals = createScrubProposals(app);
    const [, proposal] = [...(await proposals.ofLists([second])).entries()][0]!;
    assert.deepEqual(proposal.doubts, [{ code: 'fewer', kept: 34, before: 40 }]);
    const decision = { id: proposal.id, to: 'approved', by: 2, at: now(), note: 'looked' } as const;
    assert.equal(await proposals.decide(decision), 'done');
    assert.equal(await stateOf(await less(6)), 'active', 'counted anew from what two have agreed on');
  });

  it('fault: one manager alone would be rid of a list – neither retiring it, nor a short one after it, nor putting a wrong one back does it', async () => {
    const [store, retirements] = [createScrubStore(app), createScrubRetirements(app)];
    const list = { country: 'JP', name: 'Register' };
    const [numbers, wrong] = [fortyOf('+8133000'), fortyOf('+8134000')];
    const first = await loadList(list, numbers.join('\n'));
    const propose = (by: number) =>
      retirements.propose({ listId: first, reason: 'not needed' }, { by, at: now() });
    assert.deepEqual([await propose(1), await propose(3)], [true, false], 'asked once');
    const { id } = (await retirements.waiting()).get(first)!;
    const decide = (by: number) => retirements.decide({ id, to: 'approved', by, at: now(), note: 'looked' });
    assert.equal(await decide(1), 'own-proposal');
    assert.equal(await stateOf(first), 'active');
    const raced = await Promise.all([decide(2), decide(3)]);
    assert.deepEqual(raced.sort(), ['decided-before', 'done']);
    assert.equal(await stateOf(first), 'retired');
    assert.equal((await retirements.waiting()).size, 0);
    const short = await loadList(list, numbers.slice(0, 5).join('\n'));
    assert.deepEqual([await stateOf(short), await doubtsOf(short)], ['proposed', ['fewer']]);
    // Long after, when only its size is known.
    await store.dropPages(first);
    const later = await loadList(list, numbers.slice(0, 5).join('\n'));
    assert.equal(await stateOf(later), 'proposed');

    const bad = await loadList({ ...list, name: 'Wrong' }, wrong.join('\n'));
    const right = await loadList({ ...list, name: 'Wrong' }, numbers.join('\n'));
    const [proposal] = [...(await createScrubProposals(app).ofLists([right])).values()];
    assert.equal(await createScrubProposals(app).decide({ id: proposal!.id, to: 'approved', by: 2, at: now(), note: 'looked' }), 'done'); // prettier-ignore
    const back = await putBack(bad);
    assert.deepEqual([await stateOf(back), await doubtsOf(back), await stateOf(right)], ['proposed', ['fewer'], 'active']); // prettier-ignore
  });

  it('of two registers that speak of a number each has to be fresh', async () => {
    const store = createScrubStore(app);
    const e164 = '+12505550131';
    const old = await loadList({ country: 'CA', name: 'Old', areas: ['+1250'], scrubbedOn: '2026-10-20' }, '2505550130\n'); // prettier-ignore
    const fresh = await loadList({ country: 'CA', name: 'Fresh', areas: ['+1250'], scrubbedOn: '2026-11-22' }, '2505550139\n'); // prettier-ignore
    assert.equal(await reason(e164), 'DNC_SCRUB_STALE', '34 days old');
    await store.retire(old, now());
    assert.notEqual(await reason(e164), 'DNC_SCRUB_STALE');
    await store.retire(fresh, now());
  });

  it('what somebody may still have to decide on is among the lists, however many came after it', async () => {
    const store = createScrubStore(app);
    const standing = await loadList({ country: 'ES', name: 'Lista Robinson' }, '+34910000001\n');
    for (let n = 0; n < 3; n++) await loadList({ country: 'ES', name: 'Otra' }, 'nothing\n');
    const shown = await store.list(2);
    assert.ok(shown.some(({ id }) => id === standing));
    assert.ok(shown.every(({ id, state }, index) => index < 2 || state === 'active' || state === 'proposed' || !id)); // prettier-ignore
  });

  it('fault: the queue takes no load, forgets it, or gives it up – it is begun again, and ends when that happens again and again', async () => {
    const store = createScrubStore(app);
    const loads = createWantedLoads(app);
    const jobsAway = { ...app.jobs, add: () => Promise.reject(new Error('queue away')) };
    const queued = async () =>
      (await app.db.knex('jobs').where({ name: loadScrubJob })).map(({ data }) => JSON.parse(data as string) as ScrubLoad).sort((a, b) => a.listId - b.listId); // prettier-ignore
    const lose = () => app.db.knex('jobs').where({ name: loadScrubJob }).delete();
    const begin = async (change: Partial<NewScrubList> = {}) => {
      const given = { kind: 'national' as const, country: 'ES', name: 'Cut', areas: [], fileName: 'l.txt' };
      return store.create({ ...given, scrubbedOn: '2026-11-20', loadedBy: null, ...change }, now());
    };
    const filePath = join('imports', 'cut.upload');
    mkdirSync(join(app.config.dataDir, 'imports'), { recursive: true });
    writeFileSync(join(app.config.dataDir, filePath), '+34910000031\n');
    const gone = await loadList({ country: 'ES', name: 'Gone' }, '+34910000030\n');
    await store.retire(gone, now());
    const [whole, back] = [await begin({ filePath }), await begin({ name: 'Gone', changesOf: gone })];
    for (const id of [whole, back]) await createWantedLoads({ ...app, jobs: jobsAway } as never).queue(id);
    assert.deepEqual([await queued(), await stateOf(whole)], [[], 'loading']);
    const wanted: ScrubLoad[] = [{ listId: whole, filePath, changesOf: null }, { listId: back, filePath: null, changesOf: null, putBack: gone }]; // prettier-ignore
    await loads.sweep();
    assert.deepEqual(await queued(), wanted);
    await loads.sweep();
    assert.equal((await queued()).length, 2, 'they wait already');
    await lose();
    await loads.sweep();
    assert.deepEqual(await queued(), wanted, 'forgotten');
    await app.db.knex('jobs').where({ name: loadScrubJob }).update({ state: 'failed', dedupe_key: null });
    await loads.sweep();
    assert.deepEqual(
      await queued(),
      wanted.flatMap((one) => [one, one]),
      'given up',
    );
    await run(app, wanted[1]!);
    assert.equal(await stateOf(back), 'active');
    await lose();
    await loads.sweep();
    assert.deepEqual([await queued(), await stateOf(whole)], [[], 'failed']);
    assert.ok(!existsSync(join(app.config.dataDir, filePath)));
    await store.retire(back, now());
  });

  it('numbers of a list are kept while it can be put back, and then removed', async () => {
    const store = createScrubStore(app);
    const [kept, swept] = [await loadList({ name: 'Kept' }, '2125550111\n'), await loadList({ name: 'Swept' }, '2125550112\n')]; // prettier-ignore
    await store.retire(kept, now() - 14 * dayMs);
    await store.retire(swept, now() - 16 * dayMs);
    const standing = await loadList({ name: 'Standing' }, '2125550113\n');
    await createScrubLoader(app).sweep();
    const left = await Promise.all([kept, swept, standing].map((id) => store.count(id)));
    assert.deepEqual(left, [1, 0, 1]);

    // One is being made from numbers that would go now: they stay until that has ended.
    const again = { ...(await store.get(kept))!, loadedBy: 2, changesOf: kept };
    await app.db
      .knex('scrub_lists')
      .where({ id: kept })
      .update({ retired_at: now() - 16 * dayMs });
    const back = await store.create(again, now());
    await createScrubLoader(app).sweep();
    assert.equal(await store.count(kept), 1);
    await run(app, { listId: back, filePath: null, changesOf: null, putBack: kept });
    assert.equal(await stateOf(back), 'active');
    await createScrubLoader(app).sweep();
    assert.equal(await store.count(kept), 0);
    for (const id of [standing, back]) await store.retire(id, now());
  });

  it('fault: numbers of a list that is put back have gone in part – it stays out, and says so', async () => {
    const store = createScrubStore(app);
    // Two pages of 65,536 numbers.
    const part = await loadList({ name: 'Part' }, '2125550114\n3125550114\n');
    await store.retire(part, now());
    const { head } = await app.db.knex('scrub_pages').where({ list_id: part }).orderBy('head').first('head');
    await app.db.knex('scrub_pages').where({ list_id: part, head }).delete();
    const back = await store.create({ ...(await store.get(part))!, loadedBy: 2, changesOf: part }, now());
    await run(app, { listId: back, filePath: null, changesOf: null, putBack: part });
    const failed = await store.get(back);
    assert.deepEqual([failed?.state, failed?.failure], ['failed', 'not-whole']);
  });
}
