import type { ReservedLead } from '../../campaigns/index.ts';
import type { GatePath } from '../../campaigns/compliance/index.ts';
import type { Actions } from './actions.ts';
import type { DialerContext } from './context.ts';
import { verdictGoodMs } from './dialling.ts';
import { exceedsCap, setAside, type HopperLead } from './hopper.ts';
import { newCallId, type LiveCall } from './live-calls.ts';
import type { RosterEntry } from './roster.ts';

export interface Launch {
  readonly entry: RosterEntry;
  readonly path: GatePath;
  /** Whether the campaign still dials: it runs, the switch is there, somebody is at work. */
  stillWanted(): boolean;
  giveBack(lead: ReservedLead): void;
  /** The gate holds the campaign to one line for each free agent. */
  overCap(): void;
}

/**
 * Places the calls of one decision. The gate is asked again in this moment; whoever has become blocked meanwhile is not
 * dialled. Each call and its attempt are in the database before the switch is told.
 */
export async function launchCalls(
  ctx: DialerContext,
  actions: Actions,
  launch: Launch,
  batch: readonly HopperLead[],
): Promise<void> {
  const { app, journal } = ctx;
  const planned = batch.map((entry) => ({ ...entry, callId: newCallId(app.clock.now()) }));
  const launched: LiveCall[] = [];
  try {
    await prepare(ctx, launch, planned, launched);
    await journal.flushed();
  } catch (error) {
    app.log.warn({ campaign: launch.entry.campaign.id, error: String(error) }, 'calls could not be prepared');
    const taken = new Set(launched.map(({ call }) => call.leadId));
    for (const { lead } of planned) if (!taken.has(lead.id)) launch.giveBack(lead);
  }
  for (const live of launched) {
    if (live.call.state !== 'created') continue;
    // A verdict is good for the moment: after a long wait for the database the call is not placed on it.
    const isFresh = app.clock.now() - live.call.createdAt < verdictGoodMs;
    if (isFresh && launch.stillWanted() && journal.healthy) void actions.dial(live);
    else actions.end(live, 'cancelled', 'system');
  }
}

async function prepare(
  ctx: DialerContext,
  launch: Launch,
  planned: readonly (HopperLead & { callId: string })[],
  launched: LiveCall[],
): Promise<void> {
  const { gate, app, stores, dialerId } = ctx;
  const { entry, path } = launch;
  const campaignId = entry.campaign.id;
  const verdicts = await gate.mayCallMany(
    planned.map(({ lead, callId }) => ({
      ...{ e164: lead.e164, stage: 'dial' as const, path, campaignId, callId },
      ...{ leadId: lead.id, customerId: lead.customerId },
    })),
  );
  if (verdicts.some(exceedsCap)) launch.overCap();
  const passedAt = app.clock.now();
  for (const [index, { lead, callId, lastAgent }] of planned.entries()) {
    const verdict = verdicts[index]!;
    if (!verdict.allowed) {
      ctx.errands.add('set aside', { lead: lead.id }, () => setAside(ctx, lead, verdict));
      continue;
    }
    if (!launch.stillWanted()) {
      launch.giveBack(lead);
      continue;
    }
    if (!(await stores.leads.toDialing(lead.id, dialerId, app.clock.now())).moved) continue;
    const live = ctx.calls.create(
      {
        ...{ id: callId, direction: 'out', path, campaignId, leadId: lead.id, customerId: lead.customerId },
        ...{ e164: lead.e164, attempt: lead.attempts + 1 },
      },
      { campaign: entry.campaign, trunkIds: entry.trunkIds, lastAgent, passedAt },
    );
    launched.push(live);
  }
}
