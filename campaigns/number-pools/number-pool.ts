import { z } from 'zod';
import { isZone } from '../../core/i18n/index.ts';
import { line } from '../../core/text/index.ts';
import { regionsOfAreaCode } from '../compliance/zones/area-regions.ts';
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
  /** Numbers that are probably labelled as spam rest for a week by themselves. */
  readonly restFlagged: boolean;
  /** How often it has been saved since it was made. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** So many digits behind the calling code make an area: two nearly everywhere, three in North America. */
const areaDigits = 2;
const areaDigitsOf: Readonly<Record<string, number>> = { '1': 3 };

/** A number, and where it is: worked out once, as each call compares its customer with all numbers of a pool. */
export interface PlacedNumber extends PoolNumber {
  readonly code: string | undefined;
  readonly zones: string;
  /** States, provinces and countries that its area code was given to; none outside North America. */
  readonly regions: readonly string[];
}

export const placed = (number: PoolNumber): PlacedNumber => ({ ...number, ...placeOf(number.e164) });

function placeOf(e164: string): Pick<PlacedNumber, 'code' | 'zones' | 'regions'> {
  const code = callingCodeOf(e164.slice(1));
  const regions = code === '1' ? regionsOfAreaCode(e164.slice(2, 5)) : [];
  return { code, zones: numberZones(e164).join(), regions };
}

/**
 * How near a number is to the customer's: 0 behind another calling code, 1 behind the same, one more where both are in
 * the same time zones, two more where both are in the same state or province, and above that the more digits of the area
 * they share. With fewer in common than make an area they share none.
 */
function nearness(own: PlacedNumber, customer: ReturnType<typeof placeOf>, e164: string): number {
  if (own.code === undefined || own.code !== customer.code) return 0;
  const from = 1 + own.code.length;
  let shared = 0;
  while (from + shared < own.e164.length && own.e164[from + shared] === e164[from + shared]) shared += 1;
  const area = shared >= (areaDigitsOf[own.code] ?? areaDigits) ? shared : 0;
  const isInRegion = own.regions.some((region) => customer.regions.includes(region));
  return 1 + (own.zones === customer.zones ? 1 : 0) + (isInRegion ? 2 : 0) + area;
}

/** Whether the number may be shown on one more call today. */
export const hasLeft = ({ dailyLimit, enabled }: PoolNumber, calls: number): boolean =>
  enabled && (dailyLimit === null || calls < dailyLimit);

/** Of those that may be shown now the nearest to the customer, then that with the least of its limit or calls used. */
export function bestFor(
  numbers: readonly PlacedNumber[],
  e164: string,
  callsOf: (e164: string) => number,
): PlacedNumber | null {
  const customer = placeOf(e164);
  let best: { number: PlacedNumber; near: number; share: number; calls: number } | null = null;
  for (const number of numbers) {
    const calls = callsOf(number.e164);
    if (!hasLeft(number, calls)) continue;
    const near = nearness(number, customer, e164);
    const share = number.dailyLimit === null ? 0 : calls / number.dailyLimit;
    const isBetter =
      best === null ||
      near > best.near ||
      (near === best.near && (share < best.share || (share === best.share && calls < best.calls)));
    if (isBetter) best = { number, near, share, calls };
  }
  return best?.number ?? null;
}

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
    restFlagged: flag.default(false),
    revision: z.coerce.number().int().min(0).default(0),
  })
  .transform(({ name, zone, numbers, more, moreLimit, restFlagged, revision }) => {
    const all = new Map<string, PoolNumber>();
    for (const number of numbers) all.set(number.e164, number);
    for (const added of more)
      if (!all.has(added)) all.set(added, { e164: added, dailyLimit: moreLimit, enabled: true });
    return { name, zone, numbers: [...all.values()], restFlagged, revision };
  })
  .refine(({ numbers }) => numbers.length > 0, { path: ['more'], error: 'campaigns:pools.errors.none' })
  .refine(({ numbers }) => numbers.length <= mostNumbers, {
    path: ['more'],
    error: 'campaigns:pools.errors.tooMany',
  });

type Sent = z.output<typeof numberPoolFormSchema>;
/** What is left out stays as it is stored. */
export type NumberPoolForm = Omit<Sent, 'revision' | 'restFlagged'> & Partial<Pick<Sent, 'restFlagged'>>;
