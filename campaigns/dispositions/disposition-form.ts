import { z } from 'zod';
import { line } from '../../core/text/index.ts';
import { formSchema } from '../../crm/index.ts';
import {
  answeredBys,
  dispositionCategories,
  type Disposition,
  type DispositionCategory,
} from './disposition.ts';

/** What becomes of the lead: it is finished, tried again after a delay of its own, or by the campaign's rules. */
export const dispositionEnds = ['final', 'later', 'rule'] as const;
export const retryUnits = { m: 1, h: 60, d: 1440 } as const;
type RetryUnit = keyof typeof retryUnits;

const longestRetryMinutes = 366 * 1440;
const name = line.min(1).max(60);
const flag = z.preprocess((value) => value === 'on' || value === true, z.boolean());
const ids = z.preprocess(
  (value) =>
    value === undefined || value === '' ? [] : Array.isArray(value) ? value : Object.values([value].flat()),
  z.array(z.coerce.number().int().positive()).max(2000),
);

/** Categories of which the law or the promise says what becomes of the lead. */
export const fixedEnds: Readonly<Partial<Record<DispositionCategory, (typeof dispositionEnds)[number]>>> = {
  // The number is on the DNC list: there is no other end.
  dnc: 'final',
  // The time that was promised.
  callback: 'rule',
};

const base = z.object({
  code: z
    .string()
    .trim()
    .max(40)
    .regex(/^([a-z0-9][a-z0-9_-]*)?$/, 'campaigns:dispositions.errors.code')
    .default(''),
  names: z.object({ en: name, 'zh-CN': name, 'zh-TW': name }),
  category: z.enum(dispositionCategories),
  rightParty: flag,
  /** Empty: it does not say. */
  answeredBy: z.preprocess(
    (value) => (value === '' || value === undefined ? null : value),
    z.enum(answeredBys).nullable(),
  ),
  end: z.enum(dispositionEnds).default('rule'),
  retryAmount: z.union([z.literal(''), z.coerce.number().int().min(1).max(10_000)]).default(''),
  retryUnit: z.enum(['m', 'h', 'd']).catch('h'),
  hotkey: z
    .union([z.literal(''), z.string().regex(/^[0-9]$/, 'campaigns:dispositions.errors.hotkey')])
    .default(''),
  active: flag,
  campaignIds: ids,
});

export interface DispositionInput extends Omit<Disposition, 'id' | 'position' | 'usedAt'> {
  /** Empty: made of the English name. */
  readonly code: string;
  /** Campaigns, of those not put away, that offer it. */
  readonly campaignIds: readonly number[];
}

export const dispositionFormSchema: z.ZodType<DispositionInput> = formSchema(
  base,
  (_input, form, context): DispositionInput | null => {
    if (!form) return null;
    const { end: wished, retryAmount, retryUnit, hotkey, code, ...rest } = form;
    const end = fixedEnds[form.category] ?? wished;
    const wrong = (key: string) => {
      context.addIssue({
        code: 'custom',
        path: ['retryAmount'],
        message: `campaigns:dispositions.errors.${key}`,
      });
      return null;
    };
    const retryMinutes = end === 'later' ? Number(retryAmount) * retryUnits[retryUnit as RetryUnit] : null;
    if (end === 'later' && retryAmount === '') return wrong('retry');
    if (retryMinutes !== null && retryMinutes > longestRetryMinutes) return wrong('retryLong');
    return {
      ...rest,
      code,
      final: end === 'final',
      retryMinutes,
      hotkey: hotkey === '' ? null : hotkey,
    };
  },
);

export function endOf({ final, retryMinutes }: Pick<Disposition, 'final' | 'retryMinutes'>) {
  return final ? 'final' : retryMinutes === null ? 'rule' : 'later';
}

/** Minutes in the largest unit that divides them. */
export function retryOf(minutes: number): { amount: number; unit: RetryUnit } {
  const unit = minutes % 1440 === 0 ? 'd' : minutes % 60 === 0 ? 'h' : 'm';
  return { amount: minutes / retryUnits[unit], unit };
}

/** What the form shows of a disposition. */
export function dispositionForm(
  disposition: Disposition,
  campaignIds: readonly number[],
): Record<string, unknown> {
  const { code, names, category, rightParty, answeredBy, retryMinutes, hotkey, active } = disposition;
  const retry = retryMinutes === null ? null : retryOf(retryMinutes);
  return {
    ...{ code, names, category, rightParty, answeredBy: answeredBy ?? '', active },
    end: endOf(disposition),
    retryAmount: retry?.amount ?? '',
    retryUnit: retry?.unit ?? 'h',
    hotkey: hotkey ?? '',
    campaignIds: campaignIds.map(String),
  };
}
