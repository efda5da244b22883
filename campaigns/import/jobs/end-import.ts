import type { App } from '../../../core/app.ts';
import { createCampaignStore } from '../../campaigns/index.ts';
import { createWantedBuilds } from '../../leads/wanted-builds.ts';
import { createImportStore } from '../import-store.ts';
import { importAfter, type Import } from '../import.ts';

/** A list that an import brings to a campaign is called in the middle of the order. */
const usualPriority = 5;

/** How the work on an import ends, whoever ends it. */
export function createImportEnd(app: App) {
  const store = createImportStore(app);
  const campaigns = createCampaignStore(app);
  const builds = createWantedBuilds(app);

  /**
   * In one step with its state the list joins its campaign and leads are asked for of those who came, also where others
   * did not come any more. `jobId`: only while no other job has it. False: it was not to be ended any more.
   */
  return async function end(
    id: number,
    event: 'finish' | 'stop' | 'fail',
    more: { error?: Import['error']; jobId?: string } = {},
  ): Promise<boolean> {
    const { error, jobId } = more;
    const ended = await app.db.transaction(async (trx) => {
      const item = await store.hold(id, trx);
      if (!item || importAfter(item.state, event) === null) return null;
      if (jobId !== undefined && item.jobId !== null && item.jobId !== jobId) return null;
      const why = error ?? (event === 'stop' && item.state === 'checking' ? stoppedCheck(item) : undefined);
      await store.move(id, event, app.clock.now(), why === undefined ? {} : { error: why }, trx);
      const wrote = item.state === 'committing' || item.state === 'paused';
      if (!wrote || item.listId === 0 || (event !== 'finish' && !item.committed)) return { listId: 0 };
      const { campaignId } = item.options;
      if (campaignId) await campaigns.attachList(campaignId, item.listId, usualPriority, trx);
      await builds.want({ listId: item.listId }, trx, campaignId);
      return item;
    });
    if (!ended) return false;
    if (ended.listId > 0) await builds.queue({ listId: ended.listId });
    return true;
  };
}

/** It is back at its columns: whoever comes there, also later, is told why. */
const stoppedCheck = ({ checked }: Import): Import['error'] => ({
  code: 'check-stopped',
  details: { rows: checked?.total ?? 0 },
});
