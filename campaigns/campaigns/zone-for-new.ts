import type { Reader } from '../../core/i18n/index.ts';
import { plausibleZones } from '../compliance/index.ts';

type Known = Pick<Reader, 'zone' | 'zoneGuessed'>;

/**
 * The zone a new campaign starts with: the reader's own. Servers run on UTC and few people live there, so where that
 * is all there is, the house's country says more if it has one zone only.
 */
export function zoneForNew(reader: Known, country: string): string {
  return isOwn(reader) ? reader.zone : (onlyZoneOf(country) ?? reader.zone);
}

/** `CN=Asia/Shanghai …` for the form of a new campaign: countries of one zone; null where the reader's own zone says more. */
export function zonesToPropose(reader: Known, countries: readonly string[]): string | null {
  if (isOwn(reader)) return null;
  return countries
    .map((country) => [country, onlyZoneOf(country)])
    .filter(([, zone]) => zone)
    .map((pair) => pair.join('='))
    .join(' ');
}

function isOwn({ zone, zoneGuessed }: Known): boolean {
  return !zoneGuessed && zone !== 'UTC';
}

function onlyZoneOf(country: string): string | null {
  const [only, ...others] = plausibleZones('', country);
  return only && others.length === 0 ? only : null;
}
