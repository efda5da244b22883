import type { Call } from '../calls/call.ts';
import type { AgentCall, AgentSnapshot, FloorCall, FloorSnapshot } from '../protocol.ts';
import type { DialerContext } from './context.ts';
import type { LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';
import type { Roster } from './roster.ts';

/** All that a workspace needs to show the truth about one agent, as it is now. */
export function snapshotOf(ctx: DialerContext, roster: Roster, live: LiveAgent): AgentSnapshot {
  const { agent } = live;
  const call = agent.callId === null ? undefined : ctx.calls.get(agent.callId);
  return {
    userId: agent.userId,
    now: ctx.app.clock.now(),
    revision: agent.revision,
    state: agent.state,
    since: agent.since,
    pauseCodeId: agent.pauseCodeId,
    pauseReason: agent.pauseReason,
    pausesNext: agent.after.to === 'paused',
    signsOutNext: agent.after.to === 'signed-out',
    nextPauseCodeId: agent.after.to === 'paused' ? agent.after.pauseCodeId : null,
    phone: agent.phone,
    legMode: agent.legMode,
    simulatedPhone: ctx.simulatedPhones,
    campaigns: roster.campaignsOf(agent.userId).map(({ campaign }) => ({
      id: campaign.id,
      name: campaign.name,
      mode: campaign.mode,
      state: campaign.state,
    })),
    call: call ? callOf(call) : null,
    preview: live.preview,
    wrapupUntil: agent.wrapupUntil,
    monitors: live.monitors ?? [],
  };
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
  const { id, state, campaignId, customerId, e164, userId } = call;
  return { id, state, since: sinceOf(call), campaignId, customerId, e164, userId };
}

function sinceOf({ state, createdAt, dialedAt, answeredAt, liveAt, connectedAt, leftAt }: Call): number {
  if (state === 'connected' || state === 'held') return connectedAt ?? createdAt;
  if (state === 'waiting' || state === 'announcing') return leftAt ?? liveAt ?? answeredAt ?? createdAt;
  return answeredAt ?? dialedAt ?? createdAt;
}

function callOf(live: LiveCall): AgentCall {
  const { call } = live;
  return {
    id: call.id,
    direction: call.direction,
    path: call.path,
    state: call.state,
    campaignId: live.campaign.id,
    leadId: call.leadId,
    customerId: call.customerId,
    e164: call.e164,
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
  };
}
