import { formatPhone } from '../../core/i18n/index.ts';
import { comesNext } from '../agents/agent.ts';
import type { Call } from '../calls/call.ts';
import type {
  AgentCall,
  AgentSnapshot,
  ConsultView,
  FloorCall,
  FloorSnapshot,
  ParkedCall,
} from '../protocol.ts';
import { isLeftBy } from './agent-desk.ts';
import type { DialerContext } from './context.ts';
import type { LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';
import { mayTakeUp } from './parking.ts';
import type { Roster } from './roster.ts';

/** All that a workspace needs to show the truth about one agent, as it is now. */
export function snapshotOf(ctx: DialerContext, roster: Roster, live: LiveAgent): AgentSnapshot {
  const { agent } = live;
  const call = agent.callId === null ? undefined : ctx.calls.get(agent.callId);
  const next = comesNext(agent);
  return {
    userId: agent.userId,
    now: ctx.app.clock.now(),
    revision: agent.revision,
    state: agent.state,
    since: agent.since,
    pauseCodeId: agent.pauseCodeId,
    pauseReason: agent.pauseReason,
    pausesNext: next.to === 'paused',
    signsOutNext: next.to === 'signed-out',
    nextPauseCodeId: next.to === 'paused' ? next.pauseCodeId : null,
    phone: agent.phone,
    legMode: agent.legMode,
    simulatedPhone: ctx.simulatedPhones,
    switchAway: ctx.telephony.state !== 'up',
    campaigns: roster.campaignsOf(agent.userId).map(({ campaign }) => ({
      id: campaign.id,
      name: campaign.name,
      mode: campaign.mode,
      state: campaign.state,
    })),
    call: call ? callOf(ctx, call, live) : null,
    preview: live.preview,
    wrapupUntil: agent.wrapupUntil,
    monitors: live.monitors ?? [],
    parked: agent.state === 'signed-out' ? [] : parkedFor(ctx, roster, agent.userId),
  };
}

/** The longest first. */
function parkedFor(ctx: DialerContext, roster: Roster, userId: number): ParkedCall[] {
  return [...ctx.calls.parked()]
    .filter((live) => mayTakeUp(roster, userId, live))
    .map(({ call, campaign, ringsBackAt }) => ({
      ...{ callId: call.id, slot: call.parkSlot ?? 0, since: call.leftAt ?? call.createdAt },
      ...{ isRinging: call.state === 'waiting', ringsBackAt: call.state === 'waiting' ? null : ringsBackAt },
      ...{ campaignId: campaign.id, customerId: call.customerId, e164: call.e164 },
      by:
        call.userId === null ? null : { userId: call.userId, name: ctx.agents.get(call.userId)?.name ?? '' },
    }))
    .sort((a, b) => a.since - b.since);
}

/** Everybody and every call of this dialer, as they are now. */
export function floorOf(ctx: DialerContext, roster: Roster): FloorSnapshot {
  return {
    dialerId: ctx.dialerId,
    agents: [...ctx.agents.all()].map((live) => snapshotOf(ctx, roster, live)),
    calls: [...ctx.calls.open()].map(({ call }) => floorCallOf(call)),
  };
}

function floorCallOf(call: Call): FloorCall {
  const { id, state, campaignId, customerId, e164, userId, parkSlot } = call;
  return { id, state, since: sinceOf(call), campaignId, customerId, e164, userId, parkSlot };
}

function sinceOf({ state, createdAt, dialedAt, answeredAt, liveAt, connectedAt, leftAt }: Call): number {
  if (state === 'connected' || state === 'held') return connectedAt ?? createdAt;
  if (state === 'parked' || state === 'transferring' || state === 'outside') return leftAt ?? createdAt;
  if (state === 'waiting' || state === 'announcing') return leftAt ?? liveAt ?? answeredAt ?? createdAt;
  return answeredAt ?? dialedAt ?? createdAt;
}

function callOf(ctx: DialerContext, live: LiveCall, agent: LiveAgent): AgentCall {
  const { call } = live;
  // Who is asked sees the customer about whom.
  const about = ctx.calls.get(call.parentId ?? '')?.call ?? call;
  const nameOf = (userId: number) => ctx.agents.get(userId)?.name ?? '';
  // Who is about to get the customer reads at once from whom.
  const from = agent.agent.state === 'reserved' ? call.userId : live.handedOnBy;
  return {
    id: call.id,
    direction: call.direction,
    path: call.path,
    state: call.state,
    campaignId: live.campaign.id,
    leadId: about.leadId,
    customerId: about.customerId,
    e164: about.e164,
    callerId: call.callerId,
    attempt: call.attempt,
    dialedAt: call.dialedAt,
    answeredAt: call.answeredAt,
    connectedAt: call.connectedAt,
    endedAt: call.endedAt,
    outcome: call.outcome,
    hangupCause: call.hangupCause,
    endedBy: call.endedBy,
    recording: live.recording,
    recordingPausedByAgent: live.recordingPausedByAgent,
    consult: consultOf(ctx, live),
    threeWay: isThreeWay(ctx, about.id),
    askedBy:
      call.parentId === null || about.userId === null
        ? null
        : { userId: about.userId, name: nameOf(about.userId), callId: about.id },
    handedOnBy: from === null || from === agent.agent.userId ? null : { userId: from, name: nameOf(from) },
    noteOnly: agent.agent.state === 'wrapup' && isLeftBy(live, agent.agent),
  };
}

function isThreeWay({ calls }: DialerContext, customersCallId: string): boolean {
  const customer = calls.get(customersCallId);
  return customer?.call.state === 'connected' && calls.aside(customersCallId)?.call.state === 'connected';
}

function consultOf(ctx: DialerContext, live: LiveCall): ConsultView | null {
  const side = ctx.calls.aside(live.call.id);
  const nameOf = (userId: number | null | undefined) =>
    userId == null ? null : (ctx.agents.get(userId)?.name ?? '');
  if (side) {
    const { id: callId, direction, e164, state, connectedAt, outcome, hangupCause } = side.call;
    const colleague = direction === 'internal' ? ctx.agents.byCall(callId)?.agent.userId : null;
    const phone = formatPhone(e164);
    return { callId, name: nameOf(colleague), e164, phone, state, connectedAt, outcome, hangupCause };
  }
  if (!live.consultEnded) return null;
  const { userId, ...ended } = live.consultEnded;
  return { ...ended, phone: formatPhone(ended.e164), name: nameOf(userId), state: 'ended' };
}
