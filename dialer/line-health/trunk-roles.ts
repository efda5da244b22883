import type { App } from '../../core/app.ts';
import { createCampaignStore } from '../../campaigns/index.ts';
import { ranks } from '../trunks/turns.ts';

/** What running campaigns use a trunk for. `backup`: only where no trunk before it takes a call. */
export type TrunkRole = 'first' | 'backup' | 'unused';

/** Of the trunks that running campaigns use; whichever is not there is used by none. */
export async function trunkRoles(app: Pick<App, 'db' | 'bus'>): Promise<ReadonlyMap<number, TrunkRole>> {
  const campaigns = createCampaignStore(app);
  const roles = new Map<number, TrunkRole>();
  for (const { id, sharedTrunkIds } of await campaigns.running())
    for (const [rank, ids] of ranks(await campaigns.trunksOf(id), sharedTrunkIds).entries())
      for (const trunkId of ids)
        if (rank === 0) roles.set(trunkId, 'first');
        else if (!roles.has(trunkId)) roles.set(trunkId, 'backup');
  return roles;
}
