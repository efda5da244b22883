import type { Request } from 'express';
import type { FormState } from '../../core/http/index.ts';
import { countryChoices } from '../../crm/index.ts';
import { delimiterName, delimiterNames } from './columns-form.ts';
import { columnTargets, namingTargets } from './columns.ts';
import { encodings, type EncodingGuess } from './encoding.ts';
import { fileProblemWords, importLook, stepsView } from './import-view.ts';
import {
  fieldWinners,
  matchRules,
  mergeModes,
  repeatScopes,
  type FileProblem,
  type Import,
  type ImportOptions,
} from './import.ts';
import type { ImportTemplate } from './import-templates.ts';
import type { Sheet } from './workbook/workbook.ts';

const samplesShown = 3;
const previewRows = 6;

/** What the second step has read of the file. */
export interface ColumnsReading {
  readonly rows: readonly (readonly string[])[];
  /** By what each column was guessed. */
  readonly by: readonly string[];
  readonly guess: EncodingGuess | null;
  readonly sheets: readonly Sheet[];
  readonly problem: FileProblem | null;
  readonly template: ImportTemplate | null;
}

export function columnsView(
  req: Request,
  item: Import,
  options: ImportOptions,
  read: ColumnsReading,
  form: FormState,
) {
  const { t, locale } = req.context;
  const { problem, template } = read;
  const body = options.headerRow ? read.rows.slice(1) : read.rows;
  const words = (section: string, keys: readonly string[]) =>
    keys.map((value) => ({ value, label: t(`campaigns:${section}.${value}`) }));
  const columns = options.columns.map((target, index) => ({
    index,
    header: options.headers[index] || t('campaigns:import.columnNth', { number: index + 1 }),
    target,
    own: options.names[index] || options.headers[index] || '',
    winner: options.wins[index] ?? '',
    samples: samples(body, index),
    guessed: !template && (read.by[index] === 'header' || read.by[index] === 'content'),
    unknown: target === 'custom' && read.by[index] === 'none',
  }));
  const values = {
    encoding: options.encoding,
    delimiter: delimiterName(options.delimiter),
    header: options.headerRow ? 'yes' : 'no',
    sheet: options.sheet ?? '',
    defaultCountry: options.defaultCountry,
    existing: options.existing,
    matchBy: options.matchBy,
    repeats: options.repeats,
    days: options.days,
    barred: options.barred,
    tags: options.tags.join(', '),
    template: template?.name ?? '',
    ...form.values,
  };
  return {
    ...importLook,
    title: t('campaigns:import.title'),
    steps: stepsView(item, 2, t),
    item,
    form: { values, errors: form.errors },
    isText: options.format === 'csv',
    sheets: read.sheets.length > 1 ? read.sheets.map(({ name }, value) => ({ value, label: name })) : null,
    checkStopped: item.error?.code === 'check-stopped' ? fileProblemWords(item.error, t) : null,
    problem: problem ? fileProblemWords({ code: problem.code, details: problem.details }, t) : null,
    oneColumn: !problem && columns.length === 1,
    nameless: !problem && columns.length > 1 && !columns.some(({ target }) => namingTargets.includes(target)),
    certain: read.guess?.confidence === 'certain' && read.guess.encoding === options.encoding,
    unreadable: body.some((cells) => cells.some((cell) => cell.includes('\ufffd'))),
    template,
    columns,
    preview: body.slice(0, previewRows).map((cells) => columns.map(({ index }) => short(cells[index]))),
    choices: {
      targets: words('columns', columnTargets),
      encodings: words('encodings', encodings),
      delimiters: words('delimiters', Object.keys(delimiterNames)),
      header: words('headerRow', ['yes', 'no']),
      countries: countryChoices(locale),
      existing: words('existing', mergeModes),
      matchBy: words('matchBy', matchRules),
      repeats: words('repeats', repeatScopes),
      barred: words('barred', ['keep', 'leave-out']),
      wins: fieldWinners.map((value) => ({ value, label: t(`campaigns:wins.${value || 'general'}`) })),
    },
  };
}

/** The first values of a column that differ. */
function samples(rows: readonly (readonly string[])[], column: number): string[] {
  const found = new Set<string>();
  for (const cells of rows) {
    const text = short(cells[column]).trim();
    if (text !== '') found.add(text);
    if (found.size === samplesShown) break;
  }
  return [...found];
}

const short = (cell: string | undefined): string => {
  const text = cell ?? '';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
};
