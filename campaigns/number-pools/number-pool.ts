import { z } from 'zod';
import { isZone } from '../../core/i18n/index.ts';
import { line } from '../../core/text/index.ts';
import { callingCodeOf, numberZones } from '../compliance/zones/number-zones.ts';

/** A number that customers see who calls. */
export interface PoolNumber {
  readonly e164: string;
  /** Calls a day; null: no limit. */
  readonly dailyLimit: number | null;
  readonly enabled: boolean;
}

/** Numbers of which each call shows one: nearest to the customer, then the least used. */
export interface NumberPool {
  readonly id: number;
  readonly name: string;
  /** IANA zone in which its numbers' days begin. */
  readonly zone: string;
  readonly numbers: readonly PoolNumber[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** So many digits behind the calling code make an area: two nearly everywhere, three in North America. */
const areaDigits = 2;
const areaDigitsOf: Readonly<Record<string, number>> = { '1': 3 };

/**
 * How near a number is to the customer's: 0 behind another calling code, 1 behind the same, 2 where both are in the same
 * time zones, and above that the more digits of the area they share. With fewer in common than make an area they share none.
 */
export function nearness(own: string, customer: string): number {
  const code = callingCodeOf(own.slice(1));
  if (code === undefined || code !== callingCodeOf(customer.slice(1))) return 0;
  const from = 1 + code.length;
  let shared = 0;
  while (from + shared < own.length && own[from + shared] === customer[from + shared]) shared += 1;
  const area = shared >= (areaDigitsOf[code] ?? areaDigits) ? shared : 0;
  const sameZones = numberZones(own).join() === numberZones(customer).join();
  return 1 + (sameZones ? 1 : 0) + area;
}

/** Whether the number may be shown on one more call today. */
export const hasLeft = ({ dailyLimit, enabled }: PoolNumber, calls: number): boolean =>
  enabled && (dailyLimit === null || calls < dailyLimit);

/** Those that may be shown now, best first: nearest to the customer, then with the least of their limit or calls used. */
export function inOrderFor(
  pool: Pick<NumberPool, 'numbers'>,
  customer: string,
  callsOf: (e164: string) => number,
): PoolNumber[] {
  return pool.numbers
    .map((number) => ({ number, calls: callsOf(number.e164), near: nearness(number.e164, customer) }))
    .filter(({ number, calls }) => hasLeft(number, calls))
    .sort((a, b) => b.near - a.near || usedShare(a) - usedShare(b) || a.calls - b.calls)
    .map(({ number }) => number);
}

const usedShare = ({ number, calls }: { number: PoolNumber; calls: number }): number =>
  number.dailyLimit === null ? 0 : calls / number.dailyLimit;

export const mostNumbers = 1_000;

const e164 = z
  .string()
  .trim()
  .transform((text) => text.normalize('NFKC').replace(/[\s().-]/g, ''))
  .pipe(z.string().regex(/^\+[1-9]\d{6,14}$/, 'campaigns:pools.errors.number'));
const limit = z.preprocess(
  (value) => (value === '' || value === undefined || value === null ? null : value),
  z.coerce.number().int().min(1).max(100_000).nullable(),
);
const flag = z.preprocess((value) => value === 'on' || value === true || value === '1', z.boolean());

/** The row that a form shows to be filled in is no number, nor one whose number was wiped out. */
const withoutEmptyRows = (rows: unknown): unknown =>
  Array.isArray(rows)
    ? rows.filter((row: { e164?: unknown } | null) => String(row?.e164 ?? '').trim())
    : rows;

/** A pool as its page sends it: its numbers by row, and more of them pasted, a line each. */
export const numberPoolFormSchema = z
  .object({
    name: line.min(1).max(60),
    zone: z.string().refine((zone) => isZone(zone), 'campaigns:errors.zone'),
    numbers: z
      .preprocess(withoutEmptyRows, z.array(z.object({ e164, dailyLimit: limit, enabled: flag })))
      .default([]),
    more: z
      .string()
      .max(40_000)
      .default('')
      .transform((text, context) => {
        const lines = text.split(/[\n,;]+/).filter((part) => part.trim());
        return lines.flatMap((written) => {
          const read = e164.safeParse(written);
          if (!read.success)
            context.addIssue({
              code: 'custom',
              message: 'campaigns:pools.errors.line',
              params: { written: written.trim().slice(0, 40) },
            });
          return read.success ? [read.data] : [];
        });
      }),
    moreLimit: limit.default(null),
  })
  .transform(({ name, zone, numbers, more, moreLimit }) => {
    const all = new Map<string, PoolNumber>();
    for (const number of numbers) all.set(number.e164, number);
    for (const added of more)
      if (!all.has(added)) all.set(added, { e164: added, dailyLimit: moreLimit, enabled: true });
    return { name, zone, numbers: [...all.values()] };
  })
  .refine(({ numbers }) => numbers.length > 0, { path: ['more'], error: 'campaigns:pools.errors.none' })
  .refine(({ numbers }) => numbers.length <= mostNumbers, {
    path: ['more'],
    error: 'campaigns:pools.errors.tooMany',
  });

export type NumberPoolForm = z.output<typeof numberPoolFormSchema>;
