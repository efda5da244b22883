import type { Pacer, PacingDecision, PacingLimits } from '../types.ts';
import { Agenda } from './agenda.ts';
import { Desks, type DeskState } from './desks.ts';
import { uniform, type Distribution } from './random.ts';
import { SpanRecorder, type Span } from './spans.ts';
import {
  failureOf,
  fateOf,
  type FateKind,
  type PlayedLead,
  type PlayedOutcome,
  type Traffic,
} from './traffic.ts';
import { UnderWay } from './under-way.ts';

export type { Traffic } from './traffic.ts';

export interface DayResult {
  dialed: number;
  answers: number;
  abandoned: number;
  /** Agent seconds. */
  busy: number;
  signedIn: number;
  /** Largest excess of abandoned calls over the cap at any moment after the 100th answer of the day. */
  worstExcess: number;
  decisions: number;
  idleSeconds: number;
  /** Seconds of free agents while no lead could be called. */
  starvedSeconds: number;
  /** Empty unless `spanSeconds` asks for them. */
  spans: Span[];
}

export interface Probe {
  every: number;
  sample(t: number, floor: { idle: number; ringing: number; busy: number }, decision: PacingDecision): void;
}

const START = Date.UTC(2026, 0, 5, 9);
const TALK_END = 4;
const WRAP_END = 5;
const GRACE_END = 6;
const STAFFING = 7;
const ringEnds: readonly FateKind[] = ['answer', 'nothing', 'machine', 'failure'];

export interface RunOptions {
  seed: number;
  /** Milliseconds between decisions when nothing happens. */
  tickMs?: number;
  /** Start in epoch milliseconds; days of a long run follow each other with one pacer. */
  start?: number;
  cap?: number;
  probe?: Probe;
  spanSeconds?: number;
  /** Told to the pacer: when dialling ends, epoch ms. */
  closesAt?: number;
}

/** One working day of `traffic` under `pacer`. Same seed: same calls, lengths and outcomes for every pacer. */
export function runDay(traffic: Traffic, pacer: Pacer, options: RunOptions): DayResult {
  return new Day(traffic, pacer, options).run();
}

class Day {
  readonly #traffic: Traffic;
  readonly #pacer: Pacer;
  readonly #options: RunOptions;
  readonly #start: number;
  readonly #agenda = new Agenda();
  readonly #desks = new Desks((agent, state) => this.#tell(agent, state));
  /** Lines that ring, each with its lead. */
  readonly #ringing = new Map<number, PlayedLead | null>();
  /** Live answers without an agent yet, the first one first. */
  readonly #waiting = new Map<number, PlayedLead | null>();
  readonly #agentCall: number[] = [];
  readonly #names = new Map<number, string>();
  readonly #agentNames: string[] = [];
  readonly #result: DayResult = {
    dialed: 0,
    answers: 0,
    abandoned: 0,
    busy: 0,
    signedIn: 0,
    worstExcess: Number.NEGATIVE_INFINITY,
    decisions: 0,
    idleSeconds: 0,
    starvedSeconds: 0,
    spans: [],
  };
  #calls = 0;
  #served = 0;
  #now = 0;
  #leadsLeft: number;
  #starving = false;
  #tokens: number;
  #tokensAt = 0;

  constructor(traffic: Traffic, pacer: Pacer, options: RunOptions) {
    this.#traffic = traffic;
    this.#pacer = pacer;
    this.#options = options;
    this.#start = options.start ?? START;
    this.#leadsLeft = traffic.leads ?? Number.POSITIVE_INFINITY;
    this.#tokens = Math.max(1, traffic.callsPerSecond ?? 0);
  }

  run(): DayResult {
    const { probe, spanSeconds } = this.#options;
    const traffic = this.#traffic;
    const agenda = this.#agenda;
    const result = this.#result;
    const end = traffic.seconds;
    const tick = (this.#options.tickMs ?? 1000) / 1000;
    const spans = spanSeconds ? new SpanRecorder(spanSeconds) : null;
    this.#takeOver();
    traffic.staffing.forEach((change, index) => agenda.push(change.at, STAFFING, index));
    let nextTick = 0;
    let nextProbe = probe ? probe.every : Number.POSITIVE_INFINITY;
    for (;;) {
      const at = Math.min(agenda.next, nextTick, end, spans?.next ?? end);
      this.#pass(at);
      if (spans && at >= spans.next) spans.cut(at, result, traffic.supply?.left ?? null);
      if (at >= end) break;
      // Everything that falls into one millisecond is seen before the next decision.
      while (agenda.next <= this.#now) {
        agenda.pop();
        this.#handle(agenda.kind, agenda.ref);
      }
      if (this.#now >= nextTick) nextTick = this.#now + tick;
      const decision = this.#decide();
      if (this.#now >= nextProbe) {
        nextProbe = this.#now + probe!.every;
        const { idle, busy } = this.#desks;
        probe!.sample(this.#now, { idle: idle.length, ringing: this.#ringing.size, busy }, decision);
      }
    }
    if (spans && end > spans.next - spanSeconds!) spans.cut(end, result, traffic.supply?.left ?? null);
    // Calls in flight at the close of the day still meet agents or are abandoned; nobody takes new ones.
    while (agenda.size > 0) {
      this.#now = agenda.pop();
      if (agenda.kind !== STAFFING) this.#handle(agenda.kind, agenda.ref);
    }
    result.idleSeconds = result.signedIn - result.busy;
    this.#desks.everybodyLeaves();
    return { ...result, spans: spans?.spans ?? [] };
  }

  #ms(t: number): number {
    return this.#start + Math.round(t * 1000);
  }

  /** The id of a call. It is kept while the call lasts: an id is looked up much faster when it is the very same text. */
  #name(call: number): string {
    let name = this.#names.get(call);
    if (name === undefined) this.#names.set(call, (name = `${this.#start}-${call}`));
    return name;
  }

  #tell(agent: number, state: DeskState, at = this.#now): void {
    this.#pacer.observe({ type: 'agent', at: this.#ms(at), agentId: this.#agentName(agent), state });
  }

  #agentName(agent: number): string {
    return (this.#agentNames[agent] ??= `a${agent}`);
  }

  #pass(at: number): void {
    const { busy, staff, idle } = this.#desks;
    const seconds = at - this.#now;
    this.#result.busy += busy * seconds;
    this.#result.signedIn += staff * seconds;
    if (this.#starving) this.#result.starvedSeconds += idle.length * seconds;
    this.#now = at;
  }

  #decide(): PacingDecision {
    const { supply, lines, callsPerSecond, leads } = this.#traffic;
    const limits: PacingLimits = {};
    if (this.#options.closesAt !== undefined) limits.closesAt = this.#options.closesAt;
    if (supply) limits.leads = supply.ready(this.#now);
    else if (leads !== undefined) limits.leads = limits.leadsLeft = this.#leadsLeft;
    this.#starving = limits.leads === 0;
    if (lines !== undefined) limits.lines = Math.max(0, lines - this.#ringing.size - this.#desks.busy);
    if (callsPerSecond !== undefined) {
      this.#tokens = Math.min(
        Math.max(1, callsPerSecond),
        this.#tokens + (this.#now - this.#tokensAt) * callsPerSecond,
      );
      this.#tokensAt = this.#now;
      limits.lines = Math.min(limits.lines ?? Infinity, Math.floor(this.#tokens));
    }
    const decision = this.#pacer.decide(this.#ms(this.#now), limits);
    this.#result.decisions++;
    for (let k = 0; k < decision.launch; k++) if (!this.#dial()) break;
    return decision;
  }

  #dial(): boolean {
    const { supply, leadSpread = 0, hints } = this.#traffic;
    const lead = supply?.take(this.#now) ?? null;
    if (supply && !lead) return false;
    const { seed } = this.#options;
    const call = this.#calls++;
    this.#result.dialed++;
    this.#leadsLeft--;
    this.#tokens--;
    this.#ringing.set(call, lead);
    const lift = leadSpread === 0 ? 1 : uniform(seed, 7, call) < 0.5 ? 1 - leadSpread : 1 + leadSpread;
    const p = Math.min(1, this.#traffic.answerProbability(this.#now, lead) * lift);
    this.#pacer.observe({
      type: 'dialed',
      at: this.#ms(this.#now),
      callId: this.#name(call),
      ...(hints ? { answerProbability: p } : {}),
    });
    const { kind, after } = fateOf(this.#traffic, p, seed, call);
    this.#agenda.push(this.#now + after, ringEnds.indexOf(kind), call);
    return true;
  }

  #handle(kind: number, ref: number): void {
    switch (kind) {
      case TALK_END:
        return this.#talkEnds(ref);
      case WRAP_END:
        this.#desks.busy--;
        return this.#free(ref);
      case GRACE_END: {
        const lead = this.#waiting.get(ref);
        if (this.#waiting.delete(ref)) this.#abandon(ref, lead ?? null);
        return;
      }
      case STAFFING:
        return this.#desks.setStaff(this.#traffic.staffing[ref]!.agents, (agent) => this.#free(agent));
      default:
        return this.#ringEnds(ringEnds[kind]!, ref);
    }
  }

  #ringEnds(kind: FateKind, call: number): void {
    const lead = this.#ringing.get(call) ?? null;
    this.#ringing.delete(call);
    const at = this.#ms(this.#now);
    const callId = this.#name(call);
    if (kind === 'answer') return this.#answer(call, lead);
    const outcome: PlayedOutcome =
      kind === 'nothing'
        ? 'no-answer'
        : kind === 'machine'
          ? 'machine'
          : failureOf(this.#traffic, this.#options.seed, call);
    if (kind === 'machine') this.#pacer.observe({ type: 'machine', at, callId });
    else this.#pacer.observe({ type: 'failed', at, callId, cause: outcome });
    this.#names.delete(call);
    if (lead) this.#traffic.supply?.ended(lead, outcome, this.#now);
  }

  #answer(call: number, lead: PlayedLead | null): void {
    const result = this.#result;
    result.answers++;
    this.#pacer.observe({ type: 'answered', at: this.#ms(this.#now), callId: this.#name(call) });
    const agent = this.#desks.idle.shift();
    const grace = this.#traffic.graceMs / 1000;
    if (agent !== undefined) this.#connect(call, lead, agent);
    else if (grace <= 0) this.#abandon(call, lead);
    else {
      this.#waiting.set(call, lead);
      this.#agenda.push(this.#now + grace, GRACE_END, call);
    }
    if (result.answers >= 100)
      result.worstExcess = Math.max(
        result.worstExcess,
        result.abandoned - (this.#options.cap ?? 0.03) * result.answers,
      );
  }

  #connect(call: number, lead: PlayedLead | null, agent: number): void {
    const { seed } = this.#options;
    const k = this.#served++;
    const callId = this.#name(call);
    this.#pacer.observe({
      type: 'connected',
      at: this.#ms(this.#now),
      callId,
      agentId: this.#agentName(agent),
    });
    this.#tell(agent, 'talking');
    this.#agentCall[agent] = call;
    this.#desks.busy++;
    const length = this.#traffic.talk(this.#now)(uniform(seed, 5, k), uniform(seed, 6, k));
    this.#agenda.push(this.#now + length, TALK_END, agent);
    if (lead) this.#traffic.supply?.ended(lead, 'answered', this.#now);
  }

  #abandon(call: number, lead: PlayedLead | null): void {
    this.#result.abandoned++;
    this.#pacer.observe({ type: 'abandoned', at: this.#ms(this.#now), callId: this.#name(call) });
    this.#names.delete(call);
    if (lead) this.#traffic.supply?.ended(lead, 'abandoned', this.#now);
  }

  #talkEnds(agent: number): void {
    const { seed } = this.#options;
    const call = this.#agentCall[agent]!;
    this.#pacer.observe({ type: 'ended', at: this.#ms(this.#now), callId: this.#name(call) });
    this.#names.delete(call);
    const { wrapup } = this.#traffic;
    if (!wrapup) {
      this.#desks.busy--;
      return this.#free(agent);
    }
    this.#tell(agent, 'wrapup');
    this.#agenda.push(this.#now + wrapup(uniform(seed, 8, call), uniform(seed, 9, call)), WRAP_END, agent);
  }

  #free(agent: number): void {
    if (this.#desks.goesHome(agent)) return;
    this.#tell(agent, 'idle');
    for (const [call, lead] of this.#waiting) {
      this.#waiting.delete(call);
      return this.#connect(call, lead, agent);
    }
    this.#desks.idle.push(agent);
  }

  /** Seats the agents and lines that are there at the start, each with the time it has lasted. */
  #takeOver(): void {
    const { present, talk, wrapup = () => 1 } = this.#traffic;
    if (!present) return;
    const underWay = new UnderWay(this.#options.seed);
    const begun: { at: number; begin(): void }[] = [];
    const seat = (state: DeskState, elapsed: number, end: number, length: Distribution) => {
      const agent = this.#desks.seat();
      this.#agentCall[agent] = this.#calls++;
      this.#desks.busy++;
      begun.push({ at: -elapsed, begin: () => this.#tell(agent, state, -elapsed) });
      this.#agenda.push(underWay.left(length, elapsed), end, agent);
    };
    for (const elapsed of present.talking) seat('talking', elapsed, TALK_END, talk(0));
    for (const elapsed of present.wrapup) seat('wrapup', elapsed, WRAP_END, wrapup);
    const p = this.#traffic.answerProbability(0, null);
    for (const elapsed of present.ringing) {
      const call = this.#calls++;
      this.#ringing.set(call, null);
      const dialed = { type: 'dialed', at: this.#ms(-elapsed), callId: this.#name(call) } as const;
      begun.push({ at: -elapsed, begin: () => this.#pacer.observe(dialed) });
      const { kind, after } = underWay.fate(this.#traffic, p, elapsed);
      this.#agenda.push(after, ringEnds.indexOf(kind), call);
    }
    for (const { begin } of begun.sort((a, b) => a.at - b.at)) begin();
    for (let n = 0; n < present.idle; n++) this.#free(this.#desks.seat());
  }
}
