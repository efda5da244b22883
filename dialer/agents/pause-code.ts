import { z } from 'zod';
import type { Locale } from '../../core/i18n/index.ts';
import { line } from '../../core/text/index.ts';

/** Why an agent is away from calls. */
export interface PauseCode {
  readonly id: number;
  readonly code: string;
  readonly names: Readonly<Record<Locale, string>>;
  /** Counts as paid time. */
  readonly paid: boolean;
  /** How long it is meant to last; null: no limit. Longer shows on the floor. */
  readonly limitMs: number | null;
  readonly position: number;
  readonly active: boolean;
}

export type NewPauseCode = Omit<PauseCode, 'id'>;

const names = (en: string, cn: string, tw: string) => ({ en, 'zh-CN': cn, 'zh-TW': tw });
const minute = 60_000;

/** What every installation starts with. */
export const seedPauseCodes: readonly NewPauseCode[] = [
  { code: 'break', names: names('Break', '小休', '休息'), paid: true, limitMs: 15 * minute },
  { code: 'lunch', names: names('Lunch', '用餐', '用餐'), paid: false, limitMs: 60 * minute },
  { code: 'training', names: names('Training', '培训', '教育訓練'), paid: true, limitMs: null },
  { code: 'meeting', names: names('Meeting', '会议', '會議'), paid: true, limitMs: null },
  {
    code: 'after-call',
    names: names('Paperwork', '补录资料', '補登資料'),
    paid: true,
    limitMs: 10 * minute,
  },
].map((code, position) => ({ ...code, position, active: true }));

const checkbox = z
  .union([z.boolean(), z.literal('on'), z.literal('1'), z.literal('')])
  .transform((value) => value === true || value === 'on' || value === '1');
const name = line.min(1).max(60);

/** A pause code as its page sends it; the limit in minutes, empty for none. */
export const pauseCodeFormSchema = z.object({
  code: z
    .string()
    .trim()
    .min(1)
    .max(40)
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'dialer:errors.code'),
  names: z.object({ en: name, 'zh-CN': name, 'zh-TW': name }),
  paid: checkbox.default(false),
  limitMinutes: z
    .union([z.literal('').transform(() => null), z.coerce.number().int().min(1).max(1440)])
    .default(null),
  active: checkbox.default(false),
});

export type PauseCodeForm = z.output<typeof pauseCodeFormSchema>;
