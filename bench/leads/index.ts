/** How long reserving leads takes in a long list: `npm run bench -- leads [--leads N] [--engine sqlite|mariadb|both]`. */
import { parseArgs } from 'node:util';
import { createLeadStore } from '../../campaigns/leads/index.ts';
import { LocalBus } from '../../core/bus/local-bus.ts';
import type { Database } from '../../core/database/database.ts';
import { openDatabase } from '../../core/database/open-database.ts';
import { createLog } from '../../core/log/log.ts';
import { mariadb, temporaryFolder } from '../../test/support/servers.ts';

const rounds = 300;
const hopper = 20;
const now = 1_000_000;

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
    const db = openDatabase({ url: await server.createDatabase(), dataDir: '/nowhere', log });
    // What a server of this size would be given; the tests' own is kept small.
    await db.knex.raw('set global innodb_buffer_pool_size = 2147483648');
    await measure('MariaDB', db, Number(values.leads));
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

/** A list in the middle of its life: most waiting for later, some new, some due, the rest done. */
async function fill(db: Database, count: number): Promise<void> {
  await db.insertId('customers', { name: 'Somebody', created_at: 1, updated_at: 1 });
  await db.insertId('customer_phones', { customer_id: 1, e164: '+12125550100', type: 'mobile', position: 0 });
  const numbers =
    db.engine === 'sqlite'
      ? `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`
      : '';
  const source = db.engine === 'sqlite' ? 'n' : `(select seq as i from seq_1_to_${count}) n`;
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
     where next_at <= ${now} and state in ('new', 'waiting') and customer_id > 1`,
  );
}

async function timed(what: string, times: number, work: () => Promise<void>): Promise<void> {
  const taken: number[] = [];
  for (let round = 0; round < times; round++) {
    const from = performance.now();
    await work();
    taken.push(performance.now() - from);
  }
  taken.sort((a, b) => a - b);
  const at = (share: number) => taken[Math.min(times - 1, Math.floor(times * share))]!.toFixed(1).padStart(9);
  console.log(what.padEnd(44), at(0.5), at(0.99));
}
