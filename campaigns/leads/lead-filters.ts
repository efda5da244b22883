import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { RunningJob } from '../../core/jobs/jobs.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import { filteredReason, quotaReason, type LeadFilter } from './lead-filter.ts';
import { whereMatches } from './lead-filter-sql.ts';
import { customerRanges } from './lead-ranges.ts';
import { endIfListHasLeft, notPromised } from './other-lists.ts';
import { createWantedChanges, filterJob } from './wanted-changes.ts';

const batchSize = 2_000;
/** More leads than this are counted by a sample: so many places of the list, evenly apart, so many leads from each on. */
const countedAll = 50_000;
const samplePlaces = 40;
const sampleEach = 1_250;

export interface FilterCount {
  readonly matching: number;
  /** Leads that are still to be dialled, filtered or not. */
  readonly of: number;
  /** Reckoned from a sample. */
  readonly about: boolean;
}

/** What of a campaign decides which of its leads are dialled. */
export interface Sorted {
  readonly id: number;
  readonly leadFilter: LeadFilter | null;
  readonly quotasMet: readonly LeadFilter[];
}

export const sortsLeads = ({ leadFilter, quotasMet }: Sorted): boolean =>
  leadFilter !== null || quotasMet.length > 0;

/** Customers from one id up to another, or those named. */
type Range = { readonly from: number; readonly to: number } | readonly number[];

/**
 * Leads that do not meet their campaign's filter are blocked for it, and free again as they were once they do. Ranges of
 * leads are looked at when the filter changes, when they are made and when they come back to be dialled.
 */
export function createLeadFilters(app: Pick<App, 'db'>) {
  const { db } = app;
  const engine = db.engine;

  /**
   * A range is read from `leads_once`. Customers who are named are looked up there first: beside a condition on the
   * state SQLite would choose `leads_due_tried` for them, and go over all of the campaign.
   */
  async function chooserOf(
    trx: Knex | Knex.Transaction,
    campaignId: number,
    range: Range,
  ): Promise<(query: Knex.QueryBuilder) => void> {
    const ofCampaign = { 'leads.campaign_id': campaignId };
    if ('from' in range)
      return (query) => void query.where(ofCampaign).whereBetween('leads.customer_id', [range.from, range.to]); // prettier-ignore
    const ids: number[] = await trx('leads').where(ofCampaign).whereIn('leads.customer_id', [...range]).pluck('leads.id'); // prettier-ignore
    return (query) => void query.whereIn('leads.id', ids);
  }

  /** Blocks and frees the leads of a range of customers. Returns how many moved. */
  async function applyTo(
    trx: Knex | Knex.Transaction,
    campaign: Sorted,
    range: Range,
    now: number,
  ): Promise<number> {
    const filter = campaign.leadFilter ?? everybody;
    const choose = await chooserOf(trx, campaign.id, range);
    const leads = () => trx('leads').modify(choose);
    const freed = await leads()
      .where({ state: 'blocked', state_reason: filteredReason })
      .modify(whereMatches, filter, { engine })
      .update({ state: trx.raw(`coalesce(reserved_from, 'waiting')`), state_reason: null, reserved_from: null, updated_at: now }); // prettier-ignore
    const met = campaign.quotasMet;
    const wanted = await leads()
      .where({ state: 'blocked', state_reason: quotaReason })
      .modify((query) => {
        for (const who of met) whereMatches(query, who, { engine, not: true });
      })
      .update({ state: trx.raw(`coalesce(reserved_from, 'waiting')`), state_reason: null, reserved_from: null, updated_at: now }); // prettier-ignore
    if (freed + wanted > 0) await endIfListHasLeft(trx, choose, now);
    const blocked = await leads()
      .whereIn('state', ['new', 'waiting'])
      // One that was tried in vain waits among others, and is kept all the same.
      .modify(notPromised)
      .modify(whereMatches, filter, { engine, not: true })
      // First: on MariaDB what stands after it sees the new state.
      .update({ reserved_from: trx.ref('state'), state: 'blocked', state_reason: filteredReason, updated_at: now }); // prettier-ignore
    let enough = 0;
    for (const who of met)
      enough += await leads()
        .whereIn('state', ['new', 'waiting'])
        .modify(notPromised)
        .modify(whereMatches, who, { engine })
        .update({ reserved_from: trx.ref('state'), state: 'blocked', state_reason: quotaReason, updated_at: now }); // prettier-ignore
    return blocked + freed + wanted + enough;
  }

  /** How many of a campaign's leads meet a filter that may not be saved yet. */
  async function count(campaignId: number, filter: LeadFilter): Promise<FilterCount> {
    const open = () =>
      db
        .knex('leads')
        .where({ campaign_id: campaignId })
        .where((its) => {
          void its.whereIn('state', ['new', 'waiting']);
          void its.orWhere({ state: 'blocked', state_reason: filteredReason });
        });
    const [{ n: few }] = (await db
      .knex(
        open()
          .limit(countedAll + 1)
          .select('id')
          .as('some'),
      ) // prettier-ignore
      .count({ n: '*' })) as [{ n: number | string }];
    const matching = async (leads: Knex.QueryBuilder): Promise<number> => {
      const [row] = (await leads.modify(whereMatches, filter, { engine }).count({ n: '*' })) as [{ n: number | string }]; // prettier-ignore
      return Number(row.n);
    };
    if (Number(few) <= countedAll) return { matching: await matching(open()), of: Number(few), about: false };
    const [all] = (await open().count({ n: '*' })) as unknown as [{ n: number | string }];
    const [ends] = (await db
      .knex('leads')
      .where({ campaign_id: campaignId })
      .min({ first: 'customer_id' })
      .max({ last: 'customer_id' })) as [{ first: number; last: number }];
    let [looked, found] = [0, 0];
    for (let place = 0; place < samplePlaces; place++) {
      const from = ends.first + Math.floor(((ends.last - ends.first) * place) / samplePlaces);
      const some: { id: number }[] = await open()
        .where('customer_id', '>=', from)
        .orderBy('customer_id')
        .limit(sampleEach)
        .select('id');
      looked += some.length;
      found += await matching(db.knex('leads').whereIn('id', some.map(({ id }) => id))); // prettier-ignore
    }
    return { matching: Math.round((Number(all.n) * found) / Math.max(1, looked)), of: Number(all.n), about: true }; // prettier-ignore
  }

  return { applyTo, count };
}

/**
 * Brings the leads of some customers in line with the filters of their campaigns, in the transaction in which the
 * customers change or their leads come back.
 */
export function createCustomersFilter(app: Pick<App, 'db' | 'bus'>) {
  const campaigns = createCampaignStore(app);
  const filters = createLeadFilters(app);

  return async (customerIds: readonly number[], now: number, trx: Knex.Transaction): Promise<void> => {
    const byCampaign = new Map<number, number[]>();
    for (let from = 0; from < customerIds.length; from += lookedUpAtOnce) {
      const rows: { campaign_id: number; customer_id: number }[] = await trx('leads')
        .join('campaigns', 'campaigns.id', 'leads.campaign_id')
        .whereIn('leads.customer_id', customerIds.slice(from, from + lookedUpAtOnce))
        .where((sorts) => sorts.whereNotNull('campaigns.lead_filter').orWhereNotNull('campaigns.quotas_met'))
        .select('leads.campaign_id', 'leads.customer_id');
      for (const { campaign_id, customer_id } of rows)
        byCampaign.set(campaign_id, [...(byCampaign.get(campaign_id) ?? []), customer_id]);
    }
    for (const [campaignId, ids] of byCampaign) {
      const campaign = await campaigns.get(campaignId, trx);
      if (!campaign || !sortsLeads(campaign)) continue;
      for (let from = 0; from < ids.length; from += lookedUpAtOnce)
        await filters.applyTo(trx, campaign, ids.slice(from, from + lookedUpAtOnce), now);
    }
  };
}

const lookedUpAtOnce = 400;

const everybody: LeadFilter = { meet: 'all', conditions: [] };

/** Brings all leads of a campaign in line with its filter, which may change while this runs: then it is run once more. */
export function createFilterJob(app: App) {
  const campaigns = createCampaignStore(app);
  const filters = createLeadFilters(app);
  const wanted = createWantedChanges(app);

  async function run(job: RunningJob<{ campaignId: number }>): Promise<void> {
    const { campaignId } = job.data;
    await wanted.carryOut({ kind: 'filter', campaignId }, () => sortAll(job));
  }

  async function sortAll({ data, signal }: RunningJob<{ campaignId: number }>): Promise<boolean> {
    const { campaignId } = data;
    let moved = 0;
    for await (const range of customerRanges(app.db.knex, campaignId, batchSize)) {
      if (signal.aborted) return false;
      // Calls that end write to the same leads: a deadlock is tried again here, not by all of the job.
      const some = await app.db.transaction(async (trx) => {
        const campaign = await campaigns.get(campaignId, trx);
        return campaign && filters.applyTo(trx, campaign, range, app.clock.now());
      });
      if (some === null) return true;
      moved += some;
    }
    if (moved > 0) app.bus.publish('campaign.changed', { campaignId });
    return true;
  }

  const define = () => app.jobs.define<{ campaignId: number }>(filterJob, run);
  return { run, define };
}
