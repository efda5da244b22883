/** Cells of the rolling window: an hour each for 30 days, two minutes for one day. */
const CELLS = 720;

/**
 * The abandonment account over a rolling window, in constant memory: the formula of `campaigns/compliance/abandonment.ts`,
 * abandoned ÷ (abandoned + connected). A cell that is partly outside the window is counted
 * or left out, whichever is worse, so the true rolling figure is never better than the one used here.
 */
export class AbandonBudget {
  readonly cap: number;
  /** Abandoned besides, by an estimate over the window that is made elsewhere. */
  estimated = 0;
  #cellMs: number;
  #answers = new Float64Array(CELLS + 1);
  #abandoned = new Float64Array(CELLS + 1);
  #head = Number.NEGATIVE_INFINITY;
  #sumAnswers = 0;
  #sumAbandoned = 0;

  constructor(cap: number, windowMs: number) {
    this.cap = Math.min(1, Math.max(0, cap));
    this.#cellMs = Math.max(1, windowMs) / CELLS;
  }

  /** Live answers that met an agent. */
  connected(at: number, count = 1): void {
    const index = this.#cellOf(at);
    this.#answers[index]! += count;
    this.#sumAnswers += count;
  }

  abandoned(at: number, count = 1): void {
    const index = this.#cellOf(at);
    this.#abandoned[index]! += count;
    this.#answers[index]! += count;
    this.#sumAbandoned += count;
    this.#sumAnswers += count;
  }

  /** Of the live answers that seemed to meet an agent. */
  unmet(at: number): void {
    this.#abandoned[this.#cellOf(at)]! += 1;
    this.#sumAbandoned += 1;
  }

  /** Live answers, abandoned calls and what may still be abandoned, as of the newest event or `advanceTo`. */
  get answers(): number {
    return this.#sumAnswers;
  }

  get abandons(): number {
    return this.#sumAbandoned;
  }

  /** Calls that may still be abandoned: negative when the cap is already broken. */
  get left(): number {
    const all = this.cap * this.#sumAnswers - this.#sumAbandoned;
    const oldest = this.#index(this.#head - CELLS);
    const without = all - (this.cap * this.#answers[oldest]! - this.#abandoned[oldest]!);
    return Math.min(all, without) - (1 - this.cap) * this.estimated;
  }

  advanceTo(now: number): void {
    this.#advance(now);
  }

  /** An event that comes after the window has moved on still belongs to its own time. */
  #cellOf(at: number): number {
    this.#advance(at);
    const cell = Math.floor(at / this.#cellMs);
    return this.#index(Math.max(cell, this.#head - CELLS));
  }

  #index(cell: number): number {
    if (!Number.isFinite(cell)) return 0;
    const index = cell % (CELLS + 1);
    return index < 0 ? index + CELLS + 1 : index;
  }

  #advance(at: number): void {
    const cell = Math.floor(at / this.#cellMs);
    if (cell <= this.#head) return;
    if (cell - this.#head > CELLS) {
      this.#answers.fill(0);
      this.#abandoned.fill(0);
      this.#sumAnswers = 0;
      this.#sumAbandoned = 0;
    } else {
      for (let next = this.#head + 1; next <= cell; next++) {
        const index = this.#index(next);
        this.#sumAnswers -= this.#answers[index]!;
        this.#sumAbandoned -= this.#abandoned[index]!;
        this.#answers[index] = 0;
        this.#abandoned[index] = 0;
      }
    }
    this.#head = cell;
  }
}
