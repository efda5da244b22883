/** What happened in one span of a play. Seconds are agents' seconds. */
export interface Span {
  /** Seconds since the start. */
  at: number;
  calls: number;
  answers: number;
  abandoned: number;
  busy: number;
  signedIn: number;
  /** Seconds of free agents while no lead could be called. */
  starved: number;
  /** Leads that will be called again some time, at the end of the span; null without a list. */
  leads: number | null;
}

interface Totals {
  dialed: number;
  answers: number;
  abandoned: number;
  busy: number;
  signedIn: number;
  starvedSeconds: number;
}

/** Cuts the running totals of a play into spans of equal length. */
export class SpanRecorder {
  readonly spans: Span[] = [];
  readonly #length: number;
  #last: Totals = { dialed: 0, answers: 0, abandoned: 0, busy: 0, signedIn: 0, starvedSeconds: 0 };
  next: number;

  constructor(length: number) {
    this.#length = length;
    this.next = length;
  }

  cut(now: number, totals: Totals, leads: number | null): void {
    const last = this.#last;
    const at = this.next - this.#length;
    if (now > at)
      this.spans.push({
        at,
        calls: totals.dialed - last.dialed,
        answers: totals.answers - last.answers,
        abandoned: totals.abandoned - last.abandoned,
        busy: totals.busy - last.busy,
        signedIn: totals.signedIn - last.signedIn,
        starved: totals.starvedSeconds - last.starvedSeconds,
        leads,
      });
    this.#last = { ...totals };
    this.next += this.#length;
  }
}
