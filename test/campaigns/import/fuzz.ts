import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guessDelimiter } from '../../../campaigns/import/csv-file.ts';
import { guessEncoding } from '../../../campaigns/import/encoding.ts';
import { guessLayout } from '../../../campaigns/import/guess-layout.ts';
import { defaultOptions, FileProblem, type ImportOptions } from '../../../campaigns/import/import.ts';
import { judgeFile } from '../../../campaigns/import/judging/judge-file.ts';
import { checkFile, rowsOf } from '../../../campaigns/import/table-file.ts';
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

async function read(path: string, name: string): Promise<FuzzResult> {
  const format = await checkFile(path, name);
  const encoding = format === 'csv' ? (await guessEncoding(path)).encoding : 'utf-8';
  const delimiter = format === 'csv' ? await guessDelimiter(path, encoding) : ',';
  const form = { format, sheet: null, encoding, delimiter } as const;
  const { by: _, ...layout } = await guessLayout(path, form, 'US');
  const options: ImportOptions = { ...defaultOptions, ...form, ...layout };
  let rows = 0;
  let last = 0;
  for await (const { number } of rowsOf(path, form)) {
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
