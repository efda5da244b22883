import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import type { LineReport } from '../../../dialer/line-quality/index.ts';
import { createLineQualityStore } from '../../../dialer/line-quality/index.ts';
import { onBothEngines } from '../../campaigns/engines.ts';

onBothEngines('line quality', (app) => {
  let store: ReturnType<typeof createLineQualityStore>;
  before(() => {
    store = createLineQualityStore(app());
  });
  beforeEach(async () => {
    for (const table of ['line_qualities', 'calls', 'recordings']) await app().db.knex(table).delete();
  });
  const report = (looks: number, part: Partial<LineReport> = {}): LineReport => ({
    ...{
      page: 'aaaaaaaaaaaa',
      looks,
      poorLooks: 0,
      mos: 4.2,
      lowestMos: 4,
      jitterMs: 10,
      highestJitterMs: 20,
    },
    ...{ lossIn: 0.01, lossOut: null, roundTripMs: 80, ...part },
  });

  it('takes the longer report of a page, whichever comes first and however often', async () => {
    await store.keep(1, 'a', report(10), 5);
    await store.keep(1, 'a', report(20, { mos: 3.2, poorLooks: 12 }), 6);
    await store.keep(1, 'a', report(15), 7);
    await store.keep(1, 'a', report(20, { mos: 3.2, poorLooks: 12 }), 8);
    const line = await store.ofCall('a');
    assert.deepEqual([line?.looks, line?.mos, line?.poorLooks], [20, 3.2, 12]);
    assert.equal(await store.ofCall('b'), null);
  });

  it('counts two reports that come at once once', async () => {
    await Promise.all([1, 2, 3, 4].map((looks) => store.keep(1, 'a', report(looks), 5)));
    assert.equal((await store.ofCall('a'))?.looks, 4);
  });

  it('weighs the pages of a talk by how long each carried it', async () => {
    await store.keep(1, 'a', report(30, { mos: 4.4, lossIn: 0 }), 5);
    await store.keep(1, 'a', report(10, { page: 'bbbbbbbbbbbb', mos: 2.4, lowestMos: 1.5, lossIn: 0.2, lossOut: 0.1, roundTripMs: null }), 6); // prettier-ignore
    const line = await store.ofCall('a');
    assert.ok(line);
    assert.equal(line.looks, 40);
    assert.ok(Math.abs(line.mos - 3.9) < 0.011);
    assert.ok(Math.abs(line.lossIn - 0.05) < 1e-6);
    assert.deepEqual([line.lowestMos, line.lossOut, line.roundTripMs], [1.5, 0.1, 80]);
  });

  it('does not let a page fill the table, nor one agent change what another has measured', async () => {
    for (let n = 0; n < 60; n++)
      await store.keep(1, 'a', report(1, { page: `page${String(n).padStart(6, '0')}` }), 5);
    assert.equal((await store.ofCall('a'))?.looks, 50);
    await store.keep(2, 'b', report(5), 5);
    await store.keep(1, 'b', report(9, { mos: 1 }), 6);
    assert.equal((await store.ofCall('b'))?.mos, 4.2);
  });

  it('says by agent how many calls sounded poor, and which were the worst, from a time on', async () => {
    const { knex } = app().db;
    await store.keep(1, 'old', report(10, { mos: 1.5 }), 50);
    for (const [id, mos, looks] of [
      ['a', 3.1, 10],
      ['b', 4.3, 30],
      ['c', 2.2, 10],
    ] as const)
      // prettier-ignore
      await store.keep(1, id, report(looks, { mos, lowestMos: mos }), 100);
    await store.keep(2, 'd', report(10, { mos: 4.4, lossIn: 0 }), 100);
    await knex('calls').insert({ id: 'a', direction: 'out', path: 'power', state: 'ended', created_at: 1 });
    const recordingId = await app().db.insertId('recordings', { call_id: 'a', name: 'a', state: 'stored', started_at: 1 }); // prettier-ignore
    const agents = await store.byAgent({ since: 100 });
    assert.deepEqual(
      agents.map(({ userId, calls, poorCalls, looks, lowestMos }) => [
        userId,
        calls,
        poorCalls,
        looks,
        lowestMos,
      ]),
      [
        [1, 3, 2, 50, 2.2],
        [2, 1, 0, 10, 4],
      ],
    );
    assert.ok(Math.abs(agents[0]!.mos - (31 + 129 + 22) / 50) < 0.011);
    const worst = await store.worst({ since: 100 }, 10);
    assert.deepEqual(
      worst.map(({ callId, mos, recordingId: id }) => [callId, mos, id]),
      [
        ['c', 2.2, null],
        ['a', 3.1, recordingId],
      ],
    );
    assert.deepEqual(await store.byAgent({ since: 100, userId: 3 }), []);
    assert.equal((await store.worst({ since: 100 }, 1)).length, 1);
  });
});
