import { randomBytes } from 'node:crypto';
import type { App } from '../../core/app.ts';
import {
  advanceCall,
  canBeTakenUp,
  newCall,
  type Call,
  type CallOutcome,
  type CallAdvance,
  type CallEvent,
  type NewCall,
} from '../calls/call.ts';
import type { Campaign } from '../../campaigns/index.ts';
import type { CallStore } from '../calls/call-store.ts';
import { unwrittenMs } from '../calls/called-elsewhere-store.ts';
import type { AlsoWritten, Journal } from './journal.ts';
import { writeTransition, type WrittenEvent } from './write-transition.ts';
import { PeopleInCalls, type Person } from './people-in-calls.ts';

/** A call of this dialer, with what is known of it only while it lives. */
export interface LiveCall {
  call: Call;
  /** As it was when the call was made: a change does not reach into a call. */
  readonly campaign: Campaign;
  /** In order of failover. */
  readonly trunkIds: readonly number[];
  /** The customer's leg now; a failed trunk's leg is no longer it. */
  channelId: string | null;
  readonly triedTrunks: Set<number>;
  /** Of its campaign's pool, for this call; null: none was taken. */
  poolNumber: string | null;
  /** Until then it may be dialled on the gate's last answer; null once it was, as each dialling needs its own leave. */
  leaveUntil: number | null;
  /** Made for this agent alone (preview, manual, callback). */
  forAgent: number | null;
  /** The lead is held by this call, and what becomes of it is decided at its end. */
  holdsLead: boolean;
  /** For so long its lead waits where the call never leaves. */
  undialledWaitMs: number;
  /** The latest trunk refused our login or account: nobody has been called, and the lead loses no attempt. */
  refusedUs?: boolean;
  /** The customer has pressed the key by which they ask to be called no more. */
  optedOut?: true;
  /** Outcome and disposition have been handed on. */
  settled: boolean;
  /** Who talked with this customer last. */
  readonly lastAgent: number | null;
  /** Since when a person has waited for an agent: after detection, or since the last agent was lost. Epoch ms. */
  waitsSince: number;
  /** The agent the customer is being brought to: whose phone rings first, or who is being joined at this moment. */
  bringing: { readonly userId: number; readonly isJoining: boolean } | null;
  /** The agent who has given the customer away, and gets them back where that came to nothing. */
  recallTo: number | null;
  /** Until then it rings at that agent alone, epoch milliseconds; 0: at anybody who is free. */
  recallAloneUntil: number;
  /** Parked: when it rings back, epoch milliseconds; null until that is known. */
  ringsBackAt: number | null;
  /** Who was asked beside this call last, and what came of it; null: nobody, or it goes on. */
  consultEnded: EndedConsult | null;
  /** The agent who has handed this customer on to the one who has them now. */
  handedOnBy: number | null;
  /** The bridge that its leg is being brought into, until the call moves on by it. */
  movingTo: string | null;
  /** The gate has let the answered call through to an agent. */
  cleared: boolean;
  /** The customer's language; undefined until it has been read. */
  language: string | null | undefined;
  recording: 'on' | 'off' | 'paused' | 'failed';
  /** Paused for what must not be heard later, and not (only) as the customer is on hold. */
  recordingPausedByAgent: boolean;
  /** Timers of the state the call is in; cancelled on every transition. */
  stopTimers: (() => void)[];
}

/** A call beside a customer's that is over. */
export interface EndedConsult {
  readonly callId: string;
  readonly e164: string;
  /** The colleague who was asked. */
  readonly userId: number | null;
  readonly connectedAt: number | null;
  readonly outcome: CallOutcome;
  readonly hangupCause: number | null;
}

/** `at`, epoch milliseconds, is the instant that the call's own times and its event's row bear. */
export type CallListener = (
  live: LiveCall,
  from: Call | null,
  event: CallEvent | { type: 'create' },
  at: number,
) => void;

export interface CallTerms {
  readonly campaign: Campaign;
  readonly trunkIds: readonly number[];
  readonly forAgent?: number | null;
  readonly holdsLead?: boolean;
  readonly lastAgent?: number | null;
  readonly leaveUntil?: number;
}

/** No line was free, or it was called off: a lead whose call never left is tried again after so long. */
const undialledWaitMs = 60_000;

/** What came of a talk is written already, or about to be. */
const settledMs = 60_000;

/** Sorts by time of creation, and is not guessed. */
export function newCallId(at: number): string {
  return `${at.toString(36).padStart(9, '0')}${randomBytes(6).toString('hex')}`;
}

/** All calls of this dialer, from creation until they have ended and are wrapped up. */
export class LiveCalls {
  readonly #app: Pick<App, 'clock' | 'bus' | 'log'>;
  readonly #store: CallStore;
  readonly #journal: Journal;
  readonly #dialerId: string;
  readonly #calls = new Map<string, LiveCall>();
  readonly #parked = new Set<LiveCall>();
  readonly #people = new PeopleInCalls();
  /** Of those who have talked and of whom nothing is written yet. */
  readonly #stopClaims = new Map<string, () => void>();
  readonly #listeners: CallListener[] = [];

  constructor(
    app: Pick<App, 'clock' | 'bus' | 'log'>,
    parts: { store: CallStore; journal: Journal; dialerId: string },
  ) {
    this.#app = app;
    this.#store = parts.store;
    this.#journal = parts.journal;
    this.#dialerId = parts.dialerId;
  }

  /** Listeners run in the order of the transitions, at once, before the transition is written. */
  onTransition(listener: CallListener): void {
    this.#listeners.push(listener);
  }

  get(callId: string): LiveCall | undefined {
    return this.#calls.get(callId);
  }

  get size(): number {
    return this.#calls.size;
  }

  /** Also those that have ended and are being wrapped up. */
  all(): Iterable<LiveCall> {
    return this.#calls.values();
  }

  /** Calls that have not ended. */
  *open(): Iterable<LiveCall> {
    for (const live of this.#calls.values()) if (live.call.state !== 'ended') yield live;
  }

  /** Customers who wait to be taken up, and those on the way back from there. */
  parked(): Iterable<LiveCall> {
    return this.#parked;
  }

  /** The call beside this one that goes on: somebody is asked, or the customer is handed on to them. */
  aside(callId: string): LiveCall | undefined {
    for (const live of this.open()) if (live.call.parentId === callId) return live;
    return undefined;
  }

  /**
   * Keeps the number and the customer for the call that is to be made, from before the gate is asked; false when they
   * are in another call, or about to be. Held until the call ends, where two have talked until what came of that is
   * written (`letGo`), or `unclaim` where none came of it.
   */
  claim(callId: string, person: Person): boolean {
    return this.#people.take(callId, person);
  }

  /** Nobody calls this person until `letGo(key)`: what they have said is not where the gate looks yet. */
  keepFrom(key: string, person: Person): void {
    this.#people.add(key, person);
  }

  /** Nothing of a call that is under way. */
  unclaim(callId: string): void {
    const live = this.#calls.get(callId);
    if (!live && !this.#stopClaims.has(callId)) this.letGo(callId);
    else if (live?.call.state === 'ended') this.#over(live.call);
  }

  /** What came of the call is written, and the gate knows of it. */
  letGo(callId: string): void {
    const live = this.#calls.get(callId);
    // What the agent said of it is written, and the customer talks on with somebody else.
    if (live && live.call.state !== 'ended') return;
    this.#stopClaims.get(callId)?.();
    this.#stopClaims.delete(callId);
    this.#people.free(callId);
  }

  /** Who has talked may have asked for no more calls, which is known to nobody but the agent yet. */
  #over({ id, connectedAt }: Call, ms = unwrittenMs): void {
    if (connectedAt === null) return this.letGo(id);
    if (this.#stopClaims.has(id)) return;
    this.#stopClaims.set(
      id,
      this.#app.clock.after(ms, () => this.letGo(id)),
    );
  }

  create(given: NewCall, terms: CallTerms): LiveCall {
    const at = this.#app.clock.now();
    const live = this.#hold(newCall(given, at), terms);
    this.#write(live.call, null, { type: 'create' }, at);
    this.#tell(live, null, { type: 'create' }, at);
    return live;
  }

  /** Takes up a call that an earlier process of this dialer has left. */
  adopt(call: Call, channelId: string | null, terms: CallTerms): LiveCall {
    const live = this.#hold(call, terms);
    live.channelId = channelId;
    return live;
  }

  #hold(call: Call, terms: CallTerms): LiveCall {
    const live: LiveCall = {
      call,
      campaign: terms.campaign,
      trunkIds: terms.trunkIds,
      channelId: null,
      triedTrunks: new Set(),
      poolNumber: null,
      leaveUntil: terms.leaveUntil ?? null,
      forAgent: terms.forAgent ?? null,
      holdsLead: terms.holdsLead ?? call.leadId !== null,
      undialledWaitMs,
      settled: false,
      lastAgent: terms.lastAgent ?? null,
      waitsSince: 0,
      bringing: null,
      // It was on the way back to who had parked it.
      recallTo: call.state === 'waiting' && call.parkSlot !== null ? call.userId : null,
      recallAloneUntil: 0,
      ringsBackAt: null,
      movingTo: null,
      consultEnded: null,
      handedOnBy: null,
      cleared: false,
      language: undefined,
      recording: 'off',
      recordingPausedByAgent: false,
      stopTimers: [],
    };
    this.#calls.set(call.id, live);
    if (canBeTakenUp(call)) this.#parked.add(live);
    if (call.state !== 'ended' || call.connectedAt !== null) this.#people.add(call.id, call);
    if (call.state === 'ended') this.#over(call);
    return live;
  }

  /** Takes the call through `event`; a refusal changes nothing. `at`: when it happened, where that was missed. */
  apply(live: LiveCall, event: CallEvent, given: { at?: number; also?: AlsoWritten } = {}): CallAdvance {
    const { at = this.#app.clock.now(), also } = given;
    const before = live.call;
    const result = advanceCall(before, event, at);
    if (!result.ok) {
      this.#app.log.debug({ call: before.id, state: result.state, event: event.type }, 'call event refused');
      return result;
    }
    for (const stop of live.stopTimers.splice(0)) stop();
    live.call = result.call;
    live.movingTo = null;
    if (canBeTakenUp(result.call)) this.#parked.add(live);
    else this.#parked.delete(live);
    if (result.call.state === 'ended') this.#over(result.call, live.settled ? settledMs : unwrittenMs);
    this.#write(result.call, before, event, at, also);
    this.#tell(live, before, event, at);
    return result;
  }

  /** Notes whose number it is. False when that is known already. No transition: the state stays. */
  identify(live: LiveCall, customerId: number): boolean {
    const before = live.call;
    if (before.customerId !== null) return false;
    live.call = { ...before, customerId, revision: before.revision + 1 };
    if (before.state !== 'ended' || before.connectedAt !== null) this.#people.add(before.id, live.call);
    this.#write(live.call, before, { type: 'identified' }, this.#app.clock.now());
    return true;
  }

  /** Lets go of an ended call that nobody needs any more. */
  forget(callId: string): void {
    this.#calls.delete(callId);
  }

  #tell(live: LiveCall, from: Call | null, event: CallEvent | { type: 'create' }, at: number): void {
    for (const listener of this.#listeners) {
      try {
        listener(live, from, event, at);
      } catch (error) {
        this.#app.log.error(
          { call: live.call.id, event: event.type, err: error },
          'listener of a call failed',
        );
      }
    }
  }

  #write(call: Call, before: Call | null, event: WrittenEvent, at: number, also?: AlsoWritten): void {
    const parts = {
      journal: this.#journal,
      calls: this.#store,
      bus: this.#app.bus,
      dialerId: this.#dialerId,
    };
    writeTransition(parts, call, before, event, at, also);
  }
}
