import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';

export const buildJob = 'leads.build';
export const buildSweepJob = 'leads.build-sweep';
export const buildSweepEveryMs = 60_000;

export interface ListOnCampaign {
  campaignId: number;
  listId: number;
}

interface WantedRow {
  campaign_id: number;
  list_id: number;
  job_id: string | null;
  built_at: number | null;
  builds_wanted: number;
  goes_on: number;
}

type Which = { listId: number; campaignId?: number };

const columns = ({ listId, campaignId }: Which) =>
  campaignId === undefined ? { list_id: listId } : { list_id: listId, campaign_id: campaignId };

/**
 * Of which lists leads are to be made. It is written down in the transaction that makes it so, and then queued: what the
 * queue refuses or forgets is queued again by the sweep. Each wish has a number. Several jobs of one list may run at
 * once; only one that was begun for the last wish calls the list built.
 */
export function createWantedBuilds(app: App) {
  const { db, clock } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<WantedRow>('campaign_lists');

  /** `goesOnFor`: the campaign that the customers were brought for; where it has finished it goes on. */
  async function want(which: Which, trx: Knex.Transaction, goesOnFor: number | null = null): Promise<void> {
    await table(trx)
      .where(columns(which))
      .update({ built_at: null, builds_wanted: trx.raw('builds_wanted + 1') as never });
    if (goesOnFor !== null)
      await table(trx).where({ list_id: which.listId, campaign_id: goesOnFor }).update({ goes_on: 1 });
  }

  const open = () =>
    table()
      .where((left) => void left.whereNull('built_at').orWhere('goes_on', 1))
      .whereIn('campaign_id', db.knex('campaigns').select('id'));

  /** What is wanted is wanted, also while the queue is away. */
  async function queue(which: Which): Promise<void> {
    try {
      for (const row of await open().where(columns(which))) await enqueue(row);
    } catch (error) {
      app.log.warn({ ...which, err: error }, 'leads of a list not queued; the next sweep queues them');
    }
  }

  async function enqueue({ campaign_id, list_id, builds_wanted }: WantedRow): Promise<void> {
    const data: ListOnCampaign = { campaignId: campaign_id, listId: list_id };
    // With the number of the wish: the job of an earlier one may be past a customer who has just come onto the list.
    const key = `${campaign_id}:${list_id}:${builds_wanted}`;
    const job_id = await app.jobs.add<ListOnCampaign>(buildJob, data, { key });
    await table().where({ campaign_id, list_id, builds_wanted }).update({ job_id });
  }

  /** Queues again what no job is left for. */
  async function sweep(): Promise<void> {
    for (const row of await open()) {
      const job = row.job_id ? await app.jobs.get(row.job_id) : null;
      if (job?.state !== 'waiting' && job?.state !== 'running') await enqueue(row);
    }
  }

  /** The number of the last wish; null: the list has left the campaign. */
  async function lastWish({ campaignId, listId }: ListOnCampaign): Promise<number | null> {
    const row = await table().where({ campaign_id: campaignId, list_id: listId }).first('builds_wanted');
    return row?.builds_wanted ?? null;
  }

  /** The leads of wish `wish` are made. Null: there is a later one, or the list has left. */
  async function built(of: ListOnCampaign, wish: number): Promise<{ goesOn: boolean } | null> {
    const place = { campaign_id: of.campaignId, list_id: of.listId };
    return db.transaction(async (trx) => {
      // By its key first, as all who give turns do: an update may come by another index, and meet them head-on.
      const row = await table(trx).where(place).forUpdate().first('builds_wanted', 'goes_on');
      if (row?.builds_wanted !== wish) return null;
      await table(trx).where(place).update({ built_at: clock.now() });
      return { goesOn: row.goes_on === 1 };
    });
  }

  async function wentOn(of: ListOnCampaign, wish: number): Promise<void> {
    await table()
      .where({ campaign_id: of.campaignId, list_id: of.listId, builds_wanted: wish })
      .update({ goes_on: 0 });
  }

  return { want, queue, sweep, lastWish, built, wentOn };
}
