import { z } from 'zod';
import { isCountry } from '../../crm/index.ts';
import { columnTargets, phoneTargets, repeatable } from './columns.ts';
import { encodings } from './encoding.ts';
import { delimiters, limits, mergeModes } from './import.ts';

/** The choices that change how the file is read: in the address of the page, so that they can be tried. */
export const readingQuery = z.object({
  encoding: z.enum(encodings).optional(),
  delimiter: z.enum(['comma', 'semicolon', 'tab', 'bar']).optional(),
  header: z.enum(['yes', 'no']).optional(),
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

/** The form of the second step: what each column is, and what happens to who is known. */
export const columnsForm = z
  .object({
    encoding: z.enum(encodings),
    delimiter: z.enum(['comma', 'semicolon', 'tab', 'bar']),
    header: z.enum(['yes', 'no']),
    defaultCountry: z.string().refine((code) => isCountry(code), 'campaigns:errors.country'),
    existing: z.enum(mergeModes),
    tags: z.string().max(500).default(''),
    columns: z.preprocess(
      (value) =>
        Array.isArray(value)
          ? value
          : typeof value === 'object' && value
            ? Object.values(value)
            : value === undefined
              ? []
              : [value],
      z.array(z.enum(columnTargets)).min(1).max(limits.columns),
    ),
  })
  .superRefine((form, context) => {
    if (!form.columns.some((target) => phoneTargets.includes(target)))
      context.addIssue({ code: 'custom', path: ['_'], message: 'campaigns:errors.noPhoneColumn' });
    const single = form.columns.filter((target) => !repeatable.includes(target));
    const twice = single.find((target, index) => single.indexOf(target) !== index);
    if (twice)
      context.addIssue({
        code: 'custom',
        path: ['_'],
        message: 'campaigns:errors.columnTwice',
        params: { target: twice },
      });
  });
