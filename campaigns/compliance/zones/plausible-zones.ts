import { zoneRules, type ZoneRules } from '../../../core/time/zone-rules.ts';
import { addressZones, parseAddressRegion } from './address-zones.ts';
import { callingCodeOf, callingCodeOfCountry, numberZones } from './number-zones.ts';

/**
 * Every zone the called party may be in, sorted. Zones of the address that the number allows; both together when they
 * contradict each other; the number's alone without an address. Empty: nobody can say, so nobody may call.
 */
export function plausibleZones(e164: string, addressRegion?: string | null): readonly string[] {
  const byNumber = numberZones(e164);
  const region = parseAddressRegion(addressRegion);
  const byAddress = region ? addressZones(region) : [];
  if (!region || byAddress.length === 0) return sorted(byNumber);
  if (byNumber.length === 0) return sorted(byAddress);
  const sameCode = callingCodeOfCountry(region.country) === callingCodeOf(e164.slice(1));
  const agreed = byAddress.filter((zone) =>
    byNumber.some((other) => zone === other || (sameCode && sameClock(zone, other))),
  );
  return sorted(agreed.length > 0 ? agreed : [...byAddress, ...byNumber]);
}

/** Rules of all the zones; empty when one of them is unknown to the tz data, as no rule can be checked then. */
export function rulesOfZones(names: readonly string[]): ZoneRules[] {
  const rules: ZoneRules[] = [];
  for (const name of names) {
    const zone = zoneRules(name);
    if (!zone) return [];
    rules.push(zone);
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
