/**
 * A national list of ten million numbers: loaded from its file, kept in memory, looked up. Held against the least a
 * list can do: a number in a Set of the same process, for a tenth of the list.
 */
import { createWriteStream, mkdtempSync, readdirSync, rmSync, statSync, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScrubMemory, createScrubStore } from '../../campaigns/compliance/index.ts';
import { NumberTable, toNumeric, type NumberPage } from '../../campaigns/compliance/scrubs/number-pages.ts';
import { createScrubLoader } from '../../campaigns/compliance/scrubs/load-scrub.ts';
import { ManualClock } from '../../core/clock/manual-clock.ts';
import { loadConfig } from '../../core/config/config.ts';
import { createApp } from '../../core/create-app.ts';
import { createLog } from '../../core/log/log.ts';
import { uniform } from '../../dialer/pacing/simulation/random.ts';

const lookups = 1_000_000;
const targetMicros = 5;

export async function nationalList(size: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringwise-bench-'));
  const app = await createApp(loadConfig({ DATA_DIR: folder }), {
    clock: new ManualClock(),
    log: createLog('silent'),
  });
  const seconds = (since: number) => ((performance.now() - since) / 1_000).toFixed(1);
  const line = (what: string, text: string) => console.log(`${what.padEnd(44)} ${text}`);
  /** Spread over 200 area codes as a real list is; distinct. */
  const numberAt = (n: number) =>
    `${201 + (n % 200)}${String((Math.floor(n / 200) * 7) % 10_000_000).padStart(7, '0')}`;
  try {
    mkdirSync(join(folder, 'imports'));
    const file = createWriteStream(join(folder, 'imports', 'list.txt'));
    for (let n = 0; n < size; n += 10_000) {
      const part = Array.from({ length: 10_000 }, (_, k) => numberAt(n + k)).join('\n');
      if (!file.write(`${part}\n`)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'close');

    const store = createScrubStore(app);
    const listId = await store.create(
      { kind: 'national', country: 'US', name: 'bench', areas: [], scrubbedOn: '2026-11-20', fileName: '', loadedBy: null },
      app.clock.now(),
    ); // prettier-ignore
    let start = performance.now();
    await createScrubLoader(app).load(
      { listId, filePath: join('imports', 'list.txt'), changesOf: null },
      { signal: new AbortController().signal, progress: async () => {} },
    );
    const list = await store.get(listId);
    line('numbers in force', list!.numbers.toLocaleString('en'));
    line('file to database', `${seconds(start)} s`);
    const files = readdirSync(folder).filter((name) => name.startsWith('ringwise.sqlite'));
    const onDisk = files.reduce((bytes, name) => bytes + statSync(join(folder, name)).size, 0);
    line('database on disk', `${Math.round(onDisk / 1e6)} MB`);

    const memory = createScrubMemory(app);
    start = performance.now();
    await memory.refresh();
    line('database to memory', `${seconds(start)} s`);
    line('memory', `${(memory.bytes / 1e6).toFixed(1)} MB`);

    const pages: NumberPage[] = [];
    for await (const part of store.allPages(listId)) pages.push(...part);
    const table = new NumberTable(pages);
    const asked = Float64Array.from({ length: lookups }, (_, n) =>
      toNumeric(`+1${n % 2 === 0 ? numberAt(Math.floor(uniform(3, 1, n) * size)) : 2_000_000_000 + Math.floor(uniform(3, 2, n) * 2e9)}`),
    ); // prettier-ignore
    let hits = 0;
    for (const number of asked) if (table.has(number)) hits += 1;
    const cpu = process.cpuUsage();
    hits = 0;
    for (const number of asked) if (table.has(number)) hits += 1;
    const used = process.cpuUsage(cpu);
    const micros = (used.user + used.system) / lookups;
    line('lookup', `${micros.toFixed(2)} µs (${((hits / lookups) * 100).toFixed(0)} % on the list)`);

    const set = new Set<number>();
    for (let n = 0; n < size / 10; n += 1) set.add(toNumeric(`+1${numberAt(n)}`));
    const bare = process.cpuUsage();
    let found = 0;
    for (const number of asked) if (set.has(number)) found += 1;
    const bareUsed = process.cpuUsage(bare);
    line(
      'limit: Set with a tenth of the numbers',
      `${((bareUsed.user + bareUsed.system) / lookups).toFixed(2)} µs (${found})`,
    );

    const batch = Array.from({ length: 200 }, (_, n) => `+1${numberAt(n)}`);
    start = performance.now();
    for (let round = 0; round < 50; round += 1) await memory.lookUp(batch);
    line('batch of 200 with the lists in force read', `${((performance.now() - start) / 50).toFixed(2)} ms`);
    line(`target ${targetMicros} µs`, micros < targetMicros ? 'met' : 'NOT MET');
    if (micros >= targetMicros) process.exitCode = 1;
    memory.close();
  } finally {
    await app.close(0);
    rmSync(folder, { recursive: true, force: true });
  }
}
