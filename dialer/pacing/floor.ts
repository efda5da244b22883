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
  talk(ms: number, at: number): void;
  wrapup(ms: number, at: number): void;
}

/** Ended call ids that are remembered so that a late or repeated event is known as such. */
const REMEMBERED = 4096;
const LOST_EVENT_MS = 60_000;

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
  readonly waiting = new Map<string, number>();
  idle = 0;
  talking = 0;
  inWrapup = 0;
  /** Newest event time seen. */
  clock = 0;

  #ringIds: string[] = [];
  #ringSlot = new Map<string, number>();
  #connected = new Map<string, string>();
  #recent = new Set<string>();
  #sweepAt = 0;
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
    if (at >= this.#sweepAt) this.#sweep(at);
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
        return this.#answered(event.callId, at);
      case 'machine':
        return this.#unanswered(event.callId, 'machine', at);
      case 'failed':
        return this.#unanswered(event.callId, 'failed', at);
      case 'connected':
        return this.#connect(event.callId, event.agentId, at);
      case 'abandoned':
        return this.#abandon(event.callId, at);
      case 'ended':
        return this.#end(event.callId, at);
      case 'agent':
        return this.#agent(event.agentId, event.state, at);
    }
  }

  #dialed(callId: string, at: number, probability: number | undefined): void {
    if (this.#known(callId)) return;
    if (this.ringing === this.dialedAt.length) this.#grow();
    const slot = this.ringing++;
    const weight = probability != null && probability > 0 && probability <= 1 ? probability : Number.NaN;
    this.dialedAt[slot] = at;
    this.weight[slot] = weight;
    this.#ringIds[slot] = callId;
    this.#ringSlot.set(callId, slot);
    this.#listener.dialed(weight, at);
  }

  #answered(callId: string, at: number): void {
    const slot = this.#ringSlot.get(callId);
    if (slot === undefined) return;
    const ringMs = at - this.dialedAt[slot]!;
    const weight = this.weight[slot]!;
    this.#stopRinging(callId, slot);
    this.waiting.set(callId, at);
    this.#listener.resolved('live', ringMs, weight, at);
  }

  #unanswered(callId: string, outcome: 'machine' | 'failed', at: number): void {
    const slot = this.#ringSlot.get(callId);
    if (slot !== undefined) {
      const ringMs = at - this.dialedAt[slot]!;
      const weight = this.weight[slot]!;
      this.#stopRinging(callId, slot);
      this.#remember(callId);
      this.#listener.resolved(outcome, ringMs, weight, at);
    } else if (this.waiting.delete(callId)) {
      this.#remember(callId);
    } else if (!this.#connected.has(callId)) {
      this.#remember(callId);
    }
  }

  #connect(callId: string, agentId: string, at: number): void {
    if (this.#recent.has(callId)) return;
    if (this.#ringSlot.has(callId)) this.#answered(callId, at);
    if (!this.waiting.delete(callId)) return;
    this.#connected.set(callId, agentId);
    this.#listener.connected(at);
    const agent = this.agents.get(agentId);
    if (agent?.callId) this.#release(agent.callId);
    this.#move(agentId, 'talking', at, callId);
  }

  #abandon(callId: string, at: number): void {
    if (this.#recent.has(callId) || this.#connected.has(callId)) return;
    if (this.#ringSlot.has(callId)) this.#answered(callId, at);
    this.waiting.delete(callId);
    this.#remember(callId);
    // An abandoned call that nobody announced is counted all the same: the cap is a promise.
    this.#listener.abandoned(at);
  }

  #end(callId: string, at: number): void {
    const agentId = this.#connected.get(callId);
    if (agentId === undefined) {
      const slot = this.#ringSlot.get(callId);
      if (slot !== undefined) this.#stopRinging(callId, slot);
      this.waiting.delete(callId);
      this.#remember(callId);
      return;
    }
    this.#release(callId);
    const agent = this.agents.get(agentId);
    if (agent?.state === 'talking' && agent.callId === callId) this.#move(agentId, 'wrapup', at, null);
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

  #known(callId: string): boolean {
    return (
      this.#ringSlot.has(callId) ||
      this.waiting.has(callId) ||
      this.#connected.has(callId) ||
      this.#recent.has(callId)
    );
  }

  #release(callId: string): void {
    this.#connected.delete(callId);
    this.#remember(callId);
  }

  #remember(callId: string): void {
    this.#recent.add(callId);
    if (this.#recent.size <= REMEMBERED) return;
    for (const oldest of this.#recent) {
      this.#recent.delete(oldest);
      break;
    }
  }

  #stopRinging(callId: string, slot: number): void {
    const last = --this.ringing;
    const lastId = this.#ringIds[last]!;
    this.dialedAt[slot] = this.dialedAt[last]!;
    this.weight[slot] = this.weight[last]!;
    this.#ringIds[slot] = lastId;
    this.#ringSlot.set(lastId, slot);
    this.#ringSlot.delete(callId);
    this.#ringIds.pop();
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
    this.#sweepAt = at + LOST_EVENT_MS / 2;
    for (let slot = this.ringing - 1; slot >= 0; slot--) {
      if (at - this.dialedAt[slot]! <= this.#longestRingMs) continue;
      // Not remembered as ended: if it is abandoned after all, that counts.
      this.#stopRinging(this.#ringIds[slot]!, slot);
    }
    for (const [callId, since] of this.waiting) {
      if (at - since > LOST_EVENT_MS) this.waiting.delete(callId);
    }
    for (const [callId, agentId] of this.#connected)
      if (this.agents.get(agentId)?.callId !== callId) this.#release(callId);
  }
}
