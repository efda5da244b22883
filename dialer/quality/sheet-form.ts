import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { line } from '../../core/text/index.ts';
import { mostPoints, mostQuestions, questionKinds, type Question } from './score-sheet.ts';

const ticked = z.preprocess((value) => value === 'yes' || value === true, z.boolean());
const questionSchema = z
  .object({
    id: z.string().regex(/^[0-9a-f]{8}$/).or(z.literal('')).default(''), // prettier-ignore
    section: line.min(1, 'common:errors.required').max(80),
    text: line.min(1, 'common:errors.required').max(300),
    kind: z.enum(questionKinds),
    max: z.coerce.number().int().min(1).max(mostPoints).or(z.literal('')).default(1),
    weight: z.preprocess(
      (value) => (value === '' ? undefined : value),
      z.coerce.number('common:errors.required').int().min(0).max(100),
    ),
    mayNotApply: ticked,
    isFatal: ticked,
  })
  .transform(({ id, max, ...question }): Question => {
    const points = question.kind === 'yes-no' || max === '' ? 1 : max;
    return { ...question, id: id || randomBytes(4).toString('hex'), max: points };
  });

/** Forms send more than twenty rows by their numbers; a row without words is none. */
const rows = (given: unknown) =>
  (Array.isArray(given) ? given : Object.values(given ?? {})).filter(
    (row) => String((row as { text?: unknown }).text ?? '').trim() !== '',
  );

export const sheetForm = z.object({
  name: line.min(1, 'common:errors.required').max(80),
  /** Of the sheet when its form was opened; 0 for a new one. */
  version: z.coerce.number().int().min(0),
  questions: z.preprocess(
    rows,
    z
      .array(questionSchema)
      .min(1, 'quality:errors.noQuestions')
      .max(mostQuestions)
      .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'common:errors.invalid')
      .refine((all) => all.some(({ weight }) => weight > 0), 'quality:errors.noWeight'),
  ),
});
export type SheetForm = z.output<typeof sheetForm>;

/** Answers as a form sends them. */
export const answersSchema = z
  .record(
    z.string().regex(/^[0-9a-f]{8}$/),
    z.union([z.literal('na'), z.coerce.number().int().min(0).max(mostPoints)]),
  )
  .default({});
