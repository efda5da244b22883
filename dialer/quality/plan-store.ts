import { z } from 'zod';
import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { line } from '../../core/text/index.ts';
import type { By } from './review-store.ts';

const choice = z.preprocess(
  (value) => (value === '' ? null : value),
  z.coerce.number().int().positive().nullable(),
);
const seconds = z.preprocess((value) => (value === '' ? null : value), z.coerce.number().int().min(0).max(86_400).nullable()); // prettier-ignore

export const planForm = z
  .object({
    name: line.min(1, 'common:errors.required').max(80),
    sheetId: z.coerce.number().int().positive(),
    reviewerId: z.coerce.number().int().positive(),
    calls: z.coerce.number().int().min(1).max(50),
    campaignId: choice.default(null),
    dispositionId: choice.default(null),
    minSeconds: seconds.default(null),
    maxSeconds: seconds.default(null),
    isOn: z.preprocess((value) => value === 'yes' || value === true, z.boolean()),
    revision: z.coerce.number().int().min(0),
  })
  .refine(({ minSeconds, maxSeconds }) => (minSeconds ?? 0) <= (maxSeconds ?? Infinity), {
    path: ['maxSeconds'],
    message: 'quality:errors.lengths',
  });
export type PlanForm = z.output<typeof planForm>;

/** How many calls of each agent and week are drawn, of which, and for whom. */
export interface Plan extends PlanForm {
  readonly id: number;
  readonly zone: string;
  readonly drawnWeek: string | null;
}

interface PlanRow {
  id: number;
  name: string;
  sheet_id: number;
  reviewer_id: number;
  calls: number;
  campaign_id: number | null;
  disposition_id: number | null;
  min_ms: number | null;
  max_ms: number | null;
  zone: string;
  is_on: number;
  drawn_week: string | null;
  revision: number;
}

const secondsOf = (ms: number | null) => (ms === null ? null : Math.round(ms / 1_000));

const fromRow = (row: PlanRow): Plan => ({
  ...{ id: row.id, name: row.name, sheetId: row.sheet_id, reviewerId: row.reviewer_id, calls: row.calls },
  ...{ campaignId: row.campaign_id, dispositionId: row.disposition_id, isOn: row.is_on === 1 },
  ...{ minSeconds: secondsOf(row.min_ms), maxSeconds: secondsOf(row.max_ms), zone: row.zone },
  ...{ drawnWeek: row.drawn_week, revision: row.revision },
});

/** All SQL for plans, and for what is drawn by them. */
export function createPlanStore(app: Pick<App, 'db' | 'audit'>) {
  const { db, audit } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<PlanRow>('quality_plans');

  async function all(): Promise<Plan[]> {
    return (await table().orderBy(['name', 'id'])).map(fromRow);
  }

  async function get(id: number): Promise<Plan | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** Null: somebody has saved it since. A new one draws from the last week first. */
  async function save(id: number | null, form: PlanForm, zone: string, by: By): Promise<number | null> {
    const row = {
      ...{ name: form.name, sheet_id: form.sheetId, reviewer_id: form.reviewerId, calls: form.calls },
      ...{ campaign_id: form.campaignId, disposition_id: form.dispositionId, is_on: form.isOn ? 1 : 0 },
      min_ms: form.minSeconds === null ? null : form.minSeconds * 1_000,
      max_ms: form.maxSeconds === null ? null : form.maxSeconds * 1_000 + 999,
    };
    return db.transaction(async (trx) => {
      let planId = id;
      if (planId === null) planId = await db.insertId('quality_plans', { ...row, zone }, trx);
      else {
        const same = { id: planId, revision: form.revision };
        const changed = { ...row, revision: form.revision + 1 };
        if ((await table(trx).where(same).update(changed)) !== 1) return null;
      }
      const { name, calls, isOn } = form;
      const what = { action: 'quality-plan.saved', entity: 'quality_plans', entityId: planId };
      await audit.record({ userId: by.userId, ip: by.ip, ...what, after: { name, calls, isOn } }, trx);
      return planId;
    });
  }

  /** Whose calls of those weeks may be drawn. */
  async function agentsWithCalls(plan: Plan, from: number, to: number): Promise<number[]> {
    const rows = (await fitting(plan, from, to).whereNotNull('user_id').distinct('user_id')) as {
      user_id: number;
    }[];
    return rows.map(({ user_id }) => user_id).filter((id) => id !== plan.reviewerId);
  }

  /** Recordings of an agent that nobody has to review, and that were not withdrawn from this plan. */
  async function candidates(plan: Plan, agentId: number, from: number, to: number): Promise<number[]> {
    const rows = (await fitting(plan, from, to)
      .where({ user_id: agentId })
      .whereNotExists((its) => {
        void its
          .from('quality_reviews as q')
          .whereRaw('q.recording_id = recordings.id')
          .whereNull('q.calibration_id')
          .where((q) => q.whereNot('q.state', 'withdrawn').orWhere('q.plan_id', plan.id))
          .select(db.knex.raw('1'));
      })
      .orderBy('id')
      .limit(5_000)
      .select('id')) as { id: number }[];
    return rows.map(({ id }) => id);
  }

  function fitting(plan: Plan, from: number, to: number): Knex.QueryBuilder {
    const query = db.knex('recordings').where({ state: 'stored' }).where('started_at', '>=', from).where('started_at', '<', to); // prettier-ignore
    if (plan.campaignId !== null) void query.where({ campaign_id: plan.campaignId });
    if (plan.dispositionId !== null) void query.where({ disposition_id: plan.dispositionId });
    if (plan.minSeconds !== null) void query.where('duration_ms', '>=', plan.minSeconds * 1_000);
    if (plan.maxSeconds !== null) void query.where('duration_ms', '<=', plan.maxSeconds * 1_000 + 999);
    return query;
  }

  async function drawn(planId: number, agentId: number, week: string): Promise<number> {
    const row = (await db
      .knex('quality_reviews')
      .where({ plan_id: planId, agent_id: agentId, week })
      .whereNot({ state: 'withdrawn' })
      .count({ n: '*' })
      .first()) as { n: number | string };
    return Number(row.n);
  }

  async function noteDrawn(planId: number, week: string): Promise<void> {
    await table().where({ id: planId }).update({ drawn_week: week });
  }

  return { all, get, save, agentsWithCalls, candidates, drawn, noteDrawn };
}

export type PlanStore = ReturnType<typeof createPlanStore>;
