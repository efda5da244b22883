import { z } from 'zod';
import { parseAddressRegion, regionCode } from '../../../crm/index.ts';

export const suspensionScopes = ['all', 'place', 'rule-set'] as const;
export type SuspensionScope = (typeof suspensionScopes)[number];

/** Calls stopped by hand, at once: everywhere, in a place, or under a rule set. */
export interface Suspension {
  readonly id: number;
  readonly scope: SuspensionScope;
  /** `US`, `US-NY`, `US-NY-100` (a postal code's beginning), or a rule set's name; empty for all. */
  readonly target: string;
  /** True: nobody is called. False: only those who have consented, as laws of a declared emergency have it. */
  readonly everyone: boolean;
  readonly reason: string;
  readonly startedBy: number | null;
  readonly startedAt: number;
  readonly endsAt: number | null;
  readonly liftedBy: number | null;
  readonly liftedAt: number | null;
  readonly liftReason: string | null;
}

export type NewSuspension = Pick<Suspension, 'scope' | 'target' | 'everyone' | 'reason' | 'endsAt'>;

export const suspensionReason = z.string().trim().min(3).max(255);
export const placeForm = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3}(-[A-Z0-9]{1,10})?)?$/);

export function isActive({ startedAt, endsAt, liftedAt }: Suspension, at: number): boolean {
  return startedAt <= at && (endsAt === null || endsAt > at) && (liftedAt === null || liftedAt > at);
}

/** Whom a call would reach: as far as number and address tell. */
export interface Whereabouts {
  /** `US-NY`, `CA-ON`, `TW` … of number and address. */
  readonly places: ReadonlySet<string>;
  readonly addressRegion: string | null;
  readonly ruleSets: readonly string[];
}

/** Does a suspension bear on a call? A place that may be meant counts as meant. */
export function bearsOn(
  { scope, target }: Suspension,
  { places, addressRegion, ruleSets }: Whereabouts,
): boolean {
  if (scope === 'all') return true;
  if (scope === 'rule-set') return ruleSets.includes(target);
  const [country = '', written = '', postal = ''] = target.split('-');
  // Some were stopped by the code that a province had before.
  const part = (written && regionCode(`${country}-${written}`)?.split('-')[1]) || written;
  const address = parseAddressRegion(addressRegion);
  const inAddress =
    address !== null &&
    address.country === country &&
    (part === '' || address.subdivision === null || address.subdivision === part) &&
    (postal === '' || address.postalCode === null || beginAlike(address.postalCode, postal));
  if (inAddress) return true;
  // A number of the state with an address that names another part of it is elsewhere; without one it may be anywhere.
  const elsewhere = postal !== '' && address?.country === country && address.subdivision === part;
  if (elsewhere) return false;
  for (const place of places) {
    const [placeCountry, placePart = ''] = place.split('-');
    if (placeCountry !== country) continue;
    if (part === '' || placePart === part) return true;
    if (placePart === '' && address?.country !== country) return true;
  }
  return false;
}

/** One of two postal codes, or beginnings of them, may be the shorter. */
const beginAlike = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);
