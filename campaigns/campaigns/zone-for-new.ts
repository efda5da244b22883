import type { Reader } from '../../core/i18n/index.ts';
import { plausibleZones } from '../compliance/index.ts';

/**
 * The zone a new campaign starts with: the reader's own. Servers run on UTC and few people live there, so where that
 * is all there is, the house's country says more if it has one zone only.
 */
export function zoneForNew(reader: Pick<Reader, 'zone' | 'zoneGuessed'>, country: string): string {
  if (!reader.zoneGuessed && reader.zone !== 'UTC') return reader.zone;
  const [only, ...others] = plausibleZones('', country);
  return only && others.length === 0 ? only : reader.zone;
}
