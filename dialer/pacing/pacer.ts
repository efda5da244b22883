import { AbandonBudget } from './budget.ts';
import { explain } from './explain.ts';
import { Floor, type CallOutcome, type FloorListener } from './floor.ts';
import { FadingMean } from './learning.ts';
import type {
  Pacer,
  PacingDecision,
  PacingEvent,
  PacingFacts,
  PacingLimits,
  PacingReason,
  PacingSettings,
} from './types.ts';

class PredictivePacer implements Pacer, FloorListener {
  #settings: PacingSettings;
  #floor: Floor;
  #budget: AbandonBudget;
  #answer = new FadingMean(0.5, 4, 400);
  #ring = new FadingMean(10, 2, 300);
  #talk = new FadingMean(120, 1, 300);
  #wrap = new FadingMean(10, 1, 300);
  #hint = new FadingMean(1, 0, 400);

  constructor(settings: PacingSettings) {
    this.#settings = settings;
    this.#floor = new Floor(this, settings.ringTimeoutMs);
    this.#budget = new AbandonBudget(settings.abandonCap, settings.abandonWindowMs);
  }

  observe(event: PacingEvent): void {
    this.#floor.observe(event);
  }

  decide(now: number, limits: PacingLimits = {}): PacingDecision {
    const { mode } = this.#settings;
    const floor = this.#floor;
    this.#budget.advanceTo(Math.max(now, floor.clock));
    const probability = this.#answer.mean;
    let expectedAnswers = 0;
    let variance = 0;
    for (let slot = 0; slot < floor.ringing; slot++) {
      const q = this.#chance(slot, probability);
      expectedAnswers += q;
      variance += q * (1 - q);
    }
    const idle = floor.idle - floor.waiting.size;
    const steady = Math.max(0, idle - floor.ringing);
    let wanted = steady;
    let code: PacingReason = mode === 'predictive' ? 'pacing' : mode;
    const atRisk = Math.max(0, expectedAnswers + 2.5 * Math.sqrt(variance) - Math.max(0, idle));
    if (mode !== 'progressive') {
      const room = this.#budget.left - 0.5;
      const target =
        mode === 'power'
          ? Math.floor(idle * (this.#settings.powerRatio ?? 1))
          : Math.floor(1 + (0.8 / probability) * (idle - 1));
      const extra = Math.max(0, target - floor.ringing);
      if (extra > steady) {
        let allowed = steady;
        let a = expectedAnswers + steady * probability;
        let v = variance + steady * probability * (1 - probability);
        while (allowed < extra) {
          a += probability;
          v += probability * (1 - probability);
          if (a + 2.5 * Math.sqrt(v) - idle > room) break;
          allowed++;
        }
        wanted = allowed;
        if (allowed === steady) code = 'budget-spent';
      }
    }
    const facts: PacingFacts = {
      agents: floor.signedIn,
      idle: floor.idle,
      waiting: floor.waiting.size,
      ringing: floor.ringing,
      expectedFree: this.#expectedFree(),
      expectedAnswers,
      wanted: floor.ringing + wanted,
      answerProbability: probability,
      ringSeconds: this.#ring.mean,
      handleSeconds: this.#talk.mean + this.#wrap.mean,
      answers: this.#budget.answers,
      abandoned: this.#budget.abandons,
      budgetLeft: this.#budget.left,
      budgetAtRisk: atRisk,
      price: 0,
      limit: null,
    };
    return limited(this.#settings, wanted, code, facts, limits);
  }

  #chance(slot: number, probability: number): number {
    const hint = this.#floor.weight[slot]!;
    if (Number.isNaN(hint)) return probability;
    const mean = this.#hint.mean;
    return mean > 0 ? Math.min(1, (probability * hint) / mean) : probability;
  }

  #expectedFree(): number {
    const handle = this.#talk.mean + this.#wrap.mean;
    const busy = this.#floor.talking + this.#floor.inWrapup;
    return busy * (1 - Math.exp(-this.#ring.mean / Math.max(1, handle)));
  }

  dialed(weight: number): void {
    if (!Number.isNaN(weight)) this.#hint.add(weight);
  }

  resolved(outcome: CallOutcome, ringMs: number): void {
    this.#answer.add(outcome === 'live' ? 1 : 0);
    if (outcome === 'live') this.#ring.add(ringMs / 1000);
  }

  liveAnswer(at: number): void {
    this.#budget.answered(at);
  }

  abandoned(at: number): void {
    this.#budget.abandoned(at);
  }

  talk(ms: number): void {
    this.#talk.add(ms / 1000);
  }

  wrapup(ms: number): void {
    this.#wrap.add(ms / 1000);
  }
}

/** Puts the caller's and the settings' limits on what pacing asks for. */
export function limited(
  settings: PacingSettings,
  wanted: number,
  code: PacingReason,
  facts: PacingFacts,
  limits: PacingLimits,
): PacingDecision {
  let launch = Math.max(0, Math.floor(wanted));
  let because: PacingReason = launch === 0 && code === 'pacing' ? 'enough-ringing' : code;
  if (facts.agents === 0) because = 'no-agents';
  const most = (count: number | undefined, limit: NonNullable<PacingFacts['limit']>, why: PacingReason) => {
    if (count === undefined || Number.isNaN(count)) return;
    const room = Math.max(0, Math.floor(count));
    if (launch <= room) return;
    launch = room;
    facts.limit = limit;
    because = why;
  };
  const lines = Math.floor(settings.maxLinesPerAgent * facts.agents);
  most(lines - facts.ringing - facts.waiting, 'lines-per-agent', 'lines-per-agent');
  most(limits.lines, 'lines', 'no-lines');
  most(limits.leads, 'leads', 'no-leads');
  const fellBack = code === 'budget-spent' || code === 'no-gain';
  const mode = fellBack ? 'progressive' : settings.mode;
  return { launch, mode, code: because, reason: explain(because, launch, facts), facts };
}

/**
 * A pacer for one campaign: a pure fold over events, without I/O and without a clock of its own. The same events give the
 * same decisions; `decide` changes nothing. Launched calls are known from their `dialed` events only.
 */
export function createPacer(settings: PacingSettings): Pacer {
  return new PredictivePacer(settings);
}
