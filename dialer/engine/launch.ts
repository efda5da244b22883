import type { ReservedLead } from '../../campaigns/index.ts';
import type { GatePath, Verdict } from '../../campaigns/compliance/index.ts';
import type { Actions } from './actions.ts';
import { notCalledElsewhere, waitForOtherCall } from './called-elsewhere.ts';
import type { DialerContext } from './context.ts';
import type { HopperLead } from './hopper.ts';
import { exceedsCap, setAside } from './refused-leads.ts';
import { mayLeaveUntil } from './leave.ts';
import { askOtherNumbers } from './other-numbers.ts';
import { newCallId, type LiveCall } from './live-calls.ts';
import type { RosterEntry } from './roster.ts';
import { unmarkDialing } from './settle-lead.ts';

const decidedForMs = 3_000;

export interface Launch {
  readonly entry: RosterEntry;
  readonly path: GatePath;
  /** Whether the campaign still dials: it runs, the switch is there, somebody is at work. */
  stillWanted(): boolean;
  /** Agents who are free now and for whom none but these calls would ring. */
  freeFor(calls: number): number;
  giveBack(lead: ReservedLead): void;
  /** The gate holds the campaign to one line for each free agent. */
  overCap(): void;
}

/**
 * Places the calls of one decision. The gate is asked again in this moment; whoever has become blocked meanwhile is not
 * dialled, nor who is in another call. Each call and its attempt are in the database before the switch is told.
 */
export async function launchCalls(
  ctx: DialerContext,
  actions: Actions,
  launch: Launch,
  batch: readonly HopperLead[],
): Promise<void> {
  const { app, journal, calls, slowFacts } = ctx;
  const decidedAt = app.clock.now();
  const planned = claimed(ctx, batch);
  if (planned.length === 0) return;
  const launched: LiveCall[] = [];
  const marking: Marking = { at: null };
  try {
    await prepare(ctx, launch, planned, launched, marking);
    await journal.flushed();
  } catch (error) {
    app.log.warn({ campaign: launch.entry.campaign.id, error: String(error) }, 'calls could not be prepared');
    const taken = new Set(launched.map(({ call }) => call.leadId));
    const left = planned.flatMap(({ lead }) => (taken.has(lead.id) ? [] : lead));
    const leftIds = left.map(({ id }) => id);
    if (marking.at !== null) unmarkDialing(ctx, leftIds, marking.at);
    for (const lead of left) launch.giveBack(lead);
    // Tried again at once it would fail again, with other leads each time.
    if (launch.stillWanted()) slowFacts.begin();
  } finally {
    for (const { callId } of planned) calls.unclaim(callId);
  }
  if (launched.length === 0) return;
  const clear = await notCalledElsewhere(ctx, launched);
  if (clear === null && launch.stillWanted()) slowFacts.begin();
  // How many were decided on belongs to that moment: after a long wait for the database only who is free is rung for.
  const isLate = app.clock.now() - decidedAt > decidedForMs;
  let places = isLate ? launch.freeFor(launched.length) : launched.length;
  for (const live of launched) {
    if (live.call.state !== 'created') continue;
    const mayLeave = launch.stillWanted() && journal.healthy && clear !== null && places > 0;
    // A verdict is good for the moment: after a long wait for the database it is asked for again before the call leaves.
    if (mayLeave && clear.has(live)) {
      places -= 1;
      void actions.dial(live);
      continue;
    }
    // Not for anything about the call: its lead is due as before.
    if (!mayLeave) live.undialledWaitMs = 0;
    actions.end(live, 'cancelled', 'system');
  }
}

/** A lead that is about to be called, with the id of its call. */
interface Planned extends HopperLead {
  readonly callId: string;
}

/** One that the gate lets be dialled. */
interface Passed extends Planned {
  readonly verdict: Verdict;
}

/** When leads were marked as dialled; null: they were not yet. */
interface Marking {
  at: number | null;
}

/** Those whose number and customer are in no other call; each gets the id of its call. The others wait a moment. */
function claimed(ctx: DialerContext, batch: readonly HopperLead[]): Planned[] {
  return batch.flatMap((entry) => {
    const callId = newCallId(ctx.app.clock.now());
    return isClaimed(ctx, callId, entry.lead) ? { ...entry, callId } : [];
  });
}

function isClaimed(ctx: DialerContext, callId: string, lead: ReservedLead): boolean {
  if (ctx.calls.claim(callId, lead)) return true;
  ctx.errands.add('wait for another call', { lead: lead.id }, () => waitForOtherCall(ctx, lead));
  return false;
}

async function prepare(
  ctx: DialerContext,
  launch: Launch,
  planned: readonly Planned[],
  launched: LiveCall[],
  marking: Marking,
): Promise<void> {
  const { app, stores, dialerId } = ctx;
  const { entry, path } = launch;
  const passed = await passTheGate(ctx, launch, planned);
  if (!launch.stillWanted()) return passed.forEach(({ lead }) => launch.giveBack(lead));
  if (passed.length === 0) return;
  const ids = passed.map(({ lead }) => lead.id);
  marking.at = app.clock.now();
  const dialing = await stores.leads.toDialingMany(ids, dialerId, marking.at);
  for (const { lead, callId, lastAgent, verdict } of passed) {
    if (!dialing.has(lead.id)) continue;
    const live = ctx.calls.create(
      {
        ...{ id: callId, direction: 'out', path, campaignId: entry.campaign.id },
        ...{ leadId: lead.id, customerId: lead.customerId, e164: lead.e164, attempt: lead.attempts + 1 },
      },
      {
        ...{ campaign: entry.campaign, trunkIds: entry.trunkIds, lastAgent },
        leaveUntil: mayLeaveUntil(verdict),
      },
    );
    launched.push(live);
  }
}

/** Those that may be dialled in this moment, with the number that may be. The others are set aside. */
async function passTheGate(
  ctx: DialerContext,
  launch: Launch,
  planned: readonly Planned[],
): Promise<Passed[]> {
  const campaignId = launch.entry.campaign.id;
  const callIds = new Map(planned.map(({ lead, callId }) => [lead.id, callId]));
  const ask = (leads: readonly ReservedLead[]) =>
    ctx.gate.mayCallMany(
      leads.map((lead) => ({
        ...{ e164: lead.e164, stage: 'dial' as const, path: launch.path, campaignId },
        ...{ leadId: lead.id, customerId: lead.customerId, callId: callIds.get(lead.id)! },
      })),
    );
  const verdicts = await ask(planned.map(({ lead }) => lead));
  if (verdicts.some(exceedsCap)) launch.overCap();
  const first = planned.map(({ lead }, index) => ({ lead, verdict: verdicts[index]! }));
  const judged = await askOtherNumbers(ctx, first, ask);
  return planned.flatMap((one, index) => {
    const { lead, verdict } = judged[index]!;
    if (!verdict.allowed) {
      ctx.errands.add('set aside', { lead: lead.id }, () => setAside(ctx, lead, verdict));
      return [];
    }
    const isOther = lead.e164 !== one.lead.e164;
    return isOther && !isClaimed(ctx, one.callId, lead) ? [] : { ...one, lead, verdict };
  });
}
