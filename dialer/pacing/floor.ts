import type { PacingEvent } from './types.ts';

export interface FloorAgent {
  state: 'idle' | 'talking' | 'wrapup';
  since: number;
  callId: string | null;
}

export type CallOutcome = 'live' | 'machine' | 'failed';

/** What the floor tells those who learn from it. Times are epoch milliseconds, lengths milliseconds. */
export interface FloorListener {
  dialed(weight: number, at: number): void;
  resolved(outcome: CallOutcome, ringMs: number, weight: number, at: number): void;
  connected(at: number): void;
  abandoned(at: number): void;
  /** One that was told as connected was abandoned. */
  unmet(at: number): void;
  talk(ms: number, at: number): void;
  wrapup(ms: number, at: number): void;
}

/** Ended call ids that are remembered so that a late or repeated event is known as such. */
const REMEMBERED = 4096;
const LOST_EVENT_MS = 60_000;
const SWEEP_MS = 30_000;

const ENDED = -1;
const WAITING = -2;
const CONNECTED = -3;

/** Where a call is: the cell of a line that rings, or one of the phases above. */
interface CallRecord {
  place: number;
  /** Since when it waits; who talks to it. */
  since: number;
  agentId: string;
}

/**
 * Who and what is on the floor now: agents, lines that ring, live answers that wait. Events may repeat, come late or be
 * foreign; each call moves forward only, so a repeated event changes nothing.
 * A call without an end is let go after its longest possible ring, so a lost event cannot hold lines for ever.
 */
export class Floor {
  readonly agents = new Map<string, FloorAgent>();
  /** Dense arrays of the lines ringing now; `ringing` of their cells are in use. */
  ringing = 0;
  dialedAt = new Float64Array(64);
  weight = new Float64Array(64);
  /** Live answers that meet no agent yet. */
  waiting = 0;
  idle = 0;
  talking = 0;
  inWrapup = 0;
  /** Newest event time seen. */
  clock = 0;

  #ringIds: string[] = [];
  #ringCalls: CallRecord[] = [];
  /** Calls that go on, and the last ones that ended. */
  #calls = new Map<string, CallRecord>();
  /** Ended calls, each in turn in the place of the one that is forgotten for it. */
  #ended: string[] = [];
  #oldest = 0;
  #sweptAt = 0;
  #listener: FloorListener;
  #longestRingMs: number;

  constructor(listener: FloorListener, ringTimeoutMs: number) {
    this.#listener = listener;
    this.#longestRingMs = ringTimeoutMs + LOST_EVENT_MS;
  }

  get signedIn(): number {
    return this.agents.size;
  }

  /** False where the event tells nothing new of an agent: those who learn must not take it for one more instant. */
  observe(event: PacingEvent): boolean {
    if (!Number.isFinite(event.at)) return false;
    const at = Math.max(event.at, this.clock);
    this.clock = at;
    // On a grid of its own, so that when events come does not decide what is let go.
    const sweepAt = at - (at % SWEEP_MS);
    if (sweepAt > this.#sweptAt) this.#sweep(sweepAt);
    if (event.type === 'agent' && (this.agents.get(event.agentId)?.state ?? 'away') === event.state)
      return false;
    this.#take(event, at);
    return true;
  }

  #take(event: PacingEvent, at: number): void {
    switch (event.type) {
      case 'dialed':
        return this.#dialed(event.callId, at, event.answerProbability);
      case 'answered':
        return this.#answered(this.#calls.get(event.callId), at);
      case 'machine':
        return this.#unanswered(event.callId, 'machine', at);
      case 'failed':
        return this.#unanswered(event.callId, 'failed', at);
      case 'connected':
        return this.#connect(event.callId, event.agentId, at);
      case 'abandoned':
        return this.#abandon(event.callId, at);
      case 'unmet':
        return this.#unmet(event.callId, at);
      case 'ended':
        return this.#end(event.callId, at);
      case 'agent':
        return this.#agent(event.agentId, event.state, at);
    }
  }

  #dialed(callId: string, at: number, probability: number | undefined): void {
    if (this.#calls.has(callId)) return;
    if (this.ringing === this.dialedAt.length) this.#grow();
    const slot = this.ringing++;
    const weight = probability != null && probability > 0 && probability <= 1 ? probability : Number.NaN;
    const call: CallRecord = { place: slot, since: 0, agentId: '' };
    this.dialedAt[slot] = at;
    this.weight[slot] = weight;
    this.#ringIds[slot] = callId;
    this.#ringCalls[slot] = call;
    this.#calls.set(callId, call);
    this.#listener.dialed(weight, at);
  }

  #answered(call: CallRecord | undefined, at: number): void {
    if (!call || call.place < 0) return;
    const slot = call.place;
    const ringMs = at - this.dialedAt[slot]!;
    const weight = this.weight[slot]!;
    this.#stopRinging(slot);
    this.#wait(call, at);
    this.#listener.resolved('live', ringMs, weight, at);
  }

  #wait(call: CallRecord, at: number): void {
    call.place = WAITING;
    call.since = at;
    this.waiting++;
  }

  #unanswered(callId: string, outcome: 'machine' | 'failed', at: number): void {
    const call = this.#calls.get(callId);
    if (call?.place === CONNECTED) return;
    const slot = call?.place ?? ENDED;
    if (slot < 0) return this.#over(callId, call);
    const ringMs = at - this.dialedAt[slot]!;
    const weight = this.weight[slot]!;
    this.#over(callId, call);
    this.#listener.resolved(outcome, ringMs, weight, at);
  }

  #connect(callId: string, agentId: string, at: number): void {
    const call = this.#calls.get(callId);
    this.#answered(call, at);
    if (call?.place !== WAITING) return;
    this.waiting--;
    call.place = CONNECTED;
    call.agentId = agentId;
    this.#listener.connected(at);
    const before = this.agents.get(agentId)?.callId;
    if (before) this.#over(before, this.#calls.get(before));
    this.#move(agentId, 'talking', at, callId);
  }

  #abandon(callId: string, at: number): void {
    const call = this.#calls.get(callId);
    if (call?.place === ENDED || call?.place === CONNECTED) return;
    this.#answered(call, at);
    this.#over(callId, call);
    // An abandoned call that nobody announced is counted all the same: the cap is a promise.
    this.#listener.abandoned(at);
  }

  /** Of a call that has ended, its agent's name is kept until this has been told. */
  #unmet(callId: string, at: number): void {
    const call = this.#calls.get(callId);
    if (!call) return this.#abandon(callId, at);
    if (call.agentId === '') return;
    this.#over(callId, call);
    call.agentId = '';
    this.#listener.unmet(at);
  }

  #end(callId: string, at: number): void {
    const call = this.#calls.get(callId);
    const wasConnected = call?.place === CONNECTED;
    this.#over(callId, call);
    if (!wasConnected) return;
    const agent = this.agents.get(call.agentId);
    if (agent?.state === 'talking' && agent.callId === callId) this.#move(call.agentId, 'wrapup', at, null);
  }

  #agent(agentId: string, state: 'idle' | 'talking' | 'wrapup' | 'away', at: number): void {
    const agent = this.agents.get(agentId);
    if (state === 'away') {
      if (agent) this.#leave(agent, 'away', at);
      this.agents.delete(agentId);
      return;
    }
    this.#move(agentId, state, at, state === 'talking' ? (agent?.callId ?? null) : null);
  }

  #move(agentId: string, state: FloorAgent['state'], at: number, callId: string | null): void {
    const agent = this.agents.get(agentId);
    if (agent) this.#leave(agent, state, at);
    this.agents.set(agentId, { state, since: at, callId });
    this.#count(state, 1);
  }

  #leave(agent: FloorAgent, next: FloorAgent['state'] | 'away', at: number): void {
    this.#count(agent.state, -1);
    const ms = at - agent.since;
    if (agent.state === 'talking' && (next !== 'talking' || ms > 0)) {
      this.#listener.talk(ms, at);
      if (next === 'idle') this.#listener.wrapup(0, at);
    } else if (agent.state === 'wrapup' && next !== 'away') this.#listener.wrapup(ms, at);
  }

  #count(state: FloorAgent['state'], by: number): void {
    if (state === 'idle') this.idle += by;
    else if (state === 'talking') this.talking += by;
    else this.inWrapup += by;
  }

  /** A call ended, whatever it did; it is remembered, and the oldest of those remembered is forgotten. */
  #over(callId: string, call: CallRecord | undefined): void {
    if (call?.place === ENDED) return;
    if (!call) this.#calls.set(callId, { place: ENDED, since: 0, agentId: '' });
    else {
      if (call.place >= 0) this.#stopRinging(call.place);
      else if (call.place === WAITING) this.waiting--;
      call.place = ENDED;
    }
    const forgotten = this.#ended[this.#oldest];
    if (forgotten !== undefined) this.#calls.delete(forgotten);
    this.#ended[this.#oldest] = callId;
    this.#oldest = (this.#oldest + 1) % REMEMBERED;
  }

  #stopRinging(slot: number): void {
    const last = --this.ringing;
    const lastCall = this.#ringCalls[last]!;
    this.dialedAt[slot] = this.dialedAt[last]!;
    this.weight[slot] = this.weight[last]!;
    this.#ringIds[slot] = this.#ringIds[last]!;
    this.#ringCalls[slot] = lastCall;
    lastCall.place = slot;
    this.#ringIds.pop();
    this.#ringCalls.pop();
  }

  #grow(): void {
    const dialedAt = new Float64Array(this.dialedAt.length * 2);
    const weight = new Float64Array(this.dialedAt.length * 2);
    dialedAt.set(this.dialedAt);
    weight.set(this.weight);
    this.dialedAt = dialedAt;
    this.weight = weight;
  }

  #sweep(at: number): void {
    this.#sweptAt = at;
    for (let slot = this.ringing - 1; slot >= 0; slot--) {
      if (at - this.dialedAt[slot]! <= this.#longestRingMs) continue;
      // Not remembered as ended: if it is abandoned after all, that counts.
      this.#calls.delete(this.#ringIds[slot]!);
      this.#stopRinging(slot);
    }
    const connected = this.#calls.size - this.#ended.length - this.ringing - this.waiting;
    if (this.waiting === 0 && connected <= this.agents.size) return;
    for (const [callId, call] of this.#calls) {
      if (call.place === WAITING && at - call.since > LOST_EVENT_MS) {
        this.#calls.delete(callId);
        this.waiting--;
      } else if (call.place === CONNECTED && this.agents.get(call.agentId)?.callId !== callId)
        this.#over(callId, call);
    }
  }
}
