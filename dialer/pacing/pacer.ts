import { AbandonBudget } from './budget.ts';
import { Closing } from './closing.ts';
import { DeskModel } from './desk.ts';
import { Floor, type CallOutcome, type FloorListener } from './floor.ts';
import { CLOSING_RISK, linesCovered, USUAL_RISK } from './guard.ts';
import { limited } from './limits.ts';
import { LineModel } from './lines.ts';
import { Planner } from './planner.ts';
import { priceOn } from './ladder.ts';
import { advance, netGrant } from './price.ts';
import type {
  Pacer,
  PacingDecision,
  PacingEvent,
  PacingFacts,
  PacingLimits,
  PacingReason,
  PacingSettings,
  PastAnswers,
} from './types.ts';

const LEARN_MS = 5_000;
/** Trust in the forecast of agents becoming free, against what the plan expects anyway. */
const FORECAST_TRUST = 0.9;
/** A window without an end of day is priced as if so many abandoned calls were still to be granted. */
const ENDLESS = 64;
/** Calls still to be granted today with which an overdrawn account is sure to be made good. */
const EARNED_BACK = 2;
/** Share of time that agents are busy, before there is a plan. */
const LEAST_BUSY = 0.5;

/** What a decision works from; computed anew each time, so that deciding changes nothing. */
interface Look {
  at: number;
  /** Idle agents less answers that wait. */
  free: number;
  /** Lines to launch for one line for each free agent. */
  steady: number;
  expectedAnswers: number;
  expectedAnswersAtMost: number;
  expectedFree: number;
  /** Agents expected to become free beyond the usual number. */
  surplus: number;
  /** Seconds until dialling ends, as far as known. */
  secondsLeft: number;
  /** Seconds that dialling goes on for sure. */
  secondsSure: number;
  /** Leads to be called at all. */
  leadsLeft: number;
  /** What comes of it: lines to launch, and the price of an abandoned call in seconds of talk. */
  wanted: number;
  price: number;
}

class FoldingPacer implements Pacer, FloorListener {
  #settings: PacingSettings;
  #floor: Floor;
  #budget: AbandonBudget;
  #lines: LineModel;
  #desk = new DeskModel();
  #planner = new Planner();
  #learntAt = Number.NEGATIVE_INFINITY;
  #closing: Closing;

  constructor(settings: PacingSettings, past: readonly PastAnswers[]) {
    this.#settings = settings;
    this.#floor = new Floor(this, settings.ringTimeoutMs);
    this.#lines = new LineModel(settings.ringTimeoutMs);
    this.#closing = new Closing(settings.abandonWindowMs);
    this.#budget = new AbandonBudget(settings.abandonCap, settings.abandonWindowMs);
    for (const { at, connected, abandoned } of past) {
      this.#budget.connected(at, connected);
      this.#budget.abandoned(at, abandoned);
    }
  }

  observe(event: PacingEvent): void {
    if (!this.#floor.observe(event)) return;
    const { clock } = this.#floor;
    this.#closing.seen(clock);
    this.#planner.work(clock);
    if (clock - this.#learntAt < LEARN_MS) return;
    this.#learntAt = clock;
    if (this.#settings.mode !== 'progressive') this.#learn();
  }

  decide(now: number, limits: PacingLimits = {}): PacingDecision {
    const look = this.#look(now, limits);
    const code = this.#want(look);
    const { wanted, price } = look;
    const floor = this.#floor;
    const facts: PacingFacts = {
      agents: floor.signedIn,
      idle: floor.idle,
      waiting: floor.waiting,
      ringing: floor.ringing,
      expectedFree: look.expectedFree,
      expectedAnswers: look.expectedAnswers,
      wanted: floor.ringing + wanted,
      answerProbability: this.#lines.probability,
      ringSeconds: this.#lines.ringSeconds,
      handleSeconds: this.#desk.handleSeconds,
      answers: this.#budget.answers,
      abandoned: this.#budget.abandons,
      budgetLeft: this.#budget.left,
      budgetAtRisk: Math.max(0, look.expectedAnswers - look.free),
      price,
      limit: null,
    };
    return limited(this.#settings, wanted, code, facts, limits);
  }

  #look(now: number, limits: PacingLimits): Look {
    const floor = this.#floor;
    const at = Math.max(Number.isFinite(now) ? now : floor.clock, floor.clock);
    this.#budget.advanceTo(at);
    this.#budget.estimated = Math.max(0, limits.hungUpOn ?? 0);
    const free = floor.idle - floor.waiting;
    const atMost = this.#lines.probabilityAtMost;
    const unhinted = this.#lines.atStart(Number.NaN);
    let expectedAnswers = 0;
    let expectedAnswersAtMost = 0;
    for (let slot = 0; slot < floor.ringing; slot++) {
      const hint = floor.weight[slot]!;
      const start = Number.isNaN(hint) ? unhinted : this.#lines.atStart(hint);
      const rung = at - floor.dialedAt[slot]!;
      expectedAnswers += this.#lines.chance(rung, start);
      expectedAnswersAtMost += this.#lines.chance(rung, Math.max(start, atMost));
    }
    let expectedFree = 0;
    for (const agent of floor.agents.values()) {
      if (agent.state === 'idle') continue;
      const seconds = (at - agent.since) / 1000;
      expectedFree +=
        agent.state === 'talking' ? this.#desk.freeFromTalk(seconds) : this.#desk.freeFromWrap(seconds);
    }
    return {
      at,
      free,
      steady: Math.max(0, free - floor.ringing),
      expectedAnswers,
      expectedAnswersAtMost,
      expectedFree,
      surplus: expectedFree - (floor.talking + floor.inWrapup) * this.#desk.freeOnAverage,
      secondsLeft: this.#closing.left(at, limits.closesAt) / 1000,
      secondsSure: this.#closing.sure(at, limits.closesAt) / 1000,
      leadsLeft: limits.leadsLeft ?? Number.POSITIVE_INFINITY,
      wanted: 0,
      price: 0,
    };
  }

  /** Fills in what the look leads to, and says why. */
  #want(look: Look): PacingReason {
    const { mode, powerRatio } = this.#settings;
    const { free } = look;
    look.wanted = look.steady;
    if (mode === 'progressive') return 'progressive';
    const balance = this.#budget.left + this.#ahead(look, this.#budget.answers);
    if (mode === 'power') {
      const asked = Math.floor(Math.max(0, free) * (powerRatio ?? 1)) - this.#floor.ringing;
      return this.#cover(look, asked, balance, 'power');
    }
    const { plan } = this.#planner;
    if (!plan) return balance < 0 ? 'budget-spent' : 'pacing';
    if (!plan.overdials) return 'no-gain';
    const toCome = this.#budget.cap * this.#answersWithin(look, look.secondsLeft);
    const rung = plan.account.rung(balance, Math.min(toCome, ENDLESS));
    look.price = priceOn(rung) * this.#lines.ringSeconds;
    // Over weeks the account is deep enough not to plan for its bottom.
    const depth = this.#closing.isDaily ? this.#bears(balance, free) : Number.POSITIVE_INFINITY;
    // With nobody free, a line is a bet that somebody will be before it is answered: it measured worse than waiting.
    const near = free > 0 ? free + FORECAST_TRUST * look.surplus : free;
    const order = plan.order(near, rung, depth);
    const asked = Math.ceil((order - look.expectedAnswers) / this.#lines.probability - 0.5);
    return this.#cover(look, asked, balance, 'pacing');
  }

  /** Holds what is asked for to what agents and budget cover; one line for each free agent is always covered. */
  #cover(look: Look, asked: number, balance: number, code: PacingReason): PacingReason {
    const { steady, free } = look;
    if (asked <= steady) return code;
    if (this.#budget.cap === 0 || balance < 0) return 'budget-spent';
    const room = linesCovered(
      asked,
      this.#floor.ringing,
      look.expectedAnswersAtMost,
      this.#lines.probabilityAtMost,
      Math.max(0, free + this.#bears(balance, free)),
      this.#budget.cap * this.#answersWithin(look, look.secondsLeft) < EARNED_BACK
        ? CLOSING_RISK
        : USUAL_RISK,
    );
    if (room <= steady) return 'budget-spent';
    look.wanted = room;
    return code;
  }

  /** Live answers expected within so many seconds with the agents of now, and from the leads that are left. */
  #answersWithin({ leadsLeft }: Look, seconds: number): number {
    // No end known and nobody signed in would be infinity times nothing.
    if (this.#floor.signedIn === 0) return 0;
    const busy = this.#planner.plan?.utilization ?? LEAST_BUSY;
    const handled = (busy * this.#floor.signedIn * seconds) / this.#desk.handleSeconds;
    return Math.min(handled, leadsLeft * this.#lines.probability);
  }

  /** What may be spent before it is granted: never more than answers that are sure to come will grant. */
  #ahead(look: Look, answers: number): number {
    return advance(this.#budget.cap, answers, this.#answersWithin(look, look.secondsSure));
  }

  /** How many calls may be abandoned at once while all free agents get an answer, which is granted its part as well. */
  #bears(balance: number, free: number): number {
    const { cap, answers } = this.#budget;
    if (cap >= 1) return Number.POSITIVE_INFINITY;
    return Math.floor((balance + netGrant(cap, answers) * Math.max(0, free)) / (1 - cap) + 1e-9);
  }

  #learn(): void {
    const agents = this.#floor.signedIn;
    let talking = 0;
    for (const agent of this.#floor.agents.values())
      if (agent.state === 'talking') talking += (this.#floor.clock - agent.since) / 1000;
    this.#desk.underWay(this.#floor.talking, talking);
    this.#lines.tick(this.#floor.clock);
    this.#desk.refresh(() => this.#lines.ringFifths);
    if (agents === 0 || this.#settings.mode !== 'predictive') return;
    this.#planner.ask({
      agents,
      handleSeconds: this.#desk.handleSeconds,
      ringSeconds: this.#lines.ringSeconds,
      answerProbability: this.#lines.probability,
      cap: this.#budget.cap,
      graceMs: this.#settings.answerGraceMs,
    });
  }

  dialed(weight: number, at: number): void {
    this.#closing.dialed(at);
    this.#lines.dialed(weight, at);
  }

  resolved(outcome: CallOutcome, ringMs: number, weight: number, at: number): void {
    this.#lines.resolved(outcome, ringMs, weight, at);
  }

  connected(at: number): void {
    this.#budget.connected(at);
  }

  abandoned(at: number): void {
    this.#budget.abandoned(at);
  }

  unmet(at: number): void {
    this.#budget.unmet(at);
  }

  talk(ms: number, at: number): void {
    this.#desk.talked(ms, at);
  }

  wrapup(ms: number, at: number): void {
    this.#desk.wrapped(ms, at);
  }
}

/**
 * A pacer for one campaign: a pure fold over events, without I/O and without a clock of its own. The same events give the
 * same decisions; `decide` changes nothing. Launched calls are known from their `dialed` events only. `past`, oldest first,
 * counts in the window where it lies before the events.
 */
export function createPacer(settings: PacingSettings, past: readonly PastAnswers[] = []): Pacer {
  return new FoldingPacer(settings, past);
}
