import { abandonedByEnding, joinsTooLate, type GatePath } from '../../campaigns/compliance/index.ts';
import type { CallOutcome } from './outcome.ts';

export type { CallOutcome } from './outcome.ts';

/** A call is one attempt at one number, from the decision to dial until both legs are gone. */
export const callStates = [
  /** Registered, not yet given to the switch. */
  'created',
  'dialing',
  'ringing',
  /** Answered; answering-machine detection is listening. */
  'detecting',
  /** A live person hears silence until an agent is there. */
  'waiting',
  /** Customer and agent share a bridge. */
  'connected',
  'held',
  /** Nobody is with the customer, who hears music: put where their agent or a colleague takes them up again. */
  'parked',
  /** Nobody is with the customer, who hears music: the number that they are handed on to is being called. */
  'transferring',
  /** The customer talks with somebody outside; no agent is there. */
  'outside',
  /** A machine: the campaign's message is left on it once its greeting is over. */
  'messaging',
  /** No agent within the grace: the identification message plays. */
  'announcing',
  'ended',
] as const;
export type CallState = (typeof callStates)[number];

export type EndedBy = 'agent' | 'customer' | 'system';

export interface Call {
  readonly id: string;
  /** `internal`: from agent to agent, with no leg of its own. */
  readonly direction: 'out' | 'in' | 'internal';
  /** The customer's call beside which this one was made, to ask somebody or to hand the customer on. */
  readonly parentId: string | null;
  readonly path: GatePath;
  readonly campaignId: number | null;
  readonly leadId: number | null;
  readonly customerId: number | null;
  /** The agent who talks, or talked last. */
  readonly userId: number | null;
  readonly trunkId: number | null;
  readonly e164: string;
  readonly callerId: string | null;
  /** Which attempt at this lead it is, from 1. */
  readonly attempt: number;
  readonly state: CallState;
  readonly outcome: CallOutcome | null;
  readonly amd: 'human' | 'machine' | 'unsure' | null;
  /** Q.850 */
  readonly hangupCause: number | null;
  readonly endedBy: EndedBy | null;
  readonly createdAt: number;
  readonly dialedAt: number | null;
  readonly ringingAt: number | null;
  readonly answeredAt: number | null;
  /** Since when a person has been on the line: the answer, or the end of detection. */
  readonly liveAt: number | null;
  readonly connectedAt: number | null;
  /** When it became an abandoned call: nobody met the person in time. They may have talked later all the same. */
  readonly abandonedAt: number | null;
  /** Since when the customer has been without the agent they had met; null while there is one. */
  readonly leftAt: number | null;
  /** The number under which it is parked; kept while it rings back, until somebody has it again. */
  readonly parkSlot: number | null;
  readonly endedAt: number | null;
  /** Counts the changes: each is written once, and never over a later one. */
  readonly revision: number;
}

export type NewCall = Pick<
  Call,
  'id' | 'direction' | 'path' | 'campaignId' | 'leadId' | 'customerId' | 'e164' | 'attempt'
> & { readonly parentId?: string | null };

export type CallEvent =
  | { type: 'dial'; trunkId: number; callerId: string | null }
  /** The trunk refused; the same attempt goes out over another one. */
  | { type: 'redial'; trunkId: number; callerId: string | null }
  | { type: 'ringing' }
  /** Answered, and taken for a person. */
  | { type: 'answer' }
  /** Answered, and detection listens first. */
  | { type: 'detect' }
  | { type: 'human'; amd: 'human' | 'unsure'; cause?: string }
  /** Taken for a machine; an agent looks whether it is one. Until they meet it is treated as the machine it may be. */
  | { type: 'check'; cause: string }
  /** Taken for a machine, on which a message is left. */
  | { type: 'message'; cause: string }
  /** `graceMs` is what the campaign allows between person and agent. */
  | { type: 'connect'; userId: number; graceMs: number }
  /** Of a call beside a customer's: whoever was called is with the agent who asked, or with the customer. */
  | { type: 'consult'; userId: number }
  /** Another agent has the customer now. */
  | { type: 'transfer'; userId: number }
  /** The agent leaves, and the customer waits for the number outside that is being called. */
  | { type: 'send-out' }
  /** The customer is with the number outside. */
  | { type: 'hand-out' }
  | { type: 'hold' }
  | { type: 'resume' }
  /** The agent is free for something else, and the customer waits with music to be taken up. */
  | { type: 'park'; slot: number }
  /** Back from a hold, and into the talk with whoever was asked: three in one bridge. */
  | { type: 'conference' }
  /** The agent is gone and the customer is not: find another. */
  | { type: 'reroute' }
  /** The phone that the customer was put through to was dead already: they have met nobody. */
  | { type: 'unmet' }
  /** Nobody may or can be there: the person is told so. */
  | { type: 'announce'; reason: AnnounceReason }
  /** `reported` is what the network or we say of it; what the call had reached already may overrule it. */
  | { type: 'end'; reported: CallOutcome; by: EndedBy; cause: number | null; graceMs: number };

/** Why a person hears the identification message. */
export type AnnounceReason =
  | 'no-agent'
  /** Nobody could be asked in time whether the call may still be connected. */
  | 'facts-unavailable'
  /** The call became forbidden while it was being set up. */
  | 'forbidden'
  /** The dialer did not hear the answer, or what detection made of it. */
  | 'unheard';

export type CallEventType = CallEvent['type'];

/** Every legal transition of a call. What is not here is refused. */
export const callTransitions: Readonly<Record<CallState, Partial<Record<CallEventType, CallState>>>> = {
  created: { dial: 'dialing', consult: 'connected', end: 'ended' },
  dialing: { redial: 'dialing', ringing: 'ringing', answer: 'waiting', detect: 'detecting', end: 'ended' },
  ringing: { redial: 'dialing', answer: 'waiting', detect: 'detecting', end: 'ended' },
  detecting: { human: 'waiting', check: 'waiting', message: 'messaging', end: 'ended' },
  messaging: { end: 'ended' },
  waiting: { connect: 'connected', consult: 'connected', announce: 'announcing', end: 'ended' },
  connected: {
    ...{ hold: 'held', transfer: 'connected', 'send-out': 'transferring', 'hand-out': 'outside' },
    ...{ park: 'parked', reroute: 'waiting', unmet: 'waiting', end: 'ended' },
  },
  held: {
    ...{ resume: 'connected', conference: 'connected' },
    ...{ transfer: 'connected', 'send-out': 'transferring', 'hand-out': 'outside' },
    ...{ park: 'parked', reroute: 'waiting', unmet: 'waiting', end: 'ended' },
  },
  parked: { connect: 'connected', reroute: 'waiting', end: 'ended' },
  transferring: { 'hand-out': 'outside', reroute: 'waiting', end: 'ended' },
  outside: { end: 'ended' },
  announcing: { end: 'ended' },
  // Known only once the call is over, as its customer heard nothing and hung up.
  ended: { unmet: 'ended' },
};

export interface CallRefusal {
  readonly ok: false;
  /** `call-ended`, or `not-now`: the state does not know this event. */
  readonly reason: 'call-ended' | 'not-now';
  readonly state: CallState;
  readonly event: CallEventType;
}

export type CallAdvance = { readonly ok: true; readonly call: Call; readonly from: CallState } | CallRefusal;

export function newCall(given: NewCall, at: number): Call {
  return {
    ...given,
    parentId: given.parentId ?? null,
    userId: null,
    trunkId: null,
    callerId: null,
    state: 'created',
    outcome: null,
    amd: null,
    hangupCause: null,
    endedBy: null,
    createdAt: at,
    dialedAt: null,
    ringingAt: null,
    answeredAt: null,
    liveAt: null,
    connectedAt: null,
    abandonedAt: null,
    leftAt: null,
    parkSlot: null,
    endedAt: null,
    revision: 0,
  };
}

/** Takes a call through one event, or says why not. `at` is epoch milliseconds. */
export function advanceCall(call: Call, event: CallEvent, at: number): CallAdvance {
  const to = callTransitions[call.state][event.type];
  if (!to)
    return {
      ok: false,
      reason: call.state === 'ended' ? 'call-ended' : 'not-now',
      state: call.state,
      event: event.type,
    };
  const revision = call.revision + 1;
  return { ok: true, from: call.state, call: { ...call, state: to, ...changes(call, event, at), revision } };
}

function changes(call: Call, event: CallEvent, at: number): Partial<Call> {
  switch (event.type) {
    case 'dial':
      return { trunkId: event.trunkId, callerId: event.callerId, dialedAt: at };
    case 'redial':
      return { trunkId: event.trunkId, callerId: event.callerId, ringingAt: null };
    case 'ringing':
      return { ringingAt: at };
    case 'answer':
      return { answeredAt: at, liveAt: at };
    case 'detect':
      return { answeredAt: at };
    case 'human':
      return { amd: event.amd, liveAt: at };
    case 'check':
      return { amd: 'machine', liveAt: at };
    case 'message':
      return { amd: 'machine' };
    case 'connect': {
      if (call.connectedAt !== null) return { userId: event.userId, leftAt: null, parkSlot: null };
      const isLate =
        call.amd !== 'machine' && joinsTooLate({ liveAt: call.liveAt ?? at, graceMs: event.graceMs }, at);
      return { userId: event.userId, connectedAt: at, abandonedAt: call.abandonedAt ?? (isLate ? at : null) };
    }
    case 'announce':
      return call.connectedAt === null ? { abandonedAt: call.abandonedAt ?? at } : { parkSlot: null };
    case 'end': {
      const outcome = finalOutcome(call, event, at);
      return {
        outcome,
        abandonedAt: call.abandonedAt ?? (outcome === 'abandoned' ? at : null),
        parkSlot: null,
        endedBy: event.by,
        hangupCause: event.cause,
        endedAt: at,
        ...(outcome === 'machine' ? { amd: 'machine' as const } : {}),
      };
    }
    case 'consult':
      return {
        ...{ userId: event.userId, connectedAt: at },
        ...{ answeredAt: call.answeredAt ?? at, liveAt: call.liveAt ?? at },
      };
    case 'transfer':
      return { userId: event.userId, leftAt: null };
    case 'unmet':
      return call.state === 'ended'
        ? {
            abandonedAt:
              call.abandonedAt ?? (call.connectedAt === null || call.amd === 'machine' ? null : at),
          }
        : { userId: null, connectedAt: null, leftAt: null };
    case 'park':
      return { leftAt: at, parkSlot: event.slot };
    case 'reroute':
    case 'send-out':
    case 'hand-out':
      return { leftAt: call.leftAt ?? at };
    case 'hold':
    case 'resume':
    case 'conference':
      return {};
  }
}

const afterAnswer: ReadonlySet<CallOutcome> = new Set(['answered', 'abandoned', 'hung-up', 'machine']);

/**
 * The one outcome of a call that ends at `at`. Who met an agent was answered; a person who answered and met nobody was
 * abandoned, or hung up before anybody was due; before an answer the network's word holds. Whom detection still listened
 * to is taken for a person who waits since the answer; whom it has taken for a machine is one, unless an agent met them.
 */
export function finalOutcome(
  call: Call,
  { reported, by, graceMs }: Pick<CallEvent & { type: 'end' }, 'reported' | 'by' | 'graceMs'>,
  at: number,
): CallOutcome {
  if (call.connectedAt !== null) return 'answered';
  if (call.answeredAt === null) return afterAnswer.has(reported) ? 'failed' : reported;
  if (call.amd === 'machine' || (call.state === 'detecting' && reported === 'machine')) return 'machine';
  if (call.abandonedAt !== null) return 'abandoned';
  const liveAt = call.liveAt ?? call.answeredAt;
  return abandonedByEnding({ liveAt, graceMs }, at, by) ? 'abandoned' : 'hung-up';
}

/** Milliseconds that customer and agent had each other; music at the end, after the agent was lost, is no talk. */
export function talkMsOf({
  connectedAt,
  leftAt,
  endedAt,
}: Pick<Call, 'connectedAt' | 'leftAt' | 'endedAt'>): number {
  if (connectedAt === null || endedAt === null) return 0;
  return Math.max(0, (leftAt ?? endedAt) - connectedAt);
}

/** As what its agents know of it already stands: for them it is over, though the customer talks on with somebody outside. */
export function asAnswered(call: Call): Call {
  return call.state === 'ended' ? call : { ...call, outcome: 'answered', endedAt: call.leftAt };
}

/** States in which a person is on the line and no agent is. */
export function needsAgent(state: CallState): boolean {
  return state === 'waiting';
}

/** States in which a customer has an agent: they talk, or the customer is on hold. */
export function isWithAgent(state: CallState): state is 'connected' | 'held' {
  return state === 'connected' || state === 'held';
}

/** States in which customer and agent have been brought together, also where the agent has gone since. */
export function hasMet(state: CallState): boolean {
  return isWithAgent(state) || state === 'parked' || state === 'transferring' || state === 'outside';
}

/** A customer who has met somebody is not left in silence while nobody is with them. */
export function hearsMusic({ state, connectedAt }: Pick<Call, 'state' | 'connectedAt'>): boolean {
  if (state === 'waiting') return connectedAt !== null;
  return state === 'held' || state === 'parked' || state === 'transferring';
}

/** Parked, or on the way back from there to whoever takes it: any who may can take it up. */
export function canBeTakenUp({ state, parkSlot }: Pick<Call, 'state' | 'parkSlot'>): boolean {
  return state === 'parked' || (state === 'waiting' && parkSlot !== null);
}

/** States in which a line is in use and nobody has answered. */
export function isInFlight(state: CallState): boolean {
  return state === 'created' || state === 'dialing' || state === 'ringing';
}
