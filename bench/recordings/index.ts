/**
 * How long the first page of a search for recordings takes: `npm run bench -- recordings [--recordings N]
 * [--engine sqlite|mariadb|both]`.
 */
import { parseArgs } from 'node:util';
import type { Database } from '../../core/database/database.ts';
import { createRecordingList } from '../../dialer/recordings/recording-list.ts';
import type { RecordingFilters } from '../../dialer/recordings/recording-search.ts';
import { onEngines } from '../support/engines.ts';
import { columns, newest, rows, type Value } from './rows.ts';

const limitMs = 300;
const batch = 20_000;
const rounds = 7;
const hourMs = 3_600_000;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      recordings: { type: 'string', default: '1000000' },
      engine: { type: 'string', default: 'both' },
    },
  });
  const count = Number(values.recordings);
  await onEngines(values.engine, (engine, db) => measure(engine, db, count));
}

async function measure(engine: string, db: Database, count: number): Promise<void> {
  await db.migrate();
  await fill(db, count);
  console.log(`\n${engine}: ${count.toLocaleString('en')} recordings, the first page of fifty and its count`);
  console.log('asked for'.padEnd(44), 'first'.padStart(9), 'p50'.padStart(9), 'slowest'.padStart(9), 'rows'.padStart(8)); // prettier-ignore
  const { find } = createRecordingList({ db });
  let worst = 0;
  for (const [name, filters, sort, direction] of kinds) {
    const times: number[] = [];
    let total = '';
    for (let round = 0; round < rounds; round++) {
      const from = performance.now();
      const request = {
        filters,
        sort: sort ?? 'started',
        direction: direction ?? 'desc',
        limit: 50,
        offset: 0,
      };
      const slice = await find({ ...request, after: null } as unknown as Parameters<typeof find>[0]);
      times.push(performance.now() - from);
      total = `${slice.total.count}${slice.total.more ? '+' : ''}`;
    }
    const show = (ms: number) => ms.toFixed(1).padStart(9);
    const sorted = [...times].sort((a, b) => a - b);
    const p50 = sorted[Math.floor(rounds / 2)]!;
    console.log(name.padEnd(44), show(times[0]!), show(p50), show(sorted.at(-1)!), total.padStart(8));
    worst = Math.max(worst, p50);
  }
  const from = performance.now();
  await db.knex('recordings').whereRaw('size % 7 = 9').count({ n: '*' });
  console.log(
    `(peer: one walk over the whole table)`.padEnd(44),
    (performance.now() - from).toFixed(1).padStart(9),
  );
  console.log(
    `${worst <= limitMs ? 'Within' : 'ABOVE'} the limit of ${limitMs} ms at p50: ${worst.toFixed(1)} ms`,
  );
}

async function fill(db: Database, count: number): Promise<void> {
  let some: Value[][] = [];
  const flush = async () => {
    const full = some;
    some = [];
    await db.transaction((trx) => db.load('recordings', [...columns], full, trx));
  };
  for (const row of rows(count)) {
    some.push(row);
    if (some.length === batch) await flush();
  }
  if (some.length > 0) await flush();
  // SQLite's plans are made without statistics, as they are in a house.
  if (db.engine === 'mariadb') await db.knex.raw('analyze table recordings');
}

const clock = (from: number, until: number, zone: string) => ({
  clock: { from: from * 60, until: until * 60, zone },
});
const shanghai = 'Asia/Shanghai';
const newYork = 'America/New_York';

const kinds: [string, RecordingFilters, ('started' | 'duration')?, ('asc' | 'desc')?][] = [
  ['everything', {}],
  ['everything, the oldest first', {}, 'started', 'asc'],
  ['an hour of the day that many talked in', clock(14, 15, shanghai)],
  ['an hour where clocks change', clock(14, 15, newYork)],
  ['an hour that hardly anybody talked in', clock(21, 22, shanghai)],
  ['such an hour where clocks change', clock(8, 9, newYork)],
  ['half the night', clock(20.5, 2, newYork)],
  ['half the day', clock(12, 24, shanghai)],
  ['such an hour, of one campaign', { ...clock(8, 9, newYork), campaignId: 3 }],
  ['such an hour, and no sound', { ...clock(8, 9, newYork), outcome: 'abandoned', maxMs: 1 }],
  ['an hour, the longest first', clock(14, 15, shanghai), 'duration'],
  ['such an hour, the longest first', clock(8, 9, newYork), 'duration'],
  ['the longest first', {}, 'duration'],
  ['the shortest first', {}, 'duration', 'asc'],
  ['of one campaign, the longest first', { campaignId: 2 }, 'duration'],
  ['of one agent, the longest first', { userId: 7 }, 'duration'],
  ['half a year, the longest first', { from: newest - 182 * 24 * hourMs }, 'duration'],
  ['longer than ten minutes', { minMs: 600_000 }],
  ['longer than a minute', { minMs: 60_000 }],
  ['longer than twenty minutes', { minMs: 1_200_000 }],
  ['a number with 41 in it', { number: '41' }],
  ['a number with 41 in it, the longest first', { number: '41' }, 'duration'],
  ['a number with 41 in it, of one campaign', { number: '41', campaignId: 39 }],
  ['a number with 4155 in it', { number: '4155' }],
  ['a number with 415550 in it', { number: '415550' }],
  ['a whole number', { number: '13800138000' }],
  ['a number that begins with +1415', { number: '+1415' }],
  ['a number with 41 in it, an hour', { number: '41', ...clock(14, 15, shanghai) }],
  ['abandoned, an hour', { outcome: 'abandoned', ...clock(14, 15, shanghai) }],
  ['a disposition, a month', { dispositionId: 4, from: newest - 30 * 24 * hourMs }],
];
