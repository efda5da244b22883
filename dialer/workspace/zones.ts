import { plausibleZones } from '../../campaigns/compliance/index.ts';

/**
 * The zones a customer may be in by number and address, as the gate sees them. Where they differ the gate goes by all;
 * the agent is shown the first.
 */
export function customerZones(e164: string, addressRegion: string | null): readonly string[] {
  return plausibleZones(e164, addressRegion);
}
