import type { AgentStep, CallStep } from '../calls/pacing-history-store.ts';
import type { AgentPacingState, PacingEvent } from '../pacing/index.ts';

/** What a call's transition means to the pacer of its campaign. */
export function pacingEvents(
  step: CallStep & { readonly wasDialed: boolean; readonly wasConnected: boolean; readonly isCheck: boolean },
): PacingEvent[] {
  const { callId, at } = step;
  // For the pacer it is over: its agent's own state says the rest, and no rate of live answers counts it.
  if (step.isCheck)
    return step.event === 'check' || step.event === 'message' ? [{ type: 'machine', at, callId }] : [];
  switch (step.event) {
    case 'dial':
      return [{ type: 'dialed', at, callId }];
    case 'answer':
    case 'human':
      return [{ type: 'answered', at, callId }];
    case 'connect':
      if (step.wasConnected) return [];
      // Too late: its agent talks, as the agent's own state says, and the account has one abandoned call more.
      if (step.isAbandoned) return [{ type: 'abandoned', at, callId }];
      return [{ type: 'connected', at, callId, agentId: String(step.userId) }];
    case 'announce':
      return step.wasConnected ? [] : [{ type: 'abandoned', at, callId }];
    case 'unmet':
      return step.wasConnected ? [{ type: 'unmet', at, callId }] : [];
    // Its agent is through with it, whoever has the customer now; its end is not told again.
    case 'transfer':
    case 'park':
    case 'send-out':
    case 'hand-out':
      return step.wasConnected ? [{ type: 'ended', at, callId }] : [];
    case 'end':
      return endEvents(step);
    default:
      return [];
  }
}

function endEvents(step: Parameters<typeof pacingEvents>[0]): PacingEvent[] {
  const { callId, at, from, outcome } = step;
  if (!step.wasDialed) return [];
  if (step.wasConnected) return [{ type: 'ended', at, callId }];
  if (outcome === 'machine') return [{ type: 'machine', at, callId }];
  if (from === 'announcing') return [];
  if (outcome === 'abandoned') {
    const abandoned: PacingEvent = { type: 'abandoned', at, callId };
    return from === 'detecting' ? [{ type: 'answered', at, callId }, abandoned] : [abandoned];
  }
  return [{ type: 'failed', at, callId, cause: outcome ?? 'failed' }];
}

/** The same for calls as the event table has them, oldest first. */
export class RecordedCalls {
  #dialed = new Set<string>();
  #connected = new Set<string>();
  #checked = new Set<string>();

  events(step: CallStep): PacingEvent[] {
    const { callId } = step;
    if (step.event === 'check' || step.event === 'message') this.#checked.add(callId);
    const told = pacingEvents({
      ...step,
      isCheck: this.#checked.has(callId),
      wasDialed: this.#dialed.has(callId),
      wasConnected: this.#connected.has(callId),
    });
    if (step.event === 'dial') this.#dialed.add(callId);
    if (step.event === 'connect') this.#connected.add(callId);
    if (step.event === 'unmet') this.#connected.delete(callId);
    if (step.event === 'end') {
      this.#dialed.delete(callId);
      this.#connected.delete(callId);
      this.#checked.delete(callId);
    }
    return told;
  }
}

/** And for an agent; null where calls say it better. */
export function recordedAgentState(step: AgentStep, campaignId: number): AgentPacingState | null {
  const here = step.campaignId === campaignId;
  switch (step.to) {
    case 'ready':
      return 'idle';
    case 'reserved':
      return here ? null : 'away';
    case 'on-call':
      return here ? 'talking' : 'away';
    case 'wrapup':
      return here ? 'wrapup' : 'away';
    case 'paused':
    case 'signed-out':
      return 'away';
  }
}
