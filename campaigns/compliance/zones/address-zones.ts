import { countryZones } from './country-zones.ts';
import { zonesOfPostalCode } from './postal-zones.ts';
import { regionZones } from './region-zones.ts';

export interface AddressRegion {
  readonly country: string;
  readonly subdivision: string | null;
  readonly postalCode: string | null;
}

/** Reads `US-NY-10001`, `CN-31`, `TW`; null when there is no country in it. */
export function parseAddressRegion(text: string | null | undefined): AddressRegion | null {
  const [country = '', subdivision, ...postal] = (text ?? '').trim().toUpperCase().split('-');
  if (!/^[A-Z]{2}$/.test(country)) return null;
  return {
    country,
    subdivision: subdivision || null,
    postalCode: postal.join('').replace(/\s/g, '') || null,
  };
}

/** Every zone in which an address may be; empty when the region says nothing. */
export function addressZones({ country, subdivision, postalCode }: AddressRegion): readonly string[] {
  const whole = countryZones.get(country) ?? [];
  const regions = regionZones.get(country);
  if (!regions || !subdivision) return whole;
  const byPostalCode = postalCode && zonesOfPostalCode(`${country}-${subdivision}`, postalCode);
  return byPostalCode || (regions.get(subdivision) ?? regions.get('*') ?? whole);
}
