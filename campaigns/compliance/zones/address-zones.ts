import type { AddressRegion } from '../../../crm/index.ts';
import { countryZones } from './country-zones.ts';
import { zonesOfPostalCode } from './postal-zones.ts';
import { regionZones } from './region-zones.ts';

/** Every zone in which an address may be; empty when the region says nothing. */
export function addressZones({ country, subdivision, postalCode }: AddressRegion): readonly string[] {
  const whole = countryZones.get(country) ?? [];
  const regions = regionZones.get(country);
  if (!regions || !subdivision) return whole;
  const byPostalCode = postalCode && zonesOfPostalCode(`${country}-${subdivision}`, postalCode);
  return byPostalCode || (regions.get(subdivision) ?? regions.get('*') ?? whole);
}
