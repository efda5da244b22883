import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { RunningJob } from '../../core/jobs/jobs.ts';
import type { Campaign } from '../campaigns/campaign.ts';
import { createCampaignFacts } from '../campaigns/campaign-facts.ts';
import { createCampaignStore, type CampaignStep } from '../campaigns/campaign-store.ts';
import { blocksStart } from '../campaigns/readiness.ts';
import { blockedByNobody } from './block-reasons.ts';
import { createDueAgain } from './due-again.ts';
import { emptyHopper } from './hopper-feed.ts';
import { createLeadFilters, sortsLeads } from './lead-filters.ts';
import { neverCalled, type LeadRow } from './lead-row.ts';
import { lockPlace, takeTurns } from './list-mix.ts';
import { keepPromises, listRemoved, moveToOtherLists, notPromised } from './other-lists.ts';
import { buildJob, buildSweepJob, createWantedBuilds, type ListOnCampaign } from './wanted-builds.ts';
import { changeSweepJob, createWantedChanges, removeJob } from './wanted-changes.ts';

const batchSize = 2_000;
const removedAtOnce = 400;

export type LeadBuilder = ReturnType<typeof createLeadBuilder>;

/** Makes leads of a list's customers for a campaign, and takes away those never dialled when a list leaves it. */
export function createLeadBuilder(app: App) {
  const { db, clock } = app;
  const campaigns = createCampaignStore(app);
  const facts = createCampaignFacts(app);
  const filters = createLeadFilters(app);
  const dueAgain = createDueAgain(app);
  const wanted = createWantedBuilds(app);
  const changes = createWantedChanges(app);

  /** Has leads made of a list's customers. Repeating it makes only those that are missing. */
  async function build(campaignId: number, listId: number): Promise<void> {
    await db.transaction((trx) => wanted.want({ campaignId, listId }, trx));
    await wanted.queue({ campaignId, listId });
  }

  async function sizeOf(listId: number): Promise<number> {
    const list: { size: number } | undefined = await db.knex('lists').where({ id: listId }).first('size');
    return list?.size ?? 0;
  }

  /**
   * Goes through the list in the order of its customers, one range an insert. A customer who is a lead already is left
   * alone, so it may run twice, also at the same time.
   */
  async function runBuild(job: RunningJob<ListOnCampaign>): Promise<void> {
    const { campaignId, listId } = job.data;
    const wish = await wanted.lastWish(job.data);
    if (wish === null) return;
    const size = await sizeOf(listId);
    let after = 0;
    let seen = 0;
    let made = 0;
    for (;;) {
      if (job.signal.aborted) return;
      const ids: { customer_id: number }[] = await db
        .knex('list_members')
        .where({ list_id: listId })
        .where('customer_id', '>', after)
        .orderBy('customer_id')
        .limit(batchSize)
        .select('customer_id');
      const last = ids.at(-1)?.customer_id;
      if (last === undefined) break;
      const campaign = await campaigns.get(campaignId);
      if (!campaign) return;
      const inserted = await insertRange(campaign, listId, after, last);
      if (inserted === null) return;
      made += inserted;
      after = last;
      seen += ids.length;
      await job.progress((seen / Math.max(size, seen)) * 100);
      if (made > 0) app.bus.publish('campaign.changed', { campaignId });
    }
    // Leads of other lists stand there as if these had not come among them.
    if (made > 0) await emptyHopper(db, campaignId);
    const ended = await wanted.built(job.data, wish);
    if (ended?.goesOn) {
      await goOn(campaignId);
      await wanted.wentOn(job.data, wish);
    }
    app.bus.publish('campaign.changed', { campaignId });
  }

  /** As if somebody started it: not where something is missing, and those whom the gate put off are asked about. */
  async function goOn(campaignId: number): Promise<void> {
    const campaign = await campaigns.get(campaignId);
    if (campaign?.state !== 'finished') return;
    const open = db
      .knex<LeadRow>('leads')
      .where({ campaign_id: campaignId })
      .whereIn('state', ['new', 'waiting']);
    if (!(await open.first('id'))) return;
    if (blocksStart((await facts.picture(campaign)).missing)) return;
    const keep = ({ from, to }: CampaignStep, trx: Knex.Transaction): Promise<void> => {
      const what = { userId: null, action: 'campaign.started', entity: 'campaigns', entityId: campaignId };
      return app.audit.record({ ...what, before: { state: from }, after: { state: to } }, trx);
    };
    if (!(await campaigns.transition(campaignId, 'start', clock.now(), keep)).moved) return;
    await dueAgain.apply(campaignId);
  }

  /** Returns how many leads were made or came back; null: the list has left the campaign. */
  async function insertRange(
    campaign: Campaign,
    listId: number,
    after: number,
    last: number,
  ): Promise<number | null> {
    const now = clock.now();
    const campaignId = campaign.id;
    return db.transaction(async (trx) => {
      await lockLeadMaking(trx, campaignId);
      // Another job of this list waits here, and then sees what this one has made.
      if (!(await lockPlace(trx, campaignId, listId))) return null;
      const members = () =>
        trx('list_members')
          .where({ 'list_members.list_id': listId })
          .where('list_members.customer_id', '>', after)
          .where('list_members.customer_id', '<=', last);
      const missing: { customer_id: number }[] = await members()
        .leftJoin('leads', (join) =>
          join.on('leads.customer_id', 'list_members.customer_id').andOnVal('leads.campaign_id', campaignId),
        )
        .whereNull('leads.id')
        .select('list_members.customer_id');
      const place = await takeTurns(trx, { campaignId, listId, count: missing.length });
      if (!place) return null;
      const { priority, turns } = place;
      const rows = missing.map(({ customer_id }, index) => ({
        ...{ campaign_id: campaignId, customer_id, list_id: listId, state: 'new', priority },
        ...{ next_at: turns[index], created_at: now, updated_at: now },
      }));
      // Another list of the campaign may be bringing the same customer in this moment, unseen until it commits.
      await inChunks(rows, (chunk) =>
        trx('leads').insert(chunk).onConflict(['campaign_id', 'customer_id']).merge(['campaign_id']),
      );
      const back = await trx('leads')
        .where({ campaign_id: campaignId, state: 'done', state_reason: listRemoved })
        .whereIn('customer_id', members().select('list_members.customer_id'))
        .update({ state: 'waiting', state_reason: 'recycled', list_id: listId, priority, updated_at: now });
      if (sortsLeads(campaign)) await filters.applyTo(trx, campaign, { from: after + 1, to: last }, now);
      return rows.length + back;
    });
  }

  /**
   * Leads of customers who are on another list of the campaign go over to it. Of the others those that were never dialled
   * go; those that were are done, so that what happened stays. What an agent has blocked stays so, or it would come back
   * with the list.
   */
  async function runRemove(job: RunningJob<ListOnCampaign>): Promise<void> {
    const { campaignId, listId } = job.data;
    await changes.carryOut({ kind: 'remove', campaignId, listId }, () => removeAll(job));
  }

  async function removeAll(job: RunningJob<ListOnCampaign>): Promise<boolean> {
    const { campaignId, listId } = job.data;
    for (const state of ['new', 'waiting', 'blocked', 'exhausted'] as const) {
      let after = 0;
      for (;;) {
        if (job.signal.aborted) return false;
        const ids: number[] = await db
          .knex('leads')
          .where({ campaign_id: campaignId, state, list_id: listId })
          .where('id', '>', after)
          .orderBy('id')
          .limit(removedAtOnce)
          .pluck('id');
        const last = ids.at(-1);
        if (last === undefined) break;
        after = last;
        if (!(await db.transaction((trx) => takeAway(trx, job.data, state, ids)))) return true;
      }
    }
    app.bus.publish('campaign.changed', { campaignId });
    return true;
  }

  /** All that becomes of some leads of a list that has left, in one step. False: it has come back. */
  async function takeAway(
    trx: Knex.Transaction,
    { campaignId, listId }: ListOnCampaign,
    state: LeadRow['state'],
    ids: readonly number[],
  ): Promise<boolean> {
    await lockLeadMaking(trx, campaignId);
    const place = { campaign_id: campaignId, list_id: listId };
    if (await trx('campaign_lists').where(place).first('list_id')) return false;
    const now = clock.now();
    const campaign = await campaigns.get(campaignId, trx);
    const moved = await moveToOtherLists(trx, { listId, leadIds: ids }, now);
    if (campaign && sortsLeads(campaign)) await filters.applyTo(trx, campaign, moved, now);
    // A promise is kept whatever list its lead came by: it stays where it was agreed on.
    await keepPromises(trx, (its) => void its.whereIn('id', [...ids]).where({ list_id: listId }), now);
    const left = () =>
      trx<LeadRow>('leads')
        .whereIn('id', [...ids])
        .where({ state, list_id: listId })
        .modify(notPromised);
    const rows: Pick<LeadRow, 'id' | 'attempts' | 'last_outcome' | 'state_reason'>[] = await left().select(
      'id',
      'attempts',
      'last_outcome',
      'state_reason',
    );
    const isDialled = (row: (typeof rows)[number]) => row.attempts > 0 || row.last_outcome !== null;
    const untouched = rows.filter((row) => !isDialled(row));
    const dialled = rows.filter((row) => isDialled(row) && endsWithList(state, row.state_reason));
    const those = (some: typeof rows) => left().whereIn('id', some.map(({ id }) => id)); // prettier-ignore
    await those(untouched).modify(neverCalled).delete();
    const done = { state: 'done', state_reason: listRemoved, reserved_from: null, updated_at: now } as const;
    await those(dialled).update(done);
    return true;
  }

  /** Says how the jobs are done. Call before jobs are started. */
  function define(): void {
    app.jobs.define<ListOnCampaign>(buildJob, runBuild);
    app.jobs.define<ListOnCampaign>(removeJob, runRemove);
    app.jobs.define<null>(buildSweepJob, wanted.sweep);
    app.jobs.define<null>(changeSweepJob, changes.sweep);
  }

  return { define, build, runBuild, runRemove };
}

/** A list that comes back makes no leads while those it had are taken away: it would take them for its own, and lose them. */
async function lockLeadMaking(trx: Knex.Transaction, campaignId: number): Promise<void> {
  await trx('campaigns').where({ id: campaignId }).forUpdate().first('id');
}

function endsWithList(state: string, reason: string | null): boolean {
  return state === 'waiting' || (state === 'blocked' && blockedByNobody.includes(reason ?? ''));
}

async function inChunks<T>(items: readonly T[], work: (chunk: T[]) => PromiseLike<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += 400) await work(items.slice(from, from + 400));
}
