import { isUpToDate, zoneRules, type ZoneRules } from '../../../core/time/zone-rules.ts';
import { parseAddressRegion } from '../../../crm/index.ts';
import { addressZones } from './address-zones.ts';
import { callingCodeOf, callingCodeOfCountry, numberZones } from './number-zones.ts';

/** Address regions remembered; a million customers may have as many postal codes. */
const rememberedRegions = 20_000;

interface Place {
  readonly callingCode: string | undefined;
  readonly zones: readonly string[];
}

// The tables are constant and hand out the same arrays again and again, so that answers can be kept by identity.
const places = new Map<string, Place>();
const combined = new WeakMap<readonly string[], Map<Place, readonly string[]>>();
const loaded = new WeakMap<readonly string[], readonly ZoneRules[]>();
const nowhere: Place = { callingCode: undefined, zones: [] };

/**
 * Every zone the called party may be in, sorted. Zones of the address that the number allows; both together when they
 * contradict each other; the number's alone without an address. Empty: nobody can say, so nobody may call.
 */
export function plausibleZones(e164: string, addressRegion?: string | null): readonly string[] {
  const byNumber = numberZones(e164);
  const place = addressRegion ? placeOf(addressRegion) : nowhere;
  let answers = combined.get(byNumber);
  if (!answers) combined.set(byNumber, (answers = new Map()));
  let answer = answers.get(place);
  if (!answer) {
    const sameCode = place.callingCode !== undefined && place.callingCode === callingCodeOf(e164.slice(1));
    answer = combine(byNumber, place.zones, sameCode);
    if (answers.size < rememberedRegions) answers.set(place, answer);
  }
  return answer;
}

function placeOf(addressRegion: string): Place {
  const known = places.get(addressRegion);
  if (known) return known;
  const region = parseAddressRegion(addressRegion);
  const place = region
    ? { callingCode: callingCodeOfCountry(region.country), zones: addressZones(region) }
    : nowhere;
  if (places.size < rememberedRegions) places.set(addressRegion, place);
  return place;
}

function combine(
  byNumber: readonly string[],
  byAddress: readonly string[],
  sameCode: boolean,
): readonly string[] {
  if (byAddress.length === 0) return sorted(byNumber);
  if (byNumber.length === 0) return sorted(byAddress);
  const agreed = byAddress.filter((zone) =>
    byNumber.some((other) => zone === other || (sameCode && sameClock(zone, other))),
  );
  return sorted(agreed.length > 0 ? agreed : [...byAddress, ...byNumber]);
}

/** Rules of all the zones; empty when one is unknown or its data are out of date, as no rule can be checked then. */
export function rulesOfZones(names: readonly string[]): readonly ZoneRules[] {
  let rules = loaded.get(names);
  if (!rules) {
    const all = names.map(zoneRules);
    rules = all.every((zone) => zone !== undefined && isUpToDate(zone)) ? (all as ZoneRules[]) : [];
    loaded.set(names, rules);
  }
  return rules;
}

function sameClock(a: string, b: string): boolean {
  const signature = zoneRules(a)?.signature;
  return signature !== undefined && signature === zoneRules(b)?.signature;
}

function sorted(zones: readonly string[]): readonly string[] {
  return [...new Set(zones)].sort();
}
