import maxMetadata from 'libphonenumber-js/max/metadata';
import type { PhoneType } from './customer.ts';

/**
 * What libphonenumber says of a number that is written with nothing but digits and their punctuation, from its own
 * metadata and by its own rules, with every pattern compiled once: the library compiles them anew for each number, which
 * is most of the time that a large list takes to read. `test/crm/plain-number.test.ts` holds the two against each other.
 */
export type PlainReading =
  { readonly e164: string; readonly type: PhoneType } | 'invalid' | /* For the library to say. */ 'unsure';

type Lengths = readonly number[] | null;

interface NumberKind {
  readonly pattern: RegExp;
  readonly lengths: Lengths;
  readonly type: PhoneType;
}

interface Plan {
  readonly code: string;
  readonly idd: RegExp;
  readonly pattern: RegExp;
  readonly lengths: Lengths;
  /** Null: there is none. */
  readonly nationalPrefix: RegExp | null;
  /** The prefix carries digits of the number or a carrier's code. */
  readonly prefixHasParts: boolean;
  readonly leading: RegExp | null;
  readonly kinds: readonly NumberKind[];
}

type Stored = readonly unknown[];
interface Metadata {
  readonly country_calling_codes: Readonly<Record<string, readonly string[]>>;
  readonly countries: Readonly<Record<string, Stored>>;
}

const metadata = maxMetadata as unknown as Metadata;
const shape = /^[+(]?\d[\d ().\/-]*\d$/;
const shortestNational = 2;
const longestNational = 17;
const longestCode = 3;
/** Places of the kinds in the metadata, in the order in which a number is tried against them. */
const [fixedLine, mobile] = [0, 1];
const otherKinds = [3, 2, 9, 8, 4, 7, 6, 5];

/** Whether `readPlain` has anything to say of a text. */
export function isPlain(text: string): boolean {
  return text.length < 40 && shape.test(text);
}

/** Of a text that `isPlain`, for the country it is local to, which exists. */
export function readPlain(text: string, country: string): PlainReading {
  const digits = text.replace(/\D/g, '');
  return text.startsWith('+') ? international(digits) : national(digits, country);
}

function international(digits: string): PlainReading {
  if (digits.startsWith('0')) return 'invalid';
  for (let length = 1; length <= longestCode && length <= digits.length; length++) {
    const code = digits.slice(0, length);
    const countries = metadata.country_calling_codes[code];
    if (!countries) continue;
    if (countries[0]!.length !== 2) return 'unsure';
    return digits.length === length ? 'invalid' : ofPlan(digits.slice(length), planOf(countries[0]!));
  }
  return 'unsure';
}

function national(digits: string, country: string): PlainReading {
  const plan = planOf(country);
  if (!plan || plan.idd.test(digits)) return 'unsure';
  if (!digits.startsWith(plan.code)) return ofPlan(digits, plan);
  // Perhaps its country code stands before it without a plus.
  const whole = withoutPrefix(digits, plan);
  const shorter = digits.slice(plan.code.length);
  const rest = withoutPrefix(shorter, plan);
  if (whole === null || rest === null) return 'unsure';
  const coded = (!plan.pattern.test(whole) && plan.pattern.test(rest)) || isTooLong(whole, plan);
  return coded
    ? ofPlan(shorter, planOf(metadata.country_calling_codes[plan.code]![0]!))
    : ofPlan(digits, plan);
}

function ofPlan(digits: string, plan: Plan | null): PlainReading {
  const number = plan && withoutPrefix(digits, plan);
  if (!plan || number === null) return 'unsure';
  if (number.length < shortestNational || number.length > longestNational) return 'invalid';
  const kind = kindOf(number, planOfNumber(number, plan) ?? plan);
  return kind ? { e164: `+${plan.code}${number}`, type: kind } : 'invalid';
}

/** Without the national prefix, if it has one; null: for the library to say. */
function withoutPrefix(digits: string, plan: Plan): string | null {
  const prefix = plan.nationalPrefix?.exec(digits)?.[0];
  if (prefix === undefined) return digits;
  if (plan.prefixHasParts) return null;
  const rest = digits.slice(prefix.length);
  if (rest === digits) return digits;
  if (plan.pattern.test(digits) && !plan.pattern.test(rest)) return digits;
  if (!plan.lengths) return rest;
  const { lengths } = planOfNumber(rest, plan) ?? plan;
  return !lengths || lengths.includes(rest.length) || rest.length > lengths.at(-1)! ? rest : digits;
}

function isTooLong(number: string, { lengths }: Plan): boolean {
  return lengths !== null && number.length > lengths.at(-1)!;
}

/** Of the countries that share a code, the one that the number is of; null when none says so. */
function planOfNumber(number: string, { code }: Plan): Plan | null {
  const countries = metadata.country_calling_codes[code]!;
  if (countries.length === 1) return planOf(countries[0]!);
  for (const country of countries) {
    const plan = planOf(country);
    if (plan && (plan.leading ? plan.leading.test(number) : kindOf(number, plan) !== null)) return plan;
  }
  return null;
}

function kindOf(number: string, plan: Plan): PhoneType | null {
  if (!plan.pattern.test(number)) return null;
  for (const { pattern, lengths, type } of plan.kinds)
    if ((!lengths || lengths.includes(number.length)) && pattern.test(number)) return type;
  return null;
}

const plans = new Map<string, Plan | null>();

function planOf(country: string): Plan | null {
  const known = plans.get(country);
  if (known !== undefined) return known;
  const stored = metadata.countries[country];
  const plan = stored ? compiled(stored) : null;
  plans.set(country, plan);
  return plan;
}

/** Null: the metadata does not tell kinds of numbers. */
function compiled(stored: Stored): Plan | null {
  const text = (place: number) => (typeof stored[place] === 'string' && stored[place] ? stored[place] : null);
  const kinds = stored[11] as (readonly [string, (readonly number[])?] | 0 | undefined)[] | undefined;
  if (!kinds?.length) return null;
  const lengths = (stored[3] as readonly number[] | undefined) || null;
  const kindAt = (place: number, type: PhoneType): NumberKind[] => {
    const kind = kinds[place];
    return kind && kind[0] ? [{ pattern: whole(kind[0]), lengths: kind[1] ?? lengths, type }] : [];
  };
  const [line] = kindAt(fixedLine, 'home');
  const [cell] = kindAt(mobile, 'mobile');
  // A number that may be either is called as a mobile phone: it is tried as both first.
  const lines = !line ? [] : cell ? [both(line, cell), line] : [{ ...line, type: 'mobile' as const }];
  const prefix = text(7) ?? text(5);
  const nationalPrefix = prefix ? new RegExp(`^(?:${prefix})`) : null;
  return {
    code: String(stored[0]),
    idd: new RegExp(`^(?:${String(stored[1])})`),
    pattern: whole(String(stored[2])),
    lengths,
    nationalPrefix,
    prefixHasParts: prefix !== null && (text(8) !== null || /\((?!\?)/.test(prefix)),
    leading: text(10) ? new RegExp(`^(?:${text(10)})`) : null,
    kinds: [...lines, ...(cell ? [cell] : []), ...otherKinds.flatMap((place) => kindAt(place, 'other'))],
  };
}

function both(line: NumberKind, cell: NumberKind): NumberKind {
  const lengths = line.lengths && cell.lengths ? line.lengths.filter((n) => cell.lengths!.includes(n)) : (line.lengths ?? cell.lengths); // prettier-ignore
  const pattern = new RegExp(`^(?=(?:${bare(line)})$)(?:${bare(cell)})$`);
  return { pattern, lengths, type: 'mobile' };
}

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`);
const bare = ({ pattern }: NumberKind) => pattern.source.slice(1, -1);
