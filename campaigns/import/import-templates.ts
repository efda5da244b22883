import { createHash } from 'node:crypto';
import type { App } from '../../core/app.ts';
import { isReasonColumn } from './header-words.ts';
import type { ImportOptions } from './import.ts';

/** What of the choices is worth keeping for the next file with these headings. The country is chosen with each file. */
const keptOptions = [
  ...(['columns', 'names', 'wins', 'existing', 'matchBy'] as const),
  ...(['repeats', 'days', 'barred', 'tags'] as const),
] as const;
export type TemplateOptions = Pick<ImportOptions, (typeof keptOptions)[number]>;

export interface ImportTemplate {
  readonly id: number;
  readonly name: string;
  readonly options: TemplateOptions;
}

interface TemplateRow {
  id: number;
  name: string;
  fingerprint: string;
  options: string;
  created_by: number | null;
  updated_at: number;
}

/** All SQL for templates: how files with certain headings are read. */
export function createImportTemplates(app: Pick<App, 'db'>) {
  const table = () => app.db.knex<TemplateRow>('import_templates');

  /** The newest for files with these headings, or null. Files without any have none. */
  async function find(headers: readonly string[]): Promise<ImportTemplate | null> {
    if (headers.every((header) => header === '')) return null;
    const row = await table()
      .where({ fingerprint: fingerprintOf(headers) })
      .orderBy([
        { column: 'updated_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .first();
    return row ? fromRow(row) : null;
  }

  /** Keeps the choices under a name; one of that name is replaced. */
  async function save(
    name: string,
    options: ImportOptions,
    by: { userId: number | null; now: number },
  ): Promise<void> {
    const row = {
      fingerprint: fingerprintOf(options.headers),
      options: JSON.stringify(kept(options)),
      created_by: by.userId,
      updated_at: by.now,
    };
    if ((await table().where({ name }).update(row)) === 0) await table().insert({ ...row, name });
  }

  async function remove(id: number): Promise<ImportTemplate | null> {
    const row = await table().where({ id }).first();
    if (!row || (await table().where({ id }).delete()) === 0) return null;
    return fromRow(row);
  }

  return { find, save, remove };
}

/** The template's choices for a file as it was laid out; columns it knows nothing of stay as they were guessed. */
export function applyTemplate(
  template: ImportTemplate | null,
  columns: ImportOptions['columns'],
): Partial<TemplateOptions> {
  if (!template) return {};
  const { options } = template;
  return { ...options, columns: columns.map((target, index) => options.columns[index] ?? target) };
}

/** By the headings alone, whatever their case and spacing; rows that were refused and mended have one more. */
function fingerprintOf(headers: readonly string[]): string {
  const plain = headers
    .filter((header) => !isReasonColumn(header))
    .map((header) => header.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, ' '));
  return createHash('sha256').update(JSON.stringify(plain)).digest('hex');
}

const kept = (options: TemplateOptions): TemplateOptions =>
  Object.fromEntries(
    keptOptions.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])),
  ) as unknown as TemplateOptions;

const fromRow = ({ id, name, options }: TemplateRow): ImportTemplate => ({
  id,
  name,
  options: kept(JSON.parse(options) as TemplateOptions),
});
