import type { App } from '../../core/app.ts';
import type { RunningJob } from '../../core/jobs/jobs.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import type { Campaign } from '../campaigns/campaign.ts';
import { curable } from './block-reasons.ts';
import { createLeadFilters, sortsLeads } from './lead-filters.ts';
import { createLeadOutlook, type Outlook } from './lead-outlook.ts';
import type { LeadRow } from './lead-row.ts';
import { endIfListHasLeft } from './other-lists.ts';
import { bringForward, dueAt, waitsFor, whichArePutOff } from './put-off.ts';

export const blockedRoundJob = 'leads.blocked-round';
export const blockedRoundEveryMs = 3_600_000;

/** Customers of a campaign looked through in one statement. */
const rangeSize = 2_000;

/**
 * Goes round the blocked leads of campaigns that dial, and asks the gate again: those that it would let be called now or
 * later wait once more until then. Whatever it was that changed, and whoever changed it, no lead is forgotten. So are
 * those asked about that it has put off, when their customers have changed.
 */
export function createBlockedRound(app: App) {
  const campaigns = createCampaignStore(app);
  const filters = createLeadFilters(app);
  const outlook = createLeadOutlook(app);

  async function run(job: Pick<RunningJob<null>, 'signal'>): Promise<void> {
    for (const campaign of await campaigns.list())
      if (campaign.state === 'running' || campaign.state === 'paused') await goThrough(campaign, job.signal);
  }

  async function goThrough(campaign: Campaign, signal: AbortSignal): Promise<void> {
    let [from, freed] = [0, 0];
    while (!signal.aborted) {
      const ofCampaign = () => app.db.knex<LeadRow>('leads').where({ campaign_id: campaign.id });
      const ids: { customer_id: number }[] = await ofCampaign()
        .where('customer_id', '>=', from)
        .orderBy('customer_id')
        .limit(rangeSize)
        .select('customer_id');
      const to = ids.at(-1)?.customer_id;
      if (to === undefined) break;
      const blocked: LeadRow[] = await ofCampaign()
        .whereBetween('customer_id', [from, to])
        .where({ state: 'blocked' })
        .whereIn('state_reason', curable);
      for await (const some of outlook.ask(campaign, blocked)) freed += await free(campaign, some);
      for await (const some of outlook.ask(campaign, await changedOf(campaign, from, to)))
        freed += await bringForward(app, some);
      from = to + 1;
    }
    if (freed > 0) app.bus.publish('campaign.changed', { campaignId: campaign.id });
  }

  /** Those who were put off, and whose customers have changed since: another address or number may be open now. */
  function changedOf(campaign: Campaign, from: number, to: number): Promise<LeadRow[]> {
    return app.db
      .knex('leads')
      .join('customers', 'customers.id', 'leads.customer_id')
      .where({ 'leads.campaign_id': campaign.id })
      .whereBetween('leads.customer_id', [from, to])
      .modify(whichArePutOff, app.clock.now())
      .whereRaw('customers.updated_at > leads.updated_at')
      .select('leads.*');
  }

  async function free(campaign: Campaign, outlooks: readonly Outlook[]): Promise<number> {
    const now = app.clock.now();
    let freed = 0;
    for (const outlook of outlooks) {
      const next_at = dueAt(outlook, now);
      if (next_at === Infinity) continue;
      const { id, customer_id, state_reason } = outlook.row;
      await app.db.transaction(async (trx) => {
        // Somebody may have blocked it for something else since it was read.
        freed += await trx<LeadRow>('leads')
          .where({ id, state: 'blocked', state_reason })
          .update({
            state: 'waiting',
            state_reason: waitsFor(outlook, now) ?? 'recycled',
            next_at,
            updated_at: now,
          });
        freed -= (await endIfListHasLeft(trx, (its) => its.where({ id }), now)).ended;
        if (sortsLeads(campaign))
          await filters.applyTo(trx, campaign, { from: customer_id, to: customer_id }, now);
      });
    }
    return freed;
  }

  const define = () => app.jobs.define<null>(blockedRoundJob, run);
  return { run, define };
}
