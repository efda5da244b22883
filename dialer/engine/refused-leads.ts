import type { Aside, ReservedLead } from '../../campaigns/index.ts';
import type { Verdict } from '../../campaigns/compliance/index.ts';
import type { DialerContext } from './context.ts';
import type { JudgedLead } from './other-numbers.ts';

/** For so long a promised callback is left alone about which only somebody's decision can change anything. */
const undecidedWaitMs = 10 * 60_000;
/**
 * Any other lead is left alone for from four to eight hours, or those of one state that is suspended would keep a dialer
 * from all others: what that decision opens is brought forward when it is taken (`leads/due-again.ts`). Spread, so that
 * they do not come back all at once, in few steps, so that many are written together.
 */
const uncertainWaitMs = 4 * 3_600_000;
const spreadOf = (leadId: number): number => ((leadId * 7_919) % 16) * 15 * 60_000;
/** An answer that waited so long to be written may be of before a decision that has been walked through since. */
const staleAfterMs = 10_000;

/**
 * Whether the campaign as a whole waits, and not this lead: then it stays where it is. Any other lead that may not be
 * called makes room, or those at the head of the list would keep the dialer from all that stand behind them.
 */
export function concernsAll(verdict: Verdict): boolean {
  return exceedsCap(verdict) || databaseFault(verdict) !== null;
}

/** What of the database kept the gate from knowing; null: it knew, or something else was missing. */
export function databaseFault({ facts: { cause } }: Verdict): 'database-down' | 'database-slow' | null {
  if (cause === 'database-slow') return cause;
  return cause === 'database' ? 'database-down' : null;
}

/** Forbids to dial ahead of free agents, and that only. */
export const exceedsCap = ({ reasonCode }: Verdict): boolean => reasonCode === 'ABANDON_RATE_EXCEEDED';

/** Leads that may not be called now: later, never, or when something else than the lead has changed. */
export async function setAsideMany(ctx: DialerContext, refused: readonly JudgedLead[]): Promise<void> {
  const { stores, app, dialerId } = ctx;
  const now = app.clock.now();
  const asides = refused.flatMap(({ lead, verdict }): Aside[] => {
    const { id } = lead;
    const { outlook, nextAllowedAt, reasonCode: reason } = verdict;
    if (outlook === 'later' && nextAllowedAt !== null) return [{ id, nextAt: nextAllowedAt, reason }];
    if (outlook === 'never') return [{ id, nextAt: null, reason }];
    return concernsAll(verdict) ? [] : [{ id, nextAt: now + uncertainWait(lead, verdict, now), reason }];
  });
  const stay = refused.map(({ lead }) => lead.id).filter((id) => !asides.some((aside) => aside.id === id));
  await stores.leads.setAsideMany(asides, dialerId, now);
  if (stay.length > 0) await stores.leads.release(stay, dialerId);
}

/** Leave for one call was used by another in that moment: nothing that anybody decides says when it is over. */
function uncertainWait({ id, reservedFrom }: ReservedLead, { facts, at }: Verdict, now: number): number {
  if (reservedFrom === 'callback' || facts.override || now - at > staleAfterMs) return undecidedWaitMs;
  return uncertainWaitMs + spreadOf(id);
}

export const setAside = (ctx: DialerContext, lead: ReservedLead, verdict: Verdict): Promise<void> =>
  setAsideMany(ctx, [{ lead, verdict }]);
