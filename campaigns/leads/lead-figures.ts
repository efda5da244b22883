import type { App } from '../../core/app.ts';
import { leadPriorities } from './lead-hopper.ts';
import { leadStates, type LeadState } from './lead.ts';

export interface NextDue {
  /** 0 or past: now. */
  readonly nextAt: number;
  /** Why it waits until then. */
  readonly reason: string | null;
}

/** Figures on the leads of a campaign. */
export function createLeadFigures(app: Pick<App, 'db'>) {
  const { db } = app;

  /** How many leads stand where; states without leads are 0. */
  async function countsByState(campaignId: number): Promise<Record<LeadState, number>> {
    const rows: { state: LeadState; count: number }[] = await db
      .knex('leads')
      .where({ campaign_id: campaignId })
      .groupBy('state')
      .select('state')
      .count({ count: '*' });
    const counts = Object.fromEntries(leadStates.map((state) => [state, 0])) as Record<LeadState, number>;
    for (const { state, count } of rows) counts[state] = Number(count);
    return counts;
  }

  /** When the next lead falls due (0 or past: now), epoch ms; null when none ever will. */
  async function nextDue(campaignId: number): Promise<number | null> {
    return (await nextDueLead(campaignId))?.nextAt ?? null;
  }

  /**
   * The lead that falls due next, and why it waits; null when none ever will. One statement that looks once into the
   * index for each state and priority, however many leads there are.
   */
  async function nextDueLead(campaignId: number): Promise<NextDue | null> {
    const looks = (['new', 'waiting', 'callback'] as const).flatMap((state) =>
      leadPriorities.map((priority) => {
        const first = db
          .knex('leads')
          .where({ campaign_id: campaignId, state, priority })
          .orderBy('next_at')
          .select('next_at', 'state_reason')
          .limit(1);
        return db.knex.select('*').from(first.as(`f_${state}_${priority}`));
      }),
    );
    const rows: { next_at: number; state_reason: string | null }[] = await looks[0]!.unionAll(looks.slice(1));
    const [first] = rows.sort((a, b) => a.next_at - b.next_at);
    return first ? { nextAt: first.next_at, reason: first.state_reason } : null;
  }

  return { countsByState, nextDue, nextDueLead };
}
