/** How long finding customers takes: `npm run bench -- customers [--customers N] [--engine sqlite|mariadb|both]`. */
import { parseArgs } from 'node:util';
import type { Database } from '../../core/database/database.ts';
import { createCustomerStore, type CustomerFields } from '../../crm/index.ts';
import { onEngines } from '../support/engines.ts';
import { people, seeded } from './people.ts';

const limitMs = 100;
/** In large transactions, for the bench's sake: an import writes 500 at a time. */
const batch = 40_000;
const asked = 200;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      customers: { type: 'string', default: '1000000' },
      engine: { type: 'string', default: 'both' },
    },
  });
  const count = Number(values.customers);
  await onEngines(values.engine, (engine, db) => measure(engine, db, count));
}

async function measure(engine: string, db: Database, count: number): Promise<void> {
  await db.migrate();
  const store = createCustomerStore({ db });
  const begun = performance.now();
  await fill(db, store, count);
  const seconds = (performance.now() - begun) / 1000;
  console.log(
    `\n${engine}: ${count.toLocaleString('en')} customers, written at ${Math.round(count / seconds).toLocaleString('en')} a second`,
  );
  console.log(
    'asked for'.padEnd(42),
    'p50'.padStart(8),
    'p99'.padStart(8),
    'slowest'.padStart(9),
    'found'.padStart(7),
  );
  let worst = 0;
  for (const [kind, query] of kinds(count)) {
    const times: number[] = [];
    let found = 0;
    for (let index = 0; index < asked; index++) {
      const from = performance.now();
      found += (await store.search(query(index), 20)).length > 0 ? 1 : 0;
      times.push(performance.now() - from);
    }
    report(kind, times, found);
    worst = Math.max(worst, percentile(times, 0.99));
  }
  await bare(db, count);
  console.log(
    `${worst <= limitMs ? 'Within' : 'ABOVE'} the limit of ${limitMs} ms at p99: ${worst.toFixed(1)} ms`,
  );
}

async function fill(
  db: Database,
  store: ReturnType<typeof createCustomerStore>,
  count: number,
): Promise<void> {
  let rows: CustomerFields[] = [];
  let done = 0;
  const flush = async () => {
    const full = rows;
    rows = [];
    await db.transaction((trx) => store.insertMany(full, 1, trx));
    done += full.length;
    if (done % 200_000 === 0) process.stderr.write(`  ${done.toLocaleString('en')} written\n`);
  };
  for (const person of people(count)) {
    rows.push(person);
    if (rows.length === batch) await flush();
  }
  if (rows.length > 0) await flush();
}

type Query = (index: number) => string;

/** What people type, made of customers that exist, taken from all over the list. */
function kinds(count: number): [string, Query][] {
  const random = seeded(99);
  const sample: CustomerFields[] = [];
  const step = Math.max(1, Math.floor(count / asked));
  let index = 0;
  for (const person of people(count)) if (index++ % step === 0 && sample.length < asked) sample.push(person);
  const of = (i: number) => sample[i % sample.length]!;
  const latin = sample.filter(({ language }) => language === 'en');
  const chinese = sample.filter(({ language }) => language !== 'en');
  const inLatin = (i: number) => latin[i % latin.length]!;
  const inChinese = (i: number) => chinese[i % chinese.length]!;
  const digits = (i: number) => of(i).phones[0]!.e164.slice(1);
  const family = (i: number) => inLatin(i).name.split(' ')[1]!;
  return [
    ['a whole number', (i) => digits(i)],
    ['the last four digits', (i) => digits(i).slice(-4)],
    ['three digits anywhere', (i) => digits(i).slice(3, 6)],
    ['two digits', (i) => digits(i).slice(4, 6)],
    ['a family name', family],
    ['two letters', (i) => family(i).slice(0, 2)],
    ['letters from inside a name', (i) => family(i).slice(2, 6)],
    [
      'two common beginnings of names',
      (i) =>
        inLatin(i)
          .name.split(' ')
          .map((word) => word.slice(0, 3))
          .join(' '),
    ],
    ['a name and three digits', (i) => `${family(i)} ${inLatin(i).phones[0]!.e164.slice(-3)}`],
    ['a Chinese family name', (i) => inChinese(i).name.slice(0, 1)],
    ['a Chinese given name', (i) => inChinese(i).name.slice(1)],
    [
      'a Chinese family name and four digits',
      (i) => `${inChinese(i).name[0]} ${inChinese(i).phones[0]!.e164.slice(-4)}`,
    ],
    ['two common words nobody has both of', (i) => `${family(i).slice(0, 2)} ${inChinese(i).name[0]}`],
    ['nothing that exists', () => `xq${Math.floor(random() * 1e6)}zw`],
  ];
}

/** What the database needs for the least that a search can do: fetching twelve customers by their ids. */
async function bare(db: Database, count: number): Promise<void> {
  const store = createCustomerStore({ db });
  const random = seeded(5);
  const times: number[] = [];
  for (let index = 0; index < asked; index++) {
    const ids = Array.from({ length: 60 }, () => 1 + Math.floor(random() * count));
    const from = performance.now();
    await store.getMany(ids);
    times.push(performance.now() - from);
  }
  report('(bare: 60 customers by id)', times, asked);
  const scan = performance.now();
  await db.knex('customers').whereRaw('search_text like ?', ['%zelwinyo%']).limit(20).select('id');
  console.log(
    '(peer: LIKE over the whole table, once)'.padEnd(42),
    `${(performance.now() - scan).toFixed(1)} ms`.padStart(9),
  );
}

function report(kind: string, times: readonly number[], found: number): void {
  const show = (value: number) => value.toFixed(1);
  console.log(
    kind.padEnd(42),
    show(percentile(times, 0.5)).padStart(8),
    show(percentile(times, 0.99)).padStart(8),
    show(Math.max(...times)).padStart(9),
    String(found).padStart(7),
  );
}

function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
