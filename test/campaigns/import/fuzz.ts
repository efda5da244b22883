import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guessDelimiter } from '../../../campaigns/import/csv-file.ts';
import { guessEncoding } from '../../../campaigns/import/encoding.ts';
import { guessLayout } from '../../../campaigns/import/guess-layout.ts';
import { defaultOptions, FileProblem, type ImportOptions } from '../../../campaigns/import/import.ts';
import { judgeFile } from '../../../campaigns/import/judging/judge-file.ts';
import { checkFile, rowsOf } from '../../../campaigns/import/table-file.ts';
import { createImportStore } from '../../../campaigns/import/import-store.ts';
import { createImportJobs } from '../../../campaigns/import/jobs/import-jobs.ts';
import type { ImportCounts } from '../../../campaigns/import/verdict.ts';
import { createListStore } from '../../../campaigns/lists/index.ts';
import type { TestApp } from '../../support/app.ts';
import { putFile } from './files.ts';
import { jobOf } from './killed.ts';
import { mutatedFile } from './mutate.ts';

/** What became of a file: a code of a problem in words, or rows that all have a verdict. */
export type FuzzResult =
  | { readonly kind: 'problem'; readonly code: string }
  | { readonly kind: 'read'; readonly rows: number; readonly verdicts: number };

const patienceMs = 60_000;

/** The whole way of a file up to its verdicts. Rejects when it is lost on the way, hangs, or loses count. */
export async function readMutated(seed: number, folder: string): Promise<FuzzResult> {
  const { name, bytes } = mutatedFile(seed);
  const path = join(folder, 'mutated');
  writeFileSync(path, bytes);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`file ${seed} hangs`)), patienceMs);
  });
  try {
    return await Promise.race([read(path, name), late]);
  } catch (error) {
    if (error instanceof FileProblem) return { kind: 'problem', code: error.code };
    throw new Error(`file ${seed}: ${(error as Error).stack}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** How a file is read as far as it tells itself. */
async function optionsOf(path: string, name: string): Promise<ImportOptions> {
  const format = await checkFile(path, name);
  const encoding = format === 'csv' ? (await guessEncoding(path)).encoding : 'utf-8';
  const delimiter = format === 'csv' ? await guessDelimiter(path, encoding) : ',';
  const form = { format, sheet: null, encoding, delimiter } as const;
  const { by: _, ...layout } = await guessLayout(path, form, 'US');
  return { ...defaultOptions, ...form, ...layout };
}

async function read(path: string, name: string): Promise<FuzzResult> {
  const options = await optionsOf(path, name);
  let rows = 0;
  let last = 0;
  for await (const { number } of rowsOf(path, options)) {
    if (number <= last) throw new Error(`row ${number} comes after row ${last}`);
    last = number;
    rows += 1;
  }
  let verdicts = 0;
  const rules = { ruleSet: null, automated: true, at: 0 };
  for await (const batch of judgeFile({ path, options, rules, batchSize: 7, after: 0 }))
    for (const row of batch.rows) {
      if (row.row ? row.row.fields.phones.length === 0 : !row.verdict)
        throw new Error('a row without verdict');
      verdicts += 1;
    }
  if (verdicts !== rows - (options.headerRow && rows > 0 ? 1 : 0))
    throw new Error(`${rows} rows, ${verdicts} verdicts`);
  return { kind: 'read', rows, verdicts };
}

/** Checks and writes a file; null when it was refused, with its reason, or holds no number. */
export async function importMutated(
  seed: number,
  app: TestApp,
): Promise<{ checked: ImportCounts; committed: ImportCounts } | null> {
  const { name, bytes } = mutatedFile(seed);
  const filePath = putFile(app, `mutated-${seed}`, bytes);
  const store = createImportStore(app);
  const jobs = createImportJobs(app);
  try {
    const options = {
      ...(await optionsOf(join(app.config.dataDir, filePath), name)),
      repeats: 'file' as const,
    };
    const by = { userId: 1, now: 1 };
    const listId = await createListStore(app).create({ name: `L${seed}`, defaultCountry: 'US' }, by);
    const id = await store.create({ listId, fileName: name, filePath, fileSize: bytes.length, options }, by);
    await store.move(id, 'check', 1);
    await jobs.check(jobOf(id));
    const { state, checked } = (await store.get(id))!;
    if (state !== 'checked') return null;
    await store.move(id, 'commit', 1, { rowsDone: 0 });
    await jobs.commit(jobOf(id));
    const done = (await store.get(id))!;
    if (done.state !== 'done') throw new Error(`file ${seed} was read at first and is ${done.state} then`);
    return { checked: checked!, committed: done.committed! };
  } catch (error) {
    if (error instanceof FileProblem) return null;
    throw new Error(`file ${seed}: ${(error as Error).stack}`, { cause: error });
  }
}
