import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';

export const filterJob = 'leads.filter';
export const removeJob = 'leads.remove';
export const reorderJob = 'leads.reorder';
export const changeSweepJob = 'leads.change-sweep';
export const changeSweepEveryMs = 60_000;

/** What the leads of a campaign are to follow: its filter and quotas, a list that has left, a list's new order. */
export type Change =
  | { readonly kind: 'filter'; readonly campaignId: number }
  | { readonly kind: 'remove'; readonly campaignId: number; readonly listId: number }
  | { readonly kind: 'reorder'; readonly campaignId: number; readonly listId: number; readonly from: number };

interface ChangeRow {
  id: number;
  campaign_id: number;
  kind: Change['kind'];
  list_id: number;
  from_priority: number;
  job_id: string | null;
}

const jobs = { filter: filterJob, remove: removeJob, reorder: reorderJob } as const;

const columnsOf = (change: Change) => ({
  campaign_id: change.campaignId,
  kind: change.kind,
  list_id: change.kind === 'filter' ? 0 : change.listId,
  from_priority: change.kind === 'reorder' ? change.from : 0,
});

/** In the transaction that makes it so: what is saved is followed, whatever becomes of the queue. */
export async function wantChange(change: Change, trx: Knex.Transaction): Promise<void> {
  await trx('lead_changes_wanted').insert(columnsOf(change));
}

/**
 * Has leads follow what was saved of their campaign. What the queue refuses, forgets or gives up is queued again by the
 * sweep. A wish ends when a job that saw it at its beginning has gone through all leads.
 */
export function createWantedChanges(app: Pick<App, 'db' | 'jobs' | 'log'>) {
  const { db } = app;
  const table = () => db.knex<ChangeRow>('lead_changes_wanted');

  /** The last wish of each change: its job does what earlier ones asked for. */
  async function open(campaignId?: number): Promise<ChangeRow[]> {
    const last = table()
      .modify((its) => (campaignId === undefined ? its : its.where({ campaign_id: campaignId })))
      .groupBy('campaign_id', 'kind', 'list_id', 'from_priority')
      .max('id');
    return table()
      .whereIn('id', last as never)
      .orderBy('id');
  }

  /** What is wanted is wanted, also while the queue is away. */
  async function queue(campaignId: number): Promise<void> {
    try {
      for (const row of await open(campaignId)) if (row.job_id === null) await enqueue(row);
    } catch (error) {
      app.log.warn({ campaignId, err: error }, 'changes of leads not queued; the next sweep queues them');
    }
  }

  async function enqueue({ id, kind, campaign_id, list_id, from_priority }: ChangeRow): Promise<void> {
    const data = { campaignId: campaign_id, listId: list_id, from: from_priority };
    // With the number of the wish: the job of an earlier one may be past leads that this one is about.
    const job_id = await app.jobs.add(jobs[kind], data, { key: `wish:${id}` });
    await table().where({ id }).update({ job_id });
  }

  /** Queues again what no job is left for. */
  async function sweep(): Promise<void> {
    for (const row of await open()) {
      const job = row.job_id ? await app.jobs.get(row.job_id) : null;
      if (job?.state !== 'waiting' && job?.state !== 'running') await enqueue(row);
    }
  }

  /** Whether something waits that the queue has not taken. */
  async function isBehind(campaignId: number): Promise<boolean> {
    return (await open(campaignId)).some(({ job_id }) => job_id === null);
  }

  async function isOpen(campaignId: number): Promise<boolean> {
    return (await table().where({ campaign_id: campaignId }).first('id')) !== undefined;
  }

  /** Ends the wishes that were there when `work` began, unless it was stopped on the way: then it answers false. */
  async function carryOut(change: Change, work: () => Promise<boolean>): Promise<void> {
    const seen: number[] = await table().where(columnsOf(change)).pluck('id');
    if (!(await work())) return;
    for (let from = 0; from < seen.length; from += 400)
      await table().whereIn('id', seen.slice(from, from + 400)).delete(); // prettier-ignore
  }

  return { queue, sweep, isBehind, isOpen, carryOut };
}
