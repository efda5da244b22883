import type { App } from '../../core/app.ts';
import { heldByState, leadPriorities, openStates, withHolder } from './hopper-row.ts';
import { leadStates, type LeadState } from './lead.ts';
import { slowCounts, type SlowCounts } from './slow-counts.ts';

export interface NextDue {
  /** 0 or past: now. */
  readonly nextAt: number;
  /** Why it waits until then. */
  readonly reason: string | null;
}

type Counts = Record<LeadState, number>;

/** Figures on the leads of a campaign. */
export function createLeadFigures(app: Pick<App, 'db'>, options: SlowCounts = {}) {
  const { db } = app;

  /** How many leads stand where; states without leads are 0. In a long list the figures may be a minute old. */
  const countsByState = slowCounts(count, options);

  /** Whether any lead is still to be called, or is being called: one look into the index for each state. */
  async function anyOpen(campaignId: number): Promise<boolean> {
    for (const state of [...openStates, 'dialing'] as const)
      if (await db.knex('leads').where({ campaign_id: campaignId, state }).first('id')) return true;
    return false;
  }

  async function count(campaignId: number): Promise<Counts> {
    const rows: { state: LeadState; count: number }[] = await db
      .knex('leads')
      .where({ campaign_id: campaignId })
      .groupBy('state')
      .select('state')
      .count({ count: '*' });
    const counts = Object.fromEntries(leadStates.map((state) => [state, 0])) as Counts;
    for (const { state, count } of rows) counts[state] = Number(count);
    for (const { state, count } of await heldByState(db.knex, campaignId)) {
      // Leads may have gone on, or come, since they were counted.
      const held = Math.min(counts[state], count);
      counts[state] -= held;
      counts.reserved += held;
    }
    return counts;
  }

  /** When the next lead falls due (0 or past: now), epoch ms; null when none ever will. */
  async function nextDue(campaignId: number): Promise<number | null> {
    return (await nextDueLead(campaignId))?.nextAt ?? null;
  }

  /**
   * The lead that falls due next and is in no dialer's hands, and why it waits; null when none ever will. One statement that looks once into the
   * index for each state and priority, however many leads there are.
   */
  async function nextDueLead(campaignId: number): Promise<NextDue | null> {
    const looks = openStates.flatMap((state) =>
      leadPriorities.map((priority) => {
        const first = db
          .knex('leads')
          .leftJoin('hopper', 'hopper.lead_id', 'leads.id')
          .modify(withHolder, 'left')
          .where({ 'leads.campaign_id': campaignId, 'leads.state': state, priority })
          .whereNull('hopper_blocks.id')
          .orderBy('leads.next_at')
          .select('leads.next_at', 'state_reason')
          .limit(1);
        return db.knex.select('*').from(first.as(`f_${state}_${priority}`));
      }),
    );
    const rows: { next_at: number; state_reason: string | null }[] = await looks[0]!.unionAll(looks.slice(1));
    const [first] = rows.sort((a, b) => a.next_at - b.next_at);
    return first ? { nextAt: first.next_at, reason: first.state_reason } : null;
  }

  return { countsByState, anyOpen, nextDue, nextDueLead };
}
