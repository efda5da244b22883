import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createImportRowsStore } from '../../../campaigns/import/import-rows-store.ts';
import { createImportStore } from '../../../campaigns/import/import-store.ts';
import { defaultOptions } from '../../../campaigns/import/import.ts';
import { createImportJobs } from '../../../campaigns/import/jobs/import-jobs.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import { createCustomerIndexer } from '../../../crm/index.ts';
import type { TestApp } from '../../support/app.ts';
import { usNumber } from './files.ts';

const script = fileURLToPath(new URL('./import-process.ts', import.meta.url));

/** A list in which every seventh row repeats one, every eleventh is refused, and every fifth customer has two numbers. */
export function mixedList(rows: number): string {
  const lines = ['Name,Phone,Id,Second'];
  for (let row = 0; row < rows; row++) {
    const number = row % 7 === 6 ? usNumber(row - 6) : row % 11 === 10 ? '12' : usNumber(row);
    lines.push(
      `P${row},${number},${row % 3 === 0 ? `C${row}` : ''},${row % 5 === 0 ? usNumber(row + 3_000_000) : ''}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Puts a checked import into the database of `app`, ready to be written. */
export async function checkedImport(app: TestApp, content: string): Promise<number> {
  mkdirSync(join(app.config.dataDir, 'imports'), { recursive: true });
  const filePath = join('imports', 'killed.csv');
  writeFileSync(join(app.config.dataDir, filePath), content);
  const listId = await createListStore(app).create(
    { name: 'Killed', defaultCountry: 'US' },
    { userId: 1, now: 1 },
  );
  const options = {
    ...defaultOptions,
    columns: ['name', 'phone', 'external_id', 'phone'] as const,
    headers: ['Name', 'Phone', 'Id', 'Second'],
  };
  const store = createImportStore(app);
  const file = { listId, fileName: 'killed.csv', filePath, fileSize: content.length, options };
  const id = await store.create(file, { userId: 1, now: 1 });
  await store.move(id, 'check', 1);
  await createImportJobs(app).check(jobOf(id));
  await store.move(id, 'commit', 1, { rowsDone: 0 });
  return id;
}

export const jobOf = (importId: number) => ({
  id: '1',
  data: { importId },
  attempt: 1,
  signal: new AbortController().signal,
  progress: async () => {},
});

/**
 * Writes the import in a process of its own, which is killed when it has told of its `after`th batch: it is in the
 * middle of the next one then. Null lets it live. Returns what it said last.
 */
export function runProcess(app: TestApp, id: number, after: number | null): Promise<string> {
  const { dataDir, databaseUrl } = app.config;
  const child = spawn(process.execPath, ['--import=tsx', script, dataDir, databaseUrl ?? '', String(id)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let batches = 0;
  let said = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    said = line;
    if (line === 'batch' && ++batches === after) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(said));
  });
}

/** All that an import leaves behind, as far as it does not depend on ids and times. */
export async function traces(app: TestApp, id: number): Promise<Record<string, unknown>> {
  await createCustomerIndexer(app).run(jobOf(id));
  const { knex } = app.db;
  const count = async (table: string) =>
    Number(((await knex(table).count({ n: '*' }).first()) as { n: number }).n);
  const item = (await createImportStore(app).get(id))!;
  const verdicts: Record<string, number> = {};
  const kept = createImportRowsStore(app);
  for (let after = 0; ;) {
    const rows = await kept.list(id, { after, limit: 10_000 });
    for (const { verdict, created } of rows) {
      const key = `${verdict} ${created}`;
      verdicts[key] = (verdicts[key] ?? 0) + 1;
    }
    if (rows.length < 10_000) break;
    after = rows.at(-1)!.number;
  }
  const first = (await knex('customer_phones').orderBy(['e164', 'position']).limit(50).select('e164', 'position', 'type')) as object[]; // prettier-ignore
  const tables: Record<string, number> = {};
  for (const table of [
    'customers',
    'customer_phones',
    'customer_terms',
    'list_members',
    'timeline_entries',
    'import_rows',
    'import_runs',
    'customer_origins',
    'customer_index_ranges',
  ])
    // prettier-ignore
    tables[table] = await count(table);
  return {
    state: item.state,
    counts: item.committed,
    size: (await createListStore(app).get(item.listId))!.size,
    tables,
    verdicts,
    first,
  };
}
