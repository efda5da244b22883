import type { ReservedLead } from '../../campaigns/index.ts';
import type { DialerContext } from './context.ts';
import type { LiveCall } from './live-calls.ts';

/** So long a lead is left alone at least whose number or customer is in another call. */
const inCallWaitMs = 60_000;
/** Longer than the gate takes to answer, and than clocks of two machines differ. */
const unseenMs = 15_000;

/** Never as long for two dialers that have given way to each other: both would come back at once, and give way again. */
export function inCallWait(random: () => number = Math.random): number {
  return inCallWaitMs + Math.floor(random() * inCallWaitMs);
}

/** Due again in a moment; no attempt is lost, and a promised callback stays one. */
export async function waitForOtherCall(ctx: DialerContext, lead: ReservedLead): Promise<void> {
  const { stores, app, dialerId } = ctx;
  const now = app.clock.now();
  await stores.leads.defer(lead.id, dialerId, now + inCallWait(), 'in-call', now);
}

/**
 * Those of the calls, all written down and none given to the switch, whose number or customer no other dialer calls.
 * Each dialer writes its call down before it looks here, so of two at least one sees the other, and gives way; both
 * may, and then both try again later. Null where the database cannot say.
 */
export async function notCalledElsewhere(
  ctx: DialerContext,
  calls: readonly LiveCall[],
): Promise<Set<LiveCall> | null> {
  const { stores, app, dialerId } = ctx;
  try {
    const since = app.clock.now() - unseenMs;
    const busy = await stores.calls.calledElsewhere(
      dialerId,
      calls.map(({ call }) => call),
      since,
    );
    const rivals = calls.filter(({ call }) => busy.has(call.id));
    for (const rival of rivals) {
      rival.undialledWaitMs = inCallWait();
      app.log.info(
        { call: rival.call.id },
        'another dialer calls this number or customer: this call gives way',
      );
    }
    return new Set(calls.filter(({ call }) => !busy.has(call.id)));
  } catch (error) {
    app.log.warn(
      { calls: calls.length, error: String(error) },
      'other dialers’ calls could not be looked at',
    );
    return null;
  }
}
