import type { DialerContext } from './context.ts';

/** A lead whose call was never written down has been called by nobody: it is due again after so long. */
const undialledWaitMs = 60_000;

/**
 * Decides what becomes of a lead that the process `by` left in a call, by the call of that very attempt. False when
 * that call has not ended.
 */
export async function settleLead(
  stores: DialerContext['stores'],
  lead: { readonly id: number; readonly lastAttemptAt: number | null },
  by: string,
  now: number,
): Promise<boolean> {
  const last = await stores.calls.lastOfLead(lead.id);
  const call = last && last.createdAt >= (lead.lastAttemptAt ?? 0) ? last : null;
  if (call && call.state !== 'ended') return false;
  // A call is in the database before the switch is told of it.
  if (!call || call.dialedAt === null) await stores.leads.undial(lead.id, by, now + undialledWaitMs, now);
  else await stores.leads.finishAttempt(lead.id, { outcome: call.outcome ?? 'failed', at: now });
  return true;
}

/**
 * Whether these leads were marked as dialled at `at` has not been heard: the answer was lost. No call was made for them,
 * so they are due again at once. Before they are given back, as nobody else can have taken them until then.
 */
export function unmarkDialing(
  { errands, stores, dialerId, app }: DialerContext,
  leadIds: readonly number[],
  at: number,
): void {
  for (const id of leadIds)
    errands.add('unmark', { lead: id }, async () => {
      const lead = await stores.leads.get(id);
      if (lead?.state !== 'dialing' || lead.reservedBy !== dialerId || lead.lastAttemptAt !== at) return;
      const now = app.clock.now();
      await stores.leads.undial(id, dialerId, now, now);
    });
}
