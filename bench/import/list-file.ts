import { createWriteStream } from 'node:fs';
import { copyFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { once } from 'node:events';
import type { ColumnTarget } from '../../campaigns/import/columns.ts';
import { createImportStore } from '../../campaigns/import/import-store.ts';
import { defaultOptions, type FileFormat } from '../../campaigns/import/import.ts';
import type { ImportJobData } from '../../campaigns/import/jobs/import-job.ts';
import { createListStore } from '../../campaigns/lists/index.ts';
import type { App } from '../../core/app.ts';
import type { RunningJob } from '../../core/jobs/jobs.ts';
import { seeded } from '../customers/people.ts';

export const headers = ['name', 'phone', 'customer_id', 'state', 'plan'];
export const columns: readonly ColumnTarget[] = ['name', 'phone', 'external_id', 'state', 'custom'];

const given = [
  'Ada',
  'Bela',
  'Cyril',
  'Dora',
  'Emil',
  'Fanny',
  'Gwen',
  'Henrik',
  'Iris',
  'Jonas',
  'Kira',
  'Leo',
];
const family = [
  'Winter',
  'Frost',
  'Lindqvist',
  'Hollow',
  'Marsh',
  'Okafor',
  'Reyes',
  'Stone',
  'Vale',
  'Wood',
];
const areas: readonly (readonly [string, string])[] = [
  ['212', 'NY'],
  ['310', 'CA'],
  ['312', 'IL'],
  ['713', 'TX'],
];

/** A list of so many customers with numbers and ids of their own, in no order. */
export async function writeList(folder: string, rows: number): Promise<{ path: string; bytes: number }> {
  const path = join(folder, 'bench.csv');
  const out = createWriteStream(path);
  const random = seeded(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  // A step that shares no divisor with the count visits every number once.
  const step = 7_368_787;
  out.write(`${headers.join(',')}\n`);
  let text = '';
  for (let row = 0; row < rows; row++) {
    const serial = (row * step) % rows;
    const [area, state] = areas[serial % areas.length]!;
    const rest = Math.floor(serial / areas.length);
    const exchange = exchanges[Math.floor(rest / 10_000) % exchanges.length]!;
    const number = `(${area}) ${exchange}-${String(rest % 10_000).padStart(4, '0')}`;
    text += `${pick(given)} ${pick(family)},${number},C${serial},${state},plan ${serial % 40}\n`;
    if (text.length < 65_536) continue;
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  }
  out.end(text);
  await once(out, 'finish');
  return { path, bytes: (await stat(path)).size };
}

const exchanges = Array.from({ length: 799 }, (_, i) => String(201 + i)).filter(
  (code) => !code.endsWith('11'),
);

/** An import of that file onto a new list, before its dry run. */
export async function prepareImport(
  app: App,
  path: string,
  bytes: number,
  format: FileFormat,
): Promise<number> {
  const listId = await createListStore(app).create(
    { name: 'Bench', defaultCountry: 'US' },
    { userId: 1, now: 0 },
  );
  const options = { ...defaultOptions, format, columns, headers };
  const filePath = basename(path);
  await copyFile(path, join(app.config.dataDir, filePath)).catch(() => {}); // It may lie there.
  const file = { listId, fileName: filePath, filePath, fileSize: bytes, options };
  return createImportStore(app).create(file, { userId: 1, now: 0 });
}

export const runningJob = (importId: number, progress: (percent: number) => void = () => {}) =>
  ({
    id: '1',
    data: { importId },
    attempt: 1,
    signal: new AbortController().signal,
    progress: async (percent: number) => progress(percent),
  }) as unknown as RunningJob<ImportJobData> & RunningJob<null>;
