import { TelephonyError, type Telephony } from '../telephony/telephony.ts';

/** Between two tries of what the link was away for. */
export const askAgainMs = 200;

/** It failed for everybody: what was asked says nothing of the legs that it was asked for. */
export function isLinkAway(telephony: Pick<Telephony, 'state'>, error: unknown): boolean {
  if (telephony.state !== 'up') return true;
  return error instanceof TelephonyError && ['unavailable', 'not-running'].includes(error.fault);
}
