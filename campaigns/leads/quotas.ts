import type { App } from '../../core/app.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import type { LeadFilter } from './lead-filter.ts';
import { whereMatches } from './lead-filter-sql.ts';
import { createWantedChanges } from './wanted-changes.ts';

export const quotaJob = 'campaigns.quotas';
/** So long after the last success that was wanted calls may still go to more of the same. */
export const quotaEveryMs = 15_000;
export const mostQuotas = 30;
const salesAtOnce = 2_000;

/** So many successes are wanted of the leads that meet `who`. */
export interface Quota {
  readonly id: number;
  readonly campaignId: number;
  readonly name: string;
  readonly who: LeadFilter;
  readonly goal: number;
  /** Leads whose last disposition is a sale, when they were counted last. */
  readonly reached: number;
  /** Since when nobody else of them is dialled; null: more are wanted. */
  readonly metAt: number | null;
}

interface QuotaRow {
  id: number;
  campaign_id: number;
  name: string;
  who: string;
  goal: number;
  reached: number;
  met_at: number | null;
  created_at: number;
}

const fromRow = (row: QuotaRow): Quota => ({
  ...{ id: row.id, campaignId: row.campaign_id, name: row.name, who: JSON.parse(row.who) as LeadFilter },
  ...{ goal: row.goal, reached: row.reached, metAt: row.met_at },
});

/** Quotas of campaigns: once one is met, the leads that it speaks of are blocked, until more of them are wanted again. */
export function createQuotas(app: App) {
  const { db, clock } = app;
  const campaigns = createCampaignStore(app);
  const wanted = createWantedChanges(app);
  const table = () => db.knex<QuotaRow>('campaign_quotas');

  async function ofCampaign(campaignId: number): Promise<Quota[]> {
    return (await table().where({ campaign_id: campaignId }).orderBy('id')).map(fromRow);
  }

  /** False: the campaign has as many as it may have. */
  async function add(campaignId: number, quota: Pick<Quota, 'name' | 'who' | 'goal'>): Promise<boolean> {
    if ((await ofCampaign(campaignId)).length >= mostQuotas) return false;
    await db.insertId('campaign_quotas', {
      ...{ campaign_id: campaignId, name: quota.name, who: JSON.stringify(quota.who), goal: quota.goal },
      created_at: clock.now(),
    });
    await count(campaignId);
    return true;
  }

  /** What it was; null: the campaign has no such quota. */
  async function setGoal(campaignId: number, id: number, goal: number): Promise<Quota | null> {
    const quota = (await ofCampaign(campaignId)).find((one) => one.id === id) ?? null;
    if (!quota) return null;
    await table().where({ id }).update({ goal });
    await count(campaignId);
    return quota;
  }

  /** What it was; null: the campaign has no such quota. */
  async function remove(campaignId: number, id: number): Promise<Quota | null> {
    const quota = (await ofCampaign(campaignId)).find((one) => one.id === id) ?? null;
    if (!quota) return null;
    await table().where({ id }).delete();
    await count(campaignId);
    return quota;
  }

  /** Counts what has been reached; where one is met now, or no more, the leads follow by a job. */
  async function count(campaignId: number): Promise<void> {
    const quotas = await ofCampaign(campaignId);
    const now = clock.now();
    const successes = await successesOf(campaignId, quotas.map(({ who }) => who)); // prettier-ignore
    for (const [index, quota] of quotas.entries()) {
      const reached = successes[index]!;
      const metAt = reached >= quota.goal ? (quota.metAt ?? now) : null;
      if (reached !== quota.reached || metAt !== quota.metAt)
        await table().where({ id: quota.id }).update({ reached, met_at: metAt });
    }
    const met = (await ofCampaign(campaignId)).flatMap(({ who, metAt }) => (metAt === null ? [] : [who]));
    if (await campaigns.setQuotasMet(campaignId, met)) await wanted.queue(campaignId);
  }

  /** How many of the leads whose last disposition is a sale meet each of these. */
  async function successesOf(campaignId: number, whos: readonly LeadFilter[]): Promise<number[]> {
    const reached = whos.map(() => 0);
    const sales: number[] = await db.knex('dispositions').where({ category: 'sale' }).pluck('id');
    for (const sale of sales)
      // In pieces: embedded, calls wait while one statement goes through a long list.
      for (let after = 0; ;) {
        const sold = () =>
          db
            .knex('leads')
            .where({ campaign_id: campaignId, last_disposition_id: sale })
            .where('leads.id', '>', after);
        const ids: number[] = await sold().orderBy('id').limit(salesAtOnce).pluck('id');
        const last = ids.at(-1);
        if (last === undefined) break;
        for (const [index, who] of whos.entries()) {
          const [row] = (await sold()
            .where('leads.id', '<=', last)
            .where({ state: 'done' })
            .modify(whereMatches, who, { engine: db.engine })
            .count({ n: '*' })) as unknown as [{ n: number | string }];
          reached[index]! += Number(row.n);
        }
        after = last;
      }
    return reached;
  }

  /** Counts for every campaign that runs and has any. */
  async function run(): Promise<void> {
    const ids: number[] = await db
      .knex('campaign_quotas')
      .join('campaigns', 'campaigns.id', 'campaign_quotas.campaign_id')
      .where('campaigns.state', 'running')
      .distinct()
      .pluck('campaign_quotas.campaign_id');
    for (const id of ids) await count(id);
  }

  const define = () => app.jobs.define<null>(quotaJob, run);
  return { ofCampaign, add, setGoal, remove, count, run, define };
}
