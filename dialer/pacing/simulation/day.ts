import type { Pacer, PacingDecision } from '../types.ts';
import { Agenda } from './agenda.ts';
import { uniform, type Distribution } from './random.ts';

/** What the outside world does. `t` is seconds since the start. */
export interface Traffic {
  seconds: number;
  /** Agents wanted at the desk at each change, in order of time. Leaving agents finish their call. */
  staffing: { at: number; agents: number }[];
  answerProbability(t: number): number;
  /** Share of all calls that a machine picks up, and that fail within a second or two. */
  machineShare?: number;
  failShare?: number;
  ringToAnswer: Distribution;
  ringToNothing: Distribution;
  ringToMachine?: Distribution;
  ringToFailure?: Distribution;
  talk(t: number): Distribution;
  wrapup?: Distribution;
  graceMs: number;
  leads?: number;
  lines?: number;
  /** Each call tells its own answer probability to the pacer. */
  hints?: boolean;
  /** Spread of answer probability between leads, as `p · (1 ± spread)`. */
  leadSpread?: number;
}

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
}

export interface Probe {
  every: number;
  sample(t: number, floor: { idle: number; ringing: number; busy: number }, decision: PacingDecision): void;
}

const START = Date.UTC(2026, 0, 5, 9);
const ANSWER = 0;
const NOTHING = 1;
const MACHINE = 2;
const FAILURE = 3;
const TALK_END = 4;
const WRAP_END = 5;
const GRACE_END = 6;
const STAFFING = 7;

export interface RunOptions {
  seed: number;
  /** Milliseconds between decisions when nothing happens. */
  tickMs?: number;
  /** Start in epoch milliseconds; days of a long run follow each other with one pacer. */
  start?: number;
  cap?: number;
  probe?: Probe;
}

/** One working day of `traffic` under `pacer`. Same seed: same calls, lengths and outcomes for every pacer. */
export function runDay(traffic: Traffic, pacer: Pacer, options: RunOptions): DayResult {
  const { seed } = options;
  const start = options.start ?? START;
  const tick = (options.tickMs ?? 1000) / 1000;
  const cap = options.cap ?? 0.03;
  const agenda = new Agenda();
  const end = traffic.seconds;
  const grace = traffic.graceMs / 1000;
  const ringingAt = new Set<number>();
  const waiting: number[] = [];
  const agentCall: number[] = [];
  const leaving: boolean[] = [];
  const present: boolean[] = [];
  const idleAgents: number[] = [];
  const result: DayResult = {
    dialed: 0,
    answers: 0,
    abandoned: 0,
    busy: 0,
    signedIn: 0,
    worstExcess: Number.NEGATIVE_INFINITY,
    decisions: 0,
    idleSeconds: 0,
  };
  const callAgent = new Map<number, number>();
  const waitingSet = new Set<number>();
  let served = 0;
  let staff = 0;
  let busy = 0;
  let now = 0;
  let leadsLeft = traffic.leads ?? Number.POSITIVE_INFINITY;
  let nextProbe = options.probe ? options.probe.every : Number.POSITIVE_INFINITY;

  const ms = (t: number): number => start + Math.round(t * 1000);
  const agentName = (a: number): string => `a${a}`;
  const tell = (a: number, state: 'idle' | 'talking' | 'wrapup' | 'away'): void =>
    pacer.observe({ type: 'agent', at: ms(now), agentId: agentName(a), state });
  const name = (call: number): string => `${start}-${call}`;

  const connect = (call: number, a: number): void => {
    const k = served++;
    pacer.observe({ type: 'connected', at: ms(now), callId: name(call), agentId: agentName(a) });
    tell(a, 'talking');
    agentCall[a] = call;
    callAgent.set(call, a);
    busy++;
    agenda.push(now + traffic.talk(now)(uniform(seed, 5, k), uniform(seed, 6, k)), TALK_END, a);
  };
  const free = (a: number): void => {
    if (leaving[a]) {
      leaving[a] = false;
      present[a] = false;
      staff--;
      tell(a, 'away');
      return;
    }
    tell(a, 'idle');
    while (waiting.length > 0) {
      const call = waiting.shift()!;
      if (!waitingSet.delete(call)) continue;
      connect(call, a);
      return;
    }
    idleAgents.push(a);
  };
  const abandon = (call: number): void => {
    result.abandoned++;
    pacer.observe({ type: 'abandoned', at: ms(now), callId: name(call) });
  };
  const answer = (call: number): void => {
    ringingAt.delete(call);
    result.answers++;
    pacer.observe({ type: 'answered', at: ms(now), callId: name(call) });
    const a = idleAgents.shift();
    if (a !== undefined) connect(call, a);
    else if (grace <= 0) abandon(call);
    else {
      waiting.push(call);
      waitingSet.add(call);
      agenda.push(now + grace, GRACE_END, call);
    }
    if (result.answers >= 100)
      result.worstExcess = Math.max(result.worstExcess, result.abandoned - cap * result.answers);
  };
  const setStaff = (wanted: number): void => {
    let remaining = present.reduce((sum, here, a) => sum + (here && !leaving[a] ? 1 : 0), 0);
    for (let a = 0; remaining < wanted; a++) {
      if (present[a] && leaving[a]) leaving[a] = false;
      else if (!present[a]) {
        present[a] = true;
        leaving[a] = false;
        staff++;
        free(a);
      } else continue;
      remaining++;
    }
    while (remaining > wanted) {
      remaining--;
      const a = idleAgents.pop();
      if (a !== undefined) {
        present[a] = false;
        staff--;
        tell(a, 'away');
        continue;
      }
      const busyAgent = present.findLastIndex((here, index) => here && !leaving[index]);
      leaving[busyAgent] = true;
    }
  };
  const dial = (): void => {
    const call = result.dialed++;
    leadsLeft--;
    ringingAt.add(call);
    const spread = traffic.leadSpread ?? 0;
    const lift = spread === 0 ? 1 : uniform(seed, 7, call) < 0.5 ? 1 - spread : 1 + spread;
    const p = Math.min(1, traffic.answerProbability(now) * lift);
    pacer.observe({
      type: 'dialed',
      at: ms(now),
      callId: name(call),
      ...(traffic.hints ? { answerProbability: p } : {}),
    });
    const u = uniform(seed, 1, call);
    const x = uniform(seed, 2, call);
    const y = uniform(seed, 3, call);
    const machine = traffic.machineShare ?? 0;
    if (u < p) agenda.push(now + traffic.ringToAnswer(x, y), ANSWER, call);
    else if (u < p + machine)
      agenda.push(now + (traffic.ringToMachine ?? traffic.ringToAnswer)(x, y), MACHINE, call);
    else if (u < p + machine + (traffic.failShare ?? 0))
      agenda.push(now + (traffic.ringToFailure ?? (() => 1))(x, y), FAILURE, call);
    else agenda.push(now + traffic.ringToNothing(x, y), NOTHING, call);
  };
  const handle = (kind: number, ref: number): void => {
    switch (kind) {
      case ANSWER:
        return answer(ref);
      case NOTHING:
      case FAILURE:
        ringingAt.delete(ref);
        return pacer.observe({
          type: 'failed',
          at: ms(now),
          callId: name(ref),
          cause: kind === NOTHING ? 'no-answer' : 'congestion',
        });
      case MACHINE:
        ringingAt.delete(ref);
        return pacer.observe({ type: 'machine', at: ms(now), callId: name(ref) });
      case TALK_END: {
        const call = agentCall[ref]!;
        callAgent.delete(call);
        pacer.observe({ type: 'ended', at: ms(now), callId: name(call) });
        if (!traffic.wrapup) {
          busy--;
          return free(ref);
        }
        tell(ref, 'wrapup');
        const length = traffic.wrapup(uniform(seed, 8, call), uniform(seed, 9, call));
        return agenda.push(now + length, WRAP_END, ref);
      }
      case WRAP_END:
        busy--;
        return free(ref);
      case GRACE_END:
        if (waitingSet.delete(ref)) abandon(ref);
        return;
      case STAFFING:
        return setStaff(traffic.staffing[ref]!.agents);
    }
  };

  traffic.staffing.forEach((change, index) => agenda.push(change.at, STAFFING, index));
  let nextTick = 0;
  for (;;) {
    const at = Math.min(agenda.next, nextTick, end);
    result.busy += busy * (at - now);
    result.signedIn += staff * (at - now);
    now = at;
    if (at >= end) break;
    // Everything that falls into one millisecond is seen before the next decision.
    while (agenda.next <= now) {
      agenda.pop();
      handle(agenda.kind, agenda.ref);
    }
    if (now >= nextTick) nextTick = now + tick;
    const limits: { lines?: number; leads?: number } = {};
    if (traffic.leads !== undefined) limits.leads = leadsLeft;
    if (traffic.lines !== undefined) limits.lines = Math.max(0, traffic.lines - ringingAt.size - busy);
    const decision = pacer.decide(ms(now), limits);
    result.decisions++;
    for (let k = 0; k < decision.launch; k++) dial();
    if (now >= nextProbe) {
      nextProbe = now + options.probe!.every;
      options.probe!.sample(now, { idle: idleAgents.length, ringing: ringingAt.size, busy }, decision);
    }
  }
  // Calls in flight at the close of the day still meet agents or are abandoned; nobody takes new ones.
  while (agenda.size > 0) {
    now = agenda.pop();
    if (agenda.kind !== STAFFING) handle(agenda.kind, agenda.ref);
  }
  result.idleSeconds = result.signedIn - result.busy;
  for (let a = 0; a < present.length; a++) if (present[a]) tell(a, 'away');
  return result;
}
