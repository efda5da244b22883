import { Cohorts } from './cohorts.ts';
import type { CallOutcome } from './floor.ts';
import { BINS, binOf, DriftingMean, LengthHistogram, quantile } from './learning.ts';

const REBUILD_EVERY = 24;
const PRIOR_STRENGTH = 20;
/** How many squared standard errors of a difference are put down to chance. */
const DOUBT = 6;

/**
 * What is known of calls before they meet an agent: the chance of a live answer, how long an answer takes (detection
 * included), and what a line is still worth after it has rung for some time.
 */
export class LineModel {
  #answer = new DriftingMean(0.45, 4, { fast: 80, slow: 900, fastSeconds: 45, slowSeconds: 400 });
  #ring = new DriftingMean(11, 4, { fast: 40, slow: 500, fastSeconds: 90, slowSeconds: 600 });
  #cohorts: Cohorts;
  /** Answers for each answer that the hints promised; 1 when the hints are right. */
  #hintAnswers = 3;
  #hintPromised = 3;
  /** Mean hint of the calls dialled lately. */
  #hint = 0;
  #hintWeight = 0;
  #toAnswer = new LengthHistogram(600);
  #toNothing = new LengthHistogram(900);
  #worth = new Float64Array(BINS).fill(1);
  #sinceRebuild = 0;

  constructor(ringTimeoutMs: number) {
    this.#cohorts = new Cohorts(Math.min(40, 2 + ringTimeoutMs / 1000));
  }

  dialed(hint: number, at: number): void {
    this.tick(at);
    this.#cohorts.dialed(at, hint);
    if (Number.isNaN(hint)) {
      this.#hintWeight *= 0.97;
      this.#hint *= 0.97;
      return;
    }
    this.#hint = 0.97 * this.#hint + hint;
    this.#hintWeight = 0.97 * this.#hintWeight + 1;
  }

  resolved(outcome: CallOutcome, ringMs: number, hint: number, at: number): void {
    this.tick(at);
    if (outcome === 'live') {
      // A very late answer belongs to a cohort that has been counted without it.
      if (!this.#cohorts.live(at - ringMs, hint)) this.#answer.add(1, at);
      this.#ring.add(ringMs / 1000, at);
      this.#toAnswer.add(ringMs / 1000);
    } else this.#toNothing.add(ringMs / 1000);
    if (++this.#sinceRebuild >= REBUILD_EVERY) this.#rebuild();
  }

  /** Counts the cohorts that have come of age. */
  tick(at: number): void {
    this.#cohorts.mature(at, ({ dialed, live, hinted, promised, hintedLive }) => {
      for (let call = 0; call < dialed; call++) this.#answer.add(call < live ? 1 : 0, at);
      const keep = (1 - 1 / 900) ** hinted;
      this.#hintAnswers = this.#hintAnswers * keep + hintedLive;
      this.#hintPromised = this.#hintPromised * keep + promised;
    });
  }

  /** Chance that a call launched now is answered by a person. */
  get probability(): number {
    const learned = this.#learned;
    if (this.#hintWeight < 4) return learned;
    const lately = this.#hint / this.#hintWeight;
    return Math.min(1, Math.max(0.004, lately * this.#hintRatio));
  }

  /** An upper bound, for promises. */
  get probabilityAtMost(): number {
    const answer = this.#answer;
    const wide = Math.max(answer.mean, answer.fast) + 1.5 * answer.error + 0.5 / answer.weight;
    return Math.min(1, Math.max(wide, this.probability * 1.05));
  }

  /** Mean seconds from dialling to a live answer. */
  get ringSeconds(): number {
    return Math.max(1, this.#ring.mean);
  }

  /** Seconds from dialling to an answer, at the middle of each fifth. */
  get ringFifths(): number[] {
    const survival = this.#toAnswer.survival(this.ringSeconds, PRIOR_STRENGTH);
    return [0.1, 0.3, 0.5, 0.7, 0.9].map((level) => quantile(survival, level));
  }

  get samples(): number {
    return this.#answer.weight;
  }

  /** Chance of an answer of a line that has rung for `ringMs`, given its chance at the start. */
  chance(ringMs: number, atStart: number): number {
    // Bayes' rule: `worth` is the odds of an answer that is still to come against no answer, by time rung.
    const worth = this.#worth[binOf(ringMs / 1000)]!;
    const open = atStart * worth;
    return open / (open + (1 - atStart));
  }

  /** The chance at the start of a line with this hint (NaN: none). */
  atStart(hint: number): number {
    if (Number.isNaN(hint)) return this.#learned;
    return Math.min(1, hint * this.#hintRatio);
  }

  get #learned(): number {
    const known = Math.max(this.#answer.mean, this.#cohorts.provenProbability);
    return Math.min(1, Math.max(0.004, known));
  }

  get #hintRatio(): number {
    return this.#hintAnswers / this.#hintPromised;
  }

  #rebuild(): void {
    this.#sinceRebuild = 0;
    const answer = this.#toAnswer.survival(this.ringSeconds, PRIOR_STRENGTH);
    const nothing = this.#toNothing.survival(this.ringSeconds, PRIOR_STRENGTH);
    for (let bin = 0; bin < BINS; bin++) {
      this.#worth[bin] = believed(
        0.5 * (answer[bin]! + answer[bin + 1]!),
        this.#toAnswer.weight + PRIOR_STRENGTH,
        0.5 * (nothing[bin]! + nothing[bin + 1]!),
        this.#toNothing.weight + PRIOR_STRENGTH,
      );
    }
  }
}

/**
 * Ratio of two survivals, drawn towards 1 as far as chance alone could explain it: an old line must not look better or worse
 * than a fresh one for no more than a few odd calls.
 */
function believed(answer: number, answers: number, nothing: number, nothings: number): number {
  const a = answer + 0.5 / answers;
  const n = nothing + 0.5 / nothings;
  const ratio = Math.log(a / n);
  const variance = (1 - answer) / (a * answers) + (1 - nothing) / (n * nothings);
  const share = 1 - (DOUBT * variance) / Math.max(1e-12, ratio * ratio);
  return share <= 0 ? 1 : Math.exp(share * ratio);
}
