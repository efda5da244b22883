import { z } from 'zod';
import { line } from '../../core/text/index.ts';
import { fitTags, isCountry, splitTags } from '../../crm/index.ts';
import { columnTargets, phoneTargets, repeatable } from './columns.ts';
import { encodings } from './encoding.ts';
import {
  delimiters,
  fieldWinners,
  limits,
  matchRules,
  mergeModes,
  repeatScopes,
  type ImportOptions,
} from './import.ts';

const delimiterKeys = ['comma', 'semicolon', 'tab', 'bar'] as const;
/** Of a workbook: its place among the sheets. */
const sheet = z.coerce.number().int().min(0).max(500);

/** The choices that change how the file is read: in the address of the page, so that they can be tried. */
export const readingQuery = z.object({
  encoding: z.enum(encodings).optional(),
  delimiter: z.enum(delimiterKeys).optional(),
  header: z.enum(['yes', 'no']).optional(),
  sheet: sheet.optional(),
});

export const delimiterNames = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const satisfies Record<
  string,
  (typeof delimiters)[number]
>;
export type DelimiterName = keyof typeof delimiterNames;

export function delimiterName(delimiter: string): DelimiterName {
  const found = Object.entries(delimiterNames).find(([, value]) => value === delimiter);
  return (found?.[0] ?? 'comma') as DelimiterName;
}

/** `columns[0]`, `columns[1]` … come as an array or, when there are many, as an object. */
const byColumn = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) =>
      Array.isArray(value)
        ? value
        : typeof value === 'object' && value
          ? Object.values(value)
          : value === undefined
            ? []
            : [value],
    z.array(item).max(limits.columns),
  );

/** The form of the second step: what each column is, and what happens to who is known. */
export const columnsForm = z
  .object({
    encoding: z.enum(encodings),
    delimiter: z.enum(delimiterKeys),
    header: z.enum(['yes', 'no']),
    sheet: z.union([sheet, z.literal('').transform(() => null)]).default(null),
    defaultCountry: z.string().refine((code) => isCountry(code), 'campaigns:errors.country'),
    existing: z.enum(mergeModes),
    matchBy: z.enum(matchRules).default('both'),
    repeats: z.enum(repeatScopes).default('campaign'),
    days: z.coerce.number().int().min(1).max(3_650).default(30),
    barred: z.enum(['keep', 'leave-out']).default('keep'),
    tags: z
      .string()
      .max(500)
      .refine((text) => fitTags(splitTags(text)), 'crm:errors.tagLong')
      .default(''),
    template: line.max(120).default(''),
    columns: byColumn(z.enum(columnTargets)).pipe(z.array(z.enum(columnTargets)).min(1)),
    names: byColumn(z.string().trim().max(60)),
    wins: byColumn(z.enum(fieldWinners)),
  })
  .superRefine((form, context) => {
    const problem = (message: string, params?: Record<string, unknown>) =>
      context.addIssue({ code: 'custom', path: ['_'], message, params });
    if (!form.columns.some((target) => phoneTargets.includes(target)))
      problem('campaigns:errors.noPhoneColumn');
    const single = form.columns.filter((target) => !repeatable.includes(target));
    const twice = single.find((target, index) => single.indexOf(target) !== index);
    if (twice) problem('campaigns:errors.columnTwice', { target: twice });
    if (form.matchBy === 'external_id' && !form.columns.includes('external_id'))
      problem('campaigns:errors.noIdColumn');
  });

/** The choices of the form, on top of those made before. */
export function optionsOf(
  form: z.output<typeof columnsForm>,
  before: ImportOptions,
  headers: readonly string[],
  tags: readonly string[],
): ImportOptions {
  const { encoding, delimiter, header, template: _, tags: _tags, ...rest } = form;
  return {
    ...before,
    ...rest,
    encoding,
    delimiter: delimiterNames[delimiter],
    headerRow: header === 'yes',
    headers,
    // A heading typed again is no name of its own.
    names: form.names.map((name, index) => (name === (headers[index] ?? '') ? '' : name)),
    tags,
  };
}
