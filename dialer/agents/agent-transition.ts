import {
  agentTransitions,
  comesNext,
  isBusy,
  phoneUsable,
  type AfterCall,
  type Agent,
  type AgentEvent,
  type AgentEventType,
  type AgentState,
  type PauseReason,
} from './agent.ts';

export type AgentRefusalReason = 'wrong-state' | 'phone-not-up' | 'not-signed-in' | 'no-such-call';

export type AgentAdvance =
  | { readonly ok: true; readonly agent: Agent; readonly from: AgentState }
  | {
      readonly ok: false;
      readonly reason: AgentRefusalReason;
      readonly state: AgentState;
      readonly event: AgentEventType;
    };

/** After this many wrap-ups in a row without a disposition the agent is taken to be away. */
const missedWrapupsAllowed = 1;

const hasParked: AfterCall = { to: 'paused', pauseCodeId: null, reason: 'call-parked' };
const lostPhone: AfterCall = { to: 'paused', pauseCodeId: null, reason: 'phone-lost' };

/** Takes an agent through one event, or says why not. `at` is epoch milliseconds. */
export function advanceAgent(agent: Agent, event: AgentEvent, at: number): AgentAdvance {
  const refuse = (reason: AgentRefusalReason): AgentAdvance => ({
    ok: false,
    reason,
    state: agent.state,
    event: event.type,
  });
  const target = agentTransitions[agent.state][event.type];
  if (!target) return refuse(agent.state === 'signed-out' ? 'not-signed-in' : 'wrong-state');
  if (event.type === 'connect' && agent.callId !== event.callId) return refuse('no-such-call');
  if ((event.type === 'ready' || event.type === 'reserve') && !isBusy(agent.state) && !phoneUsable(agent))
    return refuse('phone-not-up');
  if (event.type === 'reserve' && agent.state === 'wrapup') {
    if (event.callId === null || event.callId !== agent.callId) return refuse('wrong-state');
    if (!phoneUsable(agent)) return refuse('phone-not-up');
  }
  if (event.type === 'connect' && agent.phone !== 'up') return refuse('phone-not-up');

  const noted = note(agent, event);
  const stays =
    target === 'same' || (target === 'while-phone' && phoneUsable(noted)) || isInChosenPause(agent, event);
  const after = target === 'after' ? settle(noted, event) : lostPhone;
  const to = stays
    ? agent.state
    : target === 'after'
      ? after.to
      : target === 'while-phone'
        ? 'paused'
        : target;
  return {
    ok: true,
    from: agent.state,
    agent: {
      ...noted,
      ...(stays ? {} : { ...entering(noted, event, to, after, at), since: sinceOf(event, to, at) }),
      state: to,
      revision: agent.revision + 1,
    },
  };
}

function sinceOf(event: AgentEvent, to: AgentState, at: number): number {
  return event.type === 'release' && event.since?.state === to ? event.since.at : at;
}

/** What an event changes besides the state. */
function note(agent: Agent, event: AgentEvent): Agent {
  switch (event.type) {
    case 'sign-in':
      // A leg that was lost is none that the other way of ringing would wait for.
      return event.legMode !== agent.legMode && agent.phone === 'lost'
        ? { ...agent, legMode: event.legMode, phone: 'none' }
        : { ...agent, legMode: event.legMode };
    case 'pause':
      if (isForced(agent.after) && event.reason !== 'forced') return agent;
      if (isPresumed(event) && agent.after.to === 'paused' && isChosen(agent.after.reason)) return agent;
      return isBusy(agent.state)
        ? {
            ...agent,
            after: { to: 'paused', pauseCodeId: event.pauseCodeId, reason: event.reason ?? null },
          }
        : agent;
    case 'ready':
      if (isForced(agent.after) && !event.anyway) return agent;
      return isBusy(agent.state)
        ? { ...agent, after: { to: 'ready' }, mustRead: agent.mustRead && !event.anyway }
        : { ...agent, missedWrapups: 0 };
    case 'must-read':
      return { ...agent, mustRead: event.mustRead };
    case 'assign':
    case 'take-over':
      return { ...agent, callId: event.callId };
    case 'force-out':
      return isBusy(agent.state) ? { ...agent, after: { to: 'signed-out' } } : agent;
    case 'extend-wrapup':
      return { ...agent, wrapupUntil: event.wrapupUntil };
    case 'disposed':
      return {
        ...agent,
        missedWrapups: 0,
        after: isForced(agent.after) ? agent.after : event.after,
      };
    case 'wrapup-over':
      return { ...agent, missedWrapups: agent.missedWrapups + 1 };
    case 'phone-ringing':
      return { ...agent, phone: 'ringing', channelId: event.channelId };
    case 'phone-up':
      return { ...agent, phone: 'up' };
    case 'phone-lost':
      return { ...agent, phone: 'lost', channelId: null };
    case 'phone-closed':
    case 'dialer-gone':
      return { ...agent, phone: 'none', channelId: null };
    default:
      return agent;
  }
}

/** What a supervisor asked for stands, whatever the agent chooses. */
function isForced(after: AfterCall): boolean {
  if (after.to === 'ready') return false;
  return after.to === 'signed-out' || after.reason === 'forced';
}

/** A pause as the agent is taken to be away. */
function isPresumed(event: AgentEvent): boolean {
  return (
    event.type === 'pause' && (event.reason === 'phone-not-answered' || event.reason === 'preview-missed')
  );
}

/** A pause that somebody has decided on, agent or supervisor: that the agent is away says nothing against it. */
function isChosen(reason: PauseReason | null): boolean {
  return reason === null || reason === 'forced';
}

function isInChosenPause({ state, pauseReason }: Agent, event: AgentEvent): boolean {
  return state === 'paused' && isPresumed(event) && isChosen(pauseReason);
}

/** Where an agent goes who has nothing at hand any more. */
function settle(agent: Agent, event: AgentEvent): AfterCall {
  const next = comesNext(agent);
  if (next.to !== 'ready') return next;
  if (!phoneUsable(agent) || event.type === 'phone-lost' || event.type === 'call-lost') return lostPhone;
  if (event.type === 'call-parked') return hasParked;
  if (event.type === 'wrapup-over' && agent.missedWrapups > missedWrapupsAllowed)
    return { to: 'paused', pauseCodeId: null, reason: 'wrapup-missed' };
  return { to: 'ready' };
}

const free = {
  callId: null,
  campaignId: null,
  wrapupUntil: null,
  after: { to: 'ready' },
  mustRead: false,
} as const;

/** The fields that belong to the state entered. */
function entering(
  agent: Agent,
  event: AgentEvent,
  to: AgentState,
  after: AfterCall,
  at: number,
): Partial<Agent> {
  switch (to) {
    case 'signed-out':
      return {
        ...free,
        pauseCodeId: null,
        pauseReason: null,
        missedWrapups: 0,
        signedInAt: null,
      };
    case 'paused':
      return {
        ...free,
        ...pausedBy(event, after),
        ...(event.type === 'sign-in' ? { signedInAt: at, missedWrapups: 0 } : {}),
      };
    case 'ready':
      return { ...free, pauseCodeId: null, pauseReason: null };
    case 'reserved':
      return event.type === 'reserve'
        ? {
            callId: event.callId,
            campaignId: event.campaignId,
            // A paused agent who dials a number returns to the pause.
            after:
              agent.state === 'paused'
                ? { to: 'paused', pauseCodeId: agent.pauseCodeId, reason: agent.pauseReason }
                : agent.state === 'wrapup'
                  ? agent.after
                  : { to: 'ready' },
            wrapupUntil: null,
            pauseCodeId: null,
            pauseReason: null,
          }
        : {};
    case 'on-call':
      return {};
    case 'wrapup':
      return event.type === 'call-ended' ? { wrapupUntil: event.wrapupUntil } : {};
  }
}

function pausedBy(event: AgentEvent, after: AfterCall): Pick<Agent, 'pauseCodeId' | 'pauseReason'> {
  switch (event.type) {
    case 'sign-in':
      return { pauseCodeId: null, pauseReason: 'signed-in' };
    case 'pause':
      return { pauseCodeId: event.pauseCodeId, pauseReason: event.reason ?? null };
    default:
      return after.to === 'paused'
        ? { pauseCodeId: after.pauseCodeId, pauseReason: after.reason }
        : { pauseCodeId: null, pauseReason: null };
  }
}
