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
  /** Has parked a customer, and is at the desk. */
  | 'call-parked'
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
  /** The customer is parked: free for something else, and not for the next customer until they say so. */
  | { type: 'call-parked' }
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
    'call-parked': 'after',
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

/** In a call, about to be in one, or writing down what came of it. */
export function isBusy(state: AgentState): boolean {
  return state === 'reserved' || state === 'on-call' || state === 'wrapup';
}

const toRead: AfterCall = { to: 'paused', pauseCodeId: null, reason: 'announcement' };

/** What comes after the call as things stand: what was chosen, and nobody becomes ready over an announcement. */
export function comesNext({ after, mustRead }: Agent): AfterCall {
  return after.to === 'ready' && mustRead ? toRead : after;
}
