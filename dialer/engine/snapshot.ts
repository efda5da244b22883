import type { AgentCall, AgentSnapshot } from '../protocol.ts';
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
  };
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
  };
}
