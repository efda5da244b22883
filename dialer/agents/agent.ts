export const agentStates = [
  'signed-out',
  'paused',
  'ready',
  /** A preview is on the screen, or a call is being set up for this agent alone. */
  'reserved',
  'on-call',
  'wrapup',
] as const;
export type AgentState = (typeof agentStates)[number];

/** The agent's audio leg: none, being set up, up, or lost without being asked for. */
export type PhoneState = 'none' | 'ringing' | 'up' | 'lost';

export type LegMode = 'nailed' | 'per-call';

/** Why an agent is paused when no pause code of theirs says so; text under `dialer:pauseReason`. */
export type PauseReason =
  | 'signed-in'
  | 'phone-lost'
  | 'phone-not-answered'
  | 'forced'
  | 'wrapup-missed'
  | 'preview-missed'
  /** One has to be read first. */
  | 'announcement';

/** What an agent becomes once the call at hand is wrapped up. */
export type AfterCall =
  | { to: 'ready' }
  | { to: 'paused'; pauseCodeId: number | null; reason: PauseReason | null }
  | { to: 'signed-out' };

export interface Agent {
  readonly userId: number;
  readonly state: AgentState;
  /** Since when in this state, epoch milliseconds. */
  readonly since: number;
  readonly pauseCodeId: number | null;
  readonly pauseReason: PauseReason | null;
  readonly after: AfterCall;
  /** During a call: an announcement is to be read before the agent is ready; beside `after`, which is what was chosen. */
  readonly mustRead: boolean;
  readonly legMode: LegMode;
  readonly phone: PhoneState;
  /** The audio leg on the switch. */
  readonly channelId: string | null;
  /** The call at hand: reserved for, on, or to be wrapped up. */
  readonly callId: string | null;
  readonly campaignId: number | null;
  readonly wrapupUntil: number | null;
  /** Wrap-ups in a row that ran out without a disposition. */
  readonly missedWrapups: number;
  readonly signedInAt: number | null;
  readonly revision: number;
}

export type AgentEvent =
  | { type: 'sign-in'; legMode: LegMode }
  | { type: 'sign-out' }
  /** `anyway`: also where a supervisor or an announcement had asked for a pause after the call. */
  | { type: 'ready'; anyway?: true }
  /** On a call or in wrap-up: takes effect after it. */
  | { type: 'pause'; pauseCodeId: number | null; reason?: PauseReason }
  /** During a call: there is an announcement to be read, or none any more. */
  | { type: 'must-read'; mustRead: boolean }
  | { type: 'reserve'; callId: string | null; campaignId: number }
  /** The call that the reservation was for has its id now. */
  | { type: 'assign'; callId: string }
  /** The reservation came to nothing. `since`: it was refused, and who returns to where they were has been there since then. */
  | { type: 'release'; since?: { state: AgentState; at: number } }
  /** The phone set for this call is there and so is the customer. */
  | { type: 'connect'; callId: string }
  | { type: 'call-ended'; wrapupUntil: number }
  /** Who had asked this agent beside a call needs them no more. */
  | { type: 'consult-over' }
  /** The customer about whom this agent was asked is theirs now. */
  | { type: 'take-over'; callId: string }
  /** The call went to somebody else because this agent's phone is gone. */
  | { type: 'call-lost' }
  | { type: 'extend-wrapup'; wrapupUntil: number; reason?: string }
  | { type: 'disposed'; after: AfterCall }
  | { type: 'wrapup-over' }
  /** A supervisor's sign-out; during a call after it. */
  | { type: 'force-out' }
  /** The dialer that held this agent is gone, and the leg with it. */
  | { type: 'dialer-gone' }
  | { type: 'phone-ringing'; channelId: string }
  | { type: 'phone-up' }
  | { type: 'phone-lost' }
  /** The leg was ended because it was no longer needed. */
  | { type: 'phone-closed' };

export type AgentEventType = AgentEvent['type'];

/**
 * Every legal transition. `after` stands for what was asked for meanwhile: ready, paused or signed out; `while-phone`
 * for the same state as long as the phone can carry a call, else paused. A phone event changes the phone; the state
 * only where this says so.
 */
export const agentTransitions: Readonly<
  Record<AgentState, Partial<Record<AgentEventType, AgentState | 'after' | 'same' | 'while-phone'>>>
> = {
  'signed-out': { 'sign-in': 'paused', 'phone-closed': 'same' },
  paused: {
    'sign-in': 'same',
    'sign-out': 'signed-out',
    ready: 'ready',
    pause: 'paused',
    reserve: 'reserved',
    'force-out': 'signed-out',
    'dialer-gone': 'signed-out',
    'phone-ringing': 'same',
    'phone-up': 'same',
    'phone-lost': 'same',
    'phone-closed': 'same',
  },
  ready: {
    'sign-in': 'while-phone',
    'sign-out': 'signed-out',
    ready: 'same',
    pause: 'paused',
    reserve: 'reserved',
    'force-out': 'signed-out',
    'dialer-gone': 'signed-out',
    'phone-up': 'same',
    'phone-lost': 'while-phone',
    'phone-closed': 'while-phone',
  },
  reserved: {
    'sign-in': 'same',
    ready: 'same',
    pause: 'same',
    'must-read': 'same',
    assign: 'same',
    release: 'after',
    connect: 'on-call',
    'call-ended': 'wrapup',
    'force-out': 'same',
    'dialer-gone': 'signed-out',
    'phone-ringing': 'same',
    'phone-up': 'same',
    'phone-lost': 'after',
    'phone-closed': 'same',
  },
  'on-call': {
    'sign-in': 'same',
    ready: 'same',
    pause: 'same',
    'must-read': 'same',
    'call-ended': 'wrapup',
    'call-lost': 'after',
    'consult-over': 'after',
    'take-over': 'same',
    'force-out': 'same',
    'dialer-gone': 'signed-out',
    'phone-ringing': 'same',
    'phone-up': 'same',
    'phone-lost': 'same',
    'phone-closed': 'same',
  },
  wrapup: {
    // Only for the very call: its customer comes back.
    reserve: 'reserved',
    'sign-in': 'same',
    ready: 'same',
    pause: 'same',
    'must-read': 'same',
    'extend-wrapup': 'same',
    disposed: 'after',
    'wrapup-over': 'after',
    'force-out': 'same',
    'dialer-gone': 'signed-out',
    'phone-ringing': 'same',
    'phone-up': 'same',
    'phone-lost': 'same',
    'phone-closed': 'same',
  },
};

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
export const missedWrapupsAllowed = 1;

export function signedOutAgent(userId: number, at: number): Agent {
  return {
    userId,
    state: 'signed-out',
    since: at,
    pauseCodeId: null,
    pauseReason: null,
    after: { to: 'ready' },
    mustRead: false,
    legMode: 'nailed',
    phone: 'none',
    channelId: null,
    callId: null,
    campaignId: null,
    wrapupUntil: null,
    missedWrapups: 0,
    signedInAt: null,
    revision: 0,
  };
}

/** Whether this agent's phone can carry a call now: a nailed leg is up, a phone to be rung is assumed there. */
export function phoneUsable(agent: Agent): boolean {
  return agent.legMode === 'per-call' || agent.phone === 'up';
}

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

const lostPhone: AfterCall = { to: 'paused', pauseCodeId: null, reason: 'phone-lost' };
const toRead: AfterCall = { to: 'paused', pauseCodeId: null, reason: 'announcement' };

/** In a call, about to be in one, or writing down what came of it. */
export function isBusy(state: AgentState): boolean {
  return state === 'reserved' || state === 'on-call' || state === 'wrapup';
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

/** What comes after the call as things stand: what was chosen, and nobody becomes ready over an announcement. */
export function comesNext({ after, mustRead }: Agent): AfterCall {
  return after.to === 'ready' && mustRead ? toRead : after;
}

/** Where an agent goes who has nothing at hand any more. */
function settle(agent: Agent, event: AgentEvent): AfterCall {
  const next = comesNext(agent);
  if (next.to !== 'ready') return next;
  if (!phoneUsable(agent) || event.type === 'phone-lost' || event.type === 'call-lost') return lostPhone;
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
