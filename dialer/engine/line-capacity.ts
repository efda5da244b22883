import type { DialerContext } from './context.ts';
import type { RosterEntry } from './roster.ts';

/** How many calls of a campaign could leave now: none where its pool has no number left to show. */
export function lineCapacity(
  { trunks, callerNumbers }: Pick<DialerContext, 'trunks' | 'callerNumbers'>,
  { campaign, trunkIds }: Pick<RosterEntry, 'campaign' | 'trunkIds'>,
  now: number,
): number {
  return callerNumbers.lack(campaign.numberPoolId) ? 0 : trunks.capacity(trunkIds, now);
}
