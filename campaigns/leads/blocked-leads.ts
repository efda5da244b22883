import type { App } from '../../core/app.ts';
import type { RunningJob } from '../../core/jobs/jobs.ts';
import { createCustomerPhones } from '../../crm/customers/customer-phones.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import type { Campaign } from '../campaigns/campaign.ts';
import { createGate } from '../compliance/create-gate.ts';
import type { Gate } from '../compliance/gate.ts';
import { curable } from './block-reasons.ts';
import { createLeadFilters, sortsLeads } from './lead-filters.ts';
import { leadFromRow, type LeadRow } from './lead-row.ts';
import { numbersLeft } from './lead.ts';
import { endIfListHasLeft } from './other-lists.ts';

export const blockedRoundJob = 'leads.blocked-round';
export const blockedRoundEveryMs = 3_600_000;

/** Customers of a campaign looked through in one statement. */
const rangeSize = 2_000;
/** Leads the gate is asked about at once. */
const askedAtOnce = 200;

/**
 * Goes round the blocked leads of campaigns that dial, and asks the gate again: those that it would let be called now or
 * later wait once more. Whatever it was that changed, and whoever changed it, no lead is forgotten. Nobody is called on
 * this answer: dialling asks again.
 */
export function createBlockedRound(app: App, gate: Gate = createGate(app, { dry: true })) {
  const campaigns = createCampaignStore(app);
  const phones = createCustomerPhones(app);
  const filters = createLeadFilters(app);

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
      for (let at = 0; at < blocked.length; at += askedAtOnce)
        freed += await free(campaign, await callable(campaign, blocked.slice(at, at + askedAtOnce)));
      from = to + 1;
    }
    if (freed > 0) app.bus.publish('campaign.changed', { campaignId: campaign.id });
  }

  /** Those with a number that may be called, at some time. */
  async function callable(campaign: Campaign, rows: readonly LeadRow[]): Promise<LeadRow[]> {
    const numbers = await phones.numbersOf(rows.map(({ customer_id }) => customer_id)); // prettier-ignore
    const asked = rows.flatMap((row) =>
      numbersLeft(leadFromRow(row), numbers.get(row.customer_id) ?? []).map(({ e164 }) => ({ row, e164 })),
    );
    const verdicts = await gate.mayCallMany(
      asked.map(({ row, e164 }) => ({
        ...{ e164, stage: 'reserve' as const, path: campaign.mode, campaignId: campaign.id },
        ...{ leadId: row.id, customerId: row.customer_id },
      })),
    );
    const open = verdicts.map(({ outlook }) => outlook === 'clear' || outlook === 'later');
    return [...new Set(asked.flatMap(({ row }, index) => (open[index] ? [row] : [])))];
  }

  async function free(campaign: Campaign, rows: readonly LeadRow[]): Promise<number> {
    const now = app.clock.now();
    let freed = 0;
    for (const { id, customer_id, state_reason } of rows)
      await app.db.transaction(async (trx) => {
        // Somebody may have blocked it for something else since it was read.
        freed += await trx<LeadRow>('leads')
          .where({ id, state: 'blocked', state_reason })
          .update({ state: 'waiting', state_reason: 'recycled', next_at: now, updated_at: now });
        freed -= await endIfListHasLeft(trx, (its) => its.where({ id }), now);
        if (sortsLeads(campaign))
          await filters.applyTo(trx, campaign, { from: customer_id, to: customer_id }, now);
      });
    return freed;
  }

  const define = () => app.jobs.define<null>(blockedRoundJob, run);
  return { run, define };
}
