import type { PacingDecision, PacingEvent } from '../pacing/index.ts';

/** Sums over the samples of one minute. */
export interface HindsightRow {
  campaignId: number;
  /** Start of the minute, epoch ms. */
  at: number;
  samples: number;
  answersForecast: number;
  answersActual: number;
  freeForecast: number;
  freeActual: number;
}

export const minuteMs = 60_000;
const sampleEveryMs = 5_000;
/** Lines that rang at a sample have ended so long after the longest ring. */
const settledMs = 5_000;

interface Sample {
  at: number;
  /** Until when agents who become free count: as long as a call launched then would ring. */
  freeUntil: number;
  ringing: Set<string>;
  busy: Set<string>;
  answersForecast: number;
  answersActual: number;
  freeForecast: number;
  freeActual: number;
}

/**
 * Holds each forecast of a pacer against what came true: of the lines that rang at a sample, how many were answered; of the
 * agents at work, how many became free while a call launched then would have rung. A fold over the pacer's own events.
 */
export class Hindsight {
  readonly #campaignId: number;
  readonly #open: Sample[] = [];
  readonly #ringing = new Set<string>();
  readonly #agents = new Map<string, 'idle' | 'talking' | 'wrapup'>();
  readonly #rows = new Map<number, HindsightRow>();
  #sampledAt = Number.NEGATIVE_INFINITY;

  constructor(campaignId: number) {
    this.#campaignId = campaignId;
  }

  observe(event: PacingEvent): void {
    switch (event.type) {
      case 'dialed':
        this.#ringing.add(event.callId);
        return;
      case 'answered':
        if (!this.#ringing.delete(event.callId)) return;
        for (const sample of this.#open) if (sample.ringing.delete(event.callId)) sample.answersActual++;
        return;
      case 'machine':
      case 'failed':
      case 'ended':
        this.#ringing.delete(event.callId);
        return;
      case 'agent':
        return this.#agent(event.agentId, event.state, event.at);
      default:
    }
  }

  #agent(agentId: string, state: 'idle' | 'talking' | 'wrapup' | 'away', at: number): void {
    const before = this.#agents.get(agentId);
    if (state === 'away') this.#agents.delete(agentId);
    else this.#agents.set(agentId, state);
    // From wrap-up straight to the next talk: free for less than a moment.
    const becameFree =
      (state === 'idle' && before !== undefined && before !== 'idle') ||
      (state === 'talking' && before === 'wrapup');
    if (!becameFree) return;
    for (const sample of this.#open)
      if (at <= sample.freeUntil && sample.busy.delete(agentId)) sample.freeActual++;
  }

  /** A decision was made; every few seconds its forecast is kept. */
  decided(now: number, { facts }: PacingDecision, ringTimeoutMs: number): void {
    while (this.#open.length > 0 && now >= this.#open[0]!.at + ringTimeoutMs + settledMs)
      this.#settle(this.#open.shift()!);
    if (now - this.#sampledAt < sampleEveryMs || facts.agents === 0) return;
    this.#sampledAt = now;
    const busy = [...this.#agents].flatMap(([id, state]) => (state === 'idle' ? [] : [id]));
    this.#open.push({
      at: now,
      freeUntil: now + facts.ringSeconds * 1000,
      ringing: new Set(this.#ringing),
      busy: new Set(busy),
      answersForecast: facts.expectedAnswers,
      answersActual: 0,
      freeForecast: facts.expectedFree,
      freeActual: 0,
    });
  }

  /** What has settled since the last time, by minute. */
  take(): HindsightRow[] {
    const rows = [...this.#rows.values()];
    this.#rows.clear();
    return rows;
  }

  #settle(sample: Sample): void {
    const at = Math.floor(sample.at / minuteMs) * minuteMs;
    const row = this.#rows.get(at) ?? {
      campaignId: this.#campaignId,
      at,
      samples: 0,
      answersForecast: 0,
      answersActual: 0,
      freeForecast: 0,
      freeActual: 0,
    };
    row.samples++;
    row.answersForecast += sample.answersForecast;
    row.answersActual += sample.answersActual;
    row.freeForecast += sample.freeForecast;
    row.freeActual += sample.freeActual;
    this.#rows.set(at, row);
  }
}
