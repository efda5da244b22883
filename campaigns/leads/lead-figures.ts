import type { App } from '../../core/app.ts';
import { heldByState, isOpen, leadPriorities, openStates, type OpenState, withHolder } from './hopper-row.ts';
import { bucketsOf, countBuckets, rangesOf, type BucketCount } from './lead-ranges.ts';
import { leadStates, type LeadState } from './lead.ts';
import { slowCounts, type SlowCounts } from './slow-counts.ts';

export interface NextDue {
  /** 0 or past: now. */
  readonly nextAt: number;
  /** Why it waits until then. */
  readonly reason: string | null;
}

type Counts = Record<LeadState, number>;

/** Reasons stand in the leads themselves, which takes longer than an index. */
const leadsReadAtOnce = 2_000;

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

  /** How many leads are still to be called; `most` where there are as many or more. */
  async function openUpTo(campaignId: number, most: number): Promise<number> {
    let count = 0;
    for (const state of openStates) {
      const some = db
        .knex('leads')
        .where({ campaign_id: campaignId, state })
        .select('id')
        .limit(most - count);
      const row = (await db.knex.from(some.as('some')).count({ n: '*' }).first()) as { n: number | string };
      if ((count += Number(row.n)) >= most) return most;
    }
    return count;
  }

  async function count(campaignId: number): Promise<Counts> {
    return byState(await countBuckets(db.knex, campaignId, 0), await heldByState(db.knex, campaignId));
  }

  /** Open leads by state and priority, and how many of them are due at `now`; held ones are among them. */
  async function openBuckets(campaignId: number, now: number): Promise<BucketCount[]> {
    return (await countBuckets(db.knex, campaignId, now)).filter(({ state }) => isOpen(state));
  }

  /** How many leads stand in these states for which reason; with `after`, of those that are due later than that. */
  async function reasonsOf(
    campaignId: number,
    states: readonly LeadState[],
    after?: number,
  ): Promise<Map<string | null, number>> {
    const counts = new Map<string | null, number>();
    for (const bucket of await bucketsOf(db.knex, campaignId, states))
      for await (const range of rangesOf(db.knex, bucket, leadsReadAtOnce)) {
        const rows: { reason: string | null; n: number | string }[] = await range()
          .modify((query) => {
            if (after !== undefined) query.where('next_at', '>', after);
          })
          .groupBy('state_reason')
          .select({ reason: 'state_reason' })
          .count({ n: '*' });
        for (const { reason, n } of rows) counts.set(reason, (counts.get(reason) ?? 0) + Number(n));
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

  return { countsByState, openBuckets, reasonsOf, anyOpen, openUpTo, nextDue, nextDueLead };
}

/** States without leads are 0; leads that dialers hold are `reserved`. */
export function byState(
  buckets: readonly BucketCount[],
  holds: readonly { state: OpenState; count: number }[],
): Counts {
  const counts = Object.fromEntries(leadStates.map((state) => [state, 0])) as Counts;
  for (const { state, count } of buckets) counts[state] += count;
  for (const { state, count } of holds) {
    // Leads may have gone on, or come, since they were counted.
    const held = Math.min(counts[state], count);
    counts[state] -= held;
    counts.reserved += held;
  }
  return counts;
}
