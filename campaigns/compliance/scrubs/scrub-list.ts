import { line } from '../../../core/text/index.ts';
import { callingCodeOf, callingCodeOfCountry, countryOfNumber } from '../zones/number-zones.ts';
import { regionsOfAreaCode } from '../zones/area-regions.ts';

/** `national`: numbers that asked the state not to be called. `reassigned`: numbers that were given back, and when. */
export const scrubKinds = ['national', 'reassigned'] as const;
export type ScrubKind = (typeof scrubKinds)[number];

export type ScrubState = 'loading' | 'proposed' | 'active' | 'retired' | 'refused' | 'failed';

/** A list in force is never changed: changes make a new one, and what was retired comes back as another. */
export const scrubTransitions: Readonly<Record<ScrubState, readonly ScrubState[]>> = {
  loading: ['active', 'proposed', 'failed'],
  proposed: ['active', 'refused'],
  active: ['retired'],
  retired: [],
  refused: [],
  failed: [],
};

/** For so long a list that has gone can be put back; then its numbers are removed. */
export const putBackWithinMs = 14 * 86_400_000;

export function canBePutBack(
  { state, retiredAt }: Pick<ScrubList, 'state' | 'retiredAt'>,
  now: number,
): boolean {
  return state === 'retired' && retiredAt !== null && retiredAt > now - putBackWithinMs;
}

/** An official list, loaded as a whole or brought up to date by changes. */
export interface ScrubList {
  readonly id: number;
  readonly kind: ScrubKind;
  readonly country: string;
  readonly name: string;
  /** Beginnings of numbers (`+1212`) that the list speaks of; none: the whole country. */
  readonly areas: readonly string[];
  /** `YYYY-MM-DD` of the official data. */
  readonly scrubbedOn: string;
  readonly state: ScrubState;
  readonly revision: number;
  readonly numbers: number;
  /** How many numbers changes have taken away since the last edition that came whole, or that two have agreed on. */
  readonly taken: number;
  /** Numbers of that edition. */
  readonly countedFrom: number;
  readonly refused: number;
  readonly fileName: string;
  /** Below the data folder, while it is loaded. */
  readonly filePath: string | null;
  readonly jobId: string | null;
  /** How often its load was begun again because its job was lost. */
  readonly takenUp: number;
  readonly failure: string | null;
  readonly loadedBy: number | null;
  readonly loadedAt: number;
  readonly activatedAt: number | null;
  readonly retiredAt: number | null;
  /** The list that it was made from: by changes to it, or because that one was put back. */
  readonly changesOf: number | null;
  /** Read when national numbers that begin with the country's own code were taken for international ones. */
  readonly misread: boolean;
}

export type NewScrubList = Pick<
  ScrubList,
  'kind' | 'country' | 'name' | 'areas' | 'scrubbedOn' | 'fileName' | 'loadedBy'
> &
  Partial<Pick<ScrubList, 'filePath' | 'changesOf'>>;

/** `212, 646 +1917` for a country becomes `+1212 +1646 +1917`. @throws ZodError-friendly text by returning null. */
export function readAreas(text: string, country: string): string[] | null {
  const code = callingCodeOfCountry(country);
  const areas: string[] = [];
  for (const part of text.split(/[\s,;]+/).filter(Boolean)) {
    if (!/^\+?\d{1,10}$/.test(part) || code === undefined) return null;
    areas.push(part.startsWith('+') ? part : `+${code}${part}`);
  }
  return [...new Set(areas)].sort();
}

/** The country whose national list speaks of a number: within +1 by the area code, within +7 by the first digit. */
export function listCountryOf(e164: string): string | undefined {
  if (/^\+7[67]/.test(e164)) return 'KZ';
  if (callingCodeOf(e164.slice(1)) !== '1') return countryOfNumber(e164);
  const [region] = regionsOfAreaCode(e164.slice(2, 5));
  return region?.slice(0, 2) ?? 'US';
}

export function covers({ country, areas }: Pick<ScrubList, 'country' | 'areas'>, e164: string): boolean {
  if (listCountryOf(e164) !== country) return false;
  return areas.length === 0 || areas.some((area) => e164.startsWith(area));
}

/**
 * Jersey and others have their numbers among those of a larger country. A list of theirs does not speak for that
 * country, but who stands on it is not called.
 */
export function mayHold({ country }: Pick<ScrubList, 'country'>, e164: string): boolean {
  const code = callingCodeOf(e164.slice(1));
  if (code === undefined || code === '1' || code === '7') return false;
  return callingCodeOfCountry(country) === code && countryOfNumber(e164) !== country;
}

export const scrubName = line.min(2).max(120);
