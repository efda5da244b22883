import { zoneName, type Reader } from '../../core/i18n/index.ts';
import { plausibleZones } from '../../campaigns/compliance/index.ts';

/**
 * The zones a customer may be in by number and address, as the gate sees them. Where they differ the gate goes by all;
 * the agent is shown the first.
 */
export function customerZones(e164: string, addressRegion: string | null): readonly string[] {
  return plausibleZones(e164, addressRegion);
}

/** `GMT-5 · New York`: the offset for reckoning, the city for saying. */
export function zoneInWords(zone: string, reader: Pick<Reader, 'locale'>, now: number): string {
  const city = zone.split('/').at(-1)!.replaceAll('_', ' ');
  return `${zoneName(zone, reader.locale, now)} · ${city}`;
}
