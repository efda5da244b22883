import { z } from 'zod';
import { line } from '../../core/text/index.ts';
import {
  answerOperators,
  conditionFields,
  fieldOperators,
  mostBranches,
  mostOptions,
  questionKinds,
  type BranchCondition,
} from './script.ts';

export const stepId = z.string().regex(/^[0-9a-f]{8}$/);
/** BCP 47, as far as texts are kept by it. */
export const languageTag = z.string().regex(/^[a-z]{2,3}(-[A-Za-z]{2,4})?$/);
export const scriptName = z.object({ name: line.min(1, 'common:errors.required').max(120) });

const target = z.union([z.literal('following'), z.literal('end'), stepId]);
const words = z.string().max(300).default('');

/**
 * What a branch waits for, as one choice says it: `is:<answer>`, another operator of answers, or `customer`, where
 * field, operator and value stand beside it.
 */
const when = z.union([
  z.literal('customer'),
  z.enum(answerOperators),
  z.string().regex(/^is:([0-9a-f]{8}|yes|no)$/),
]);

const field = z.union([z.enum(conditionFields), z.string().regex(/^custom\..{1,60}$/)]);

const branchRow = z
  .object({
    when,
    field: field.default('language'),
    operator: z.enum(fieldOperators).default('is'),
    value: z.string().trim().max(200).default(''),
    to: target,
  })
  .transform(({ to, when: on, ...about }) => {
    const condition: BranchCondition =
      on === 'customer'
        ? { on: 'customer', ...about }
        : on.startsWith('is:')
          ? { on: 'answer', operator: 'is', value: on.slice('is:'.length) }
          : { on: 'answer', operator: on as (typeof answerOperators)[number], value: about.value };
    return { condition, to };
  });

const optionRow = z.object({ id: stepId, words });

/** Forms send more than twenty rows by their numbers. */
const rows = <T extends z.ZodType>(row: T, most: number) =>
  z.preprocess(
    (given) => (Array.isArray(given) ? given : Object.values(given ?? {})),
    z.array(row).max(most),
  );

/** What is done beside keeping the step: `up-option:2`. */
const operation = z
  .string()
  .regex(/^[a-z-]{1,20}(:[\w-]{1,20})?$/)
  .default('keep')
  .transform((text) => {
    const [name = '', of = ''] = text.split(':');
    return { name, of };
  });

/** One step as it stands in its form, with the words of one language. */
export const stepForm = z.object({
  revision: z.coerce.number().int().min(0),
  language: languageTag,
  op: operation,
  title: z.string().trim().max(120).default(''),
  text: z.string().max(8_000).default(''),
  kind: z.union([z.literal(''), z.enum(questionKinds)]).default(''),
  words,
  required: z.preprocess((value) => value === 'yes', z.boolean()),
  saveTo: z.string().max(60).default(''),
  options: rows(optionRow, mostOptions),
  branches: rows(branchRow, mostBranches),
  next: target.default('following'),
  disposition: z.string().max(60).default(''),
  newLanguage: languageTag.or(z.literal('')).default(''),
});
export type StepForm = z.output<typeof stepForm>;
