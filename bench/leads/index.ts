/**
 * How long reserving leads takes in a long list: `npm run bench -- leads [--leads N] [--engine sqlite|mariadb|both]`.
 * On MariaDB also eight dialers at once, each a process of its own that takes 500 leads and dials them in the next
 * seconds: together a thousand calls a second.
 */
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { createLeadStore } from '../../campaigns/leads/index.ts';
import { LocalBus } from '../../core/bus/local-bus.ts';
import type { Database } from '../../core/database/database.ts';
import { openDatabase } from '../../core/database/open-database.ts';
import { createLog } from '../../core/log/log.ts';
import { mariadb, temporaryFolder } from '../../test/support/servers.ts';
import type { Reserved, Reserver } from './reserver.ts';

const rounds = 300;
const hopper = 20;
const now = 1_000_000;
const dialers = 8;
const hopperOfDialer = 500;
const beatMs = 4_000;
const settling = 3;
const limitMs = 20;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { leads: { type: 'string', default: '10000000' }, engine: { type: 'string', default: 'both' } },
  });
  const log = createLog('silent');
  if (values.engine !== 'mariadb') {
    const db = openDatabase({ url: 'sqlite:bench.sqlite', dataDir: temporaryFolder('bench'), log });
    await measure('SQLite', db, Number(values.leads));
    await db.close();
  }
  if (values.engine !== 'sqlite') {
    const server = await mariadb();
    if (!server) return console.log('MariaDB is not installed; not measured.');
    const url = await server.createDatabase();
    const db = openDatabase({ url, dataDir: '/nowhere', log });
    // What a server of this size would be given; the tests' own is kept small.
    await db.knex.raw('set global innodb_buffer_pool_size = 2147483648');
    await measure('MariaDB', db, Number(values.leads));
    await manyDialers(db, url, Number(values.leads));
    await db.close();
    await server.stop();
  }
}

async function measure(engine: string, db: Database, count: number): Promise<void> {
  await db.migrate();
  const store = createLeadStore({ db, bus: new LocalBus({ log: createLog('silent') }) });
  await fill(db, count);
  console.log(`\n${engine}: ${count.toLocaleString('en')} leads of one campaign`);
  console.log('what'.padEnd(44), 'p50 ms'.padStart(9), 'p99 ms'.padStart(9));
  await timed(`reserve ${hopper}`, rounds, async () => {
    await store.reserve({ campaignId: 1, count: hopper, by: 'bench', now });
  });
  await timed('reserve, nothing due', 50, async () => {
    await store.reserve({ campaignId: 2, count: hopper, by: 'bench', now });
  });
  const held = await store.heldBy('bench');
  let next = 0;
  await timed(
    'to dialling',
    rounds,
    async () => void (await store.toDialing(held[next++]!.id, 'bench', now)),
  );
  await timed('when the next one falls due', 100, async () => void (await store.nextDue(1)));
  await timed('(bare: one row by id)', rounds, async () => void (await store.get(1 + (next++ % count))));
  await timed('counts by state (a page, every 10 s)', 3, async () => void (await store.countsByState(1)));
}

/** Eight dialers on one list, at the same moment: no lead may be had by two of them, and none may wait for another. */
async function manyDialers(db: Database, url: string, leads: number): Promise<void> {
  const each = Math.min(25, Math.floor(leads / 10 / hopperOfDialer / dialers));
  const given = { url, count: hopperOfDialer, now };
  const alone = await reserveBy([
    { ...given, by: 'alone', rounds: 40, everyMs: 500, from: Date.now() + 3_000 },
  ]);
  show(`reserve ${hopperOfDialer}, one dialer`, alone[0]!.times);
  await bareReads(db);
  const from = Date.now() + 4_000;
  const done = await reserveBy(
    Array.from({ length: dialers }, (_, n) => ({
      ...{ ...given, by: `d${n}`, rounds: each, everyMs: beatMs },
      // One after the other, by less than one takes: they meet.
      from: from + n * 5,
    })),
  );
  // The hopper is small when they come, and fills up to what they need.
  show(
    `the first ${settling} of them, small hopper`,
    done.flatMap((one) => one.times.slice(0, settling)),
  );
  const times = done.flatMap((one) => one.times.slice(settling));
  show(`reserve ${hopperOfDialer}, ${dialers} dialers at once`, times);
  await bareReads(db);
  const ids = [...alone, ...done].flatMap((one) => one.ids);
  const twice = ids.length - new Set(ids).size;
  const p99 = quantile(times, 0.99);
  console.log(`${ids.length.toLocaleString('en')} leads reserved, ${twice} of them twice`);
  console.log(
    `${p99 < limitMs ? 'Within' : 'ABOVE'} the limit of ${limitMs} ms at p99: ${p99.toFixed(1)} ms`,
  );
}

/** What the least of it takes: the same rows read by their ids, by one who has nothing else to do. */
async function bareReads(db: Database): Promise<void> {
  let round = 0;
  await timed(`(bare: ${hopperOfDialer} leads and their numbers by id)`, 40, async () => {
    const ids = Array.from({ length: hopperOfDialer }, (_, n) => 1 + round * 10_000 + n * 10);
    round += 1;
    await db.knex('leads').whereIn('id', ids);
    await db.knex('customer_phones').whereIn('customer_id', ids).select('customer_id', 'e164');
  });
}

function reserveBy(reservers: readonly Reserver[]): Promise<Reserved[]> {
  const file = fileURLToPath(new URL('./reserver.ts', import.meta.url));
  return Promise.all(
    reservers.map((reserver) => {
      const child = fork(file, { execArgv: ['--import=tsx'] });
      child.send(reserver);
      return new Promise<Reserved>((resolve, reject) => {
        child.once('message', (message) => resolve(message as Reserved));
        child.once('exit', (code) => reject(new Error(`${reserver.by} ended with ${code}`)));
      });
    }),
  );
}

/** A list in the middle of its life: most waiting for later, some new, some due, the rest done. */
async function fill(db: Database, count: number): Promise<void> {
  await db.insertId('customers', { name: 'Somebody', created_at: 1, updated_at: 1 });
  await db.insertId('customer_phones', { customer_id: 1, e164: '+12125550100', type: 'mobile', position: 0 });
  // In parts: a statement of ten million rows is silent for longer than a connection is kept.
  const part = 50_000;
  for (let first = 1; first <= count; first += part)
    await fillPart(db, first, Math.min(count, first + part - 1));
}

async function fillPart(db: Database, first: number, last: number): Promise<void> {
  const numbers =
    db.engine === 'sqlite'
      ? `with recursive n(i) as (select ${first} union all select i + 1 from n where i < ${last})`
      : '';
  const source = db.engine === 'sqlite' ? 'n' : `(select seq as i from seq_${first}_to_${last}) n`;
  // Every lead points to a customer with a number, whoever that is: reserving looks numbers up by customer.
  await db.knex.raw(
    `insert into leads (campaign_id, customer_id, list_id, state, priority, attempts, phone_position, next_at, created_at, updated_at)
     ${numbers} select 1, i, 1,
       case i % 10 when 0 then 'new' when 1 then 'done' when 2 then 'exhausted' else 'waiting' end,
       1 + i % 9, 1, 0,
       case when i % 10 in (0, 1, 2) then 0 when i % 97 = 0 then ${now - 1000} - i % 500 else ${now * 2} + i % 100000 end,
       1, 1 from ${source}`,
  );
  await db.knex.raw(
    `insert into customer_phones (customer_id, e164, type, position)
     select customer_id, '+12125550100', 'mobile', 0 from leads
     where campaign_id = 1 and customer_id between ${Math.max(2, first)} and ${last}
       and next_at <= ${now} and state in ('new', 'waiting')`,
  );
}

async function timed(what: string, times: number, work: () => Promise<void>): Promise<void> {
  const taken: number[] = [];
  for (let round = 0; round < times; round++) {
    const from = performance.now();
    await work();
    taken.push(performance.now() - from);
  }
  show(what, taken);
}

function show(what: string, times: readonly number[]): void {
  const at = (share: number) => quantile(times, share).toFixed(1).padStart(9);
  console.log(what.padEnd(44), at(0.5), at(0.99));
}

function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
