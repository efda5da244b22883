import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Verdict } from '../compliance/gate.ts';
import { blockReasons } from '../compliance/reason.ts';
import type { Outlook } from './lead-outlook.ts';

/** Of leads those that the gate has put off to later than an instant. */
export function whichArePutOff(leads: Knex.QueryBuilder, laterThan: number): void {
  void leads
    .whereIn('leads.state', ['waiting', 'callback'])
    .whereIn('leads.state_reason', [...blockReasons])
    .where('leads.next_at', '>', laterThan);
}

/**
 * When a lead may be called at the earliest, at any of its numbers; where time does not cure it, or nobody knows when it
 * will, at no time. @throws when the database kept the gate from knowing: it is asked again as a whole
 */
export function dueAt({ verdicts }: Pick<Outlook, 'verdicts'>, now: number): number {
  return Math.min(...verdicts.map((verdict) => dueBy(verdict, now)));
}

/** What a lead waits for until `dueAt`; null: for nothing, it is due now. */
export function waitsFor({ verdicts }: Pick<Outlook, 'verdicts'>, now: number): string | null {
  const at = dueAt({ verdicts }, now);
  return at > now ? (verdicts.find((verdict) => dueBy(verdict, now) === at)?.reasonCode ?? null) : null;
}

/** Has those put-off leads due earlier that may be called earlier, and no others. Returns how many. */
export async function bringForward(
  { db, clock }: Pick<App, 'db' | 'clock'>,
  outlooks: readonly Outlook[],
): Promise<number> {
  const now = clock.now();
  const byTime = new Map<number, number[]>();
  for (const outlook of outlooks) {
    const at = dueAt(outlook, now);
    if (at < outlook.row.next_at) byTime.set(at, [...(byTime.get(at) ?? []), outlook.row.id]);
  }
  let moved = 0;
  for (const [next_at, ids] of byTime)
    moved += await db
      .knex('leads')
      .whereIn('id', ids)
      .modify(whichArePutOff, next_at)
      .update({ next_at, updated_at: now });
  return moved;
}

function dueBy({ outlook, nextAllowedAt, facts }: Verdict, now: number): number {
  if (facts.cause === 'database' || facts.cause === 'database-slow')
    throw new Error('the gate did not get its facts from the database; leads are asked about again later');
  if (outlook === 'clear') return now;
  return outlook === 'later' && nextAllowedAt !== null ? Math.max(now, nextAllowedAt) : Infinity;
}
