import type { PhoneStatus } from './phone.ts';

/** A first connection may take this long before it is said that the switch cannot be reached. */
const firstConnectionMs = 10_000;

/**
 * What a phone without a registration is doing: connecting for the first time, which is no trouble yet; not reaching
 * the switch at all; or coming back after a connection that it had.
 */
export function lostStatus(
  why: 'connection' | 'refused' | 'failed',
  line: { wasRegistered: boolean; triedForMs: number },
): PhoneStatus {
  if (why === 'refused') return 'refused';
  if (line.wasRegistered) return 'retrying';
  // A switch that answers learns of this phone in a moment, or refuses it for good.
  if (why === 'failed' || line.triedForMs < firstConnectionMs) return 'connecting';
  return 'unreachable';
}
