import { BINS, binOf, DriftingMean, edges, LengthHistogram, quantile, survivalAt } from './learning.ts';

const PRIOR_STRENGTH = 40;
const REBUILD_EVERY = 16;
const WRAP_POINTS = [0.1, 0.3, 0.5, 0.7, 0.9];

/**
 * What is known of agents at work: lengths of talk and wrap-up, and from them the chance that an agent who has been at it
 * for some time is free by the moment a call launched now is answered.
 */
export class DeskModel {
  #talk = new DriftingMean(120, 2, { fast: 30, slow: 400, fastSeconds: 120, slowSeconds: 900 });
  #wrap = new DriftingMean(8, 2, { fast: 30, slow: 400, fastSeconds: 120, slowSeconds: 900 });
  #talks = new LengthHistogram(500);
  #wraps = new LengthHistogram(500);
  #fromTalk = new Float64Array(BINS);
  #fromWrap = new Float64Array(BINS);
  #average = 0;
  #sinceRebuild = REBUILD_EVERY;
  #completed = 0;
  #talkSeconds = 0;
  #ongoing = { talks: 0, seconds: 0 };

  talked(ms: number, at: number): void {
    this.#completed++;
    this.#talkSeconds += ms / 1000;
    this.#talk.add(ms / 1000, at);
    this.#talks.add(ms / 1000);
    this.#sinceRebuild++;
  }

  wrapped(ms: number, at: number): void {
    this.#wrap.add(ms / 1000, at);
    this.#wraps.add(ms / 1000);
  }

  /** Mean seconds of talk and wrap-up. */
  get handleSeconds(): number {
    return Math.max(1, this.#talkMean + this.#wrap.mean);
  }

  /** Talks that go on now, and how long they have lasted together. */
  underWay(talks: number, seconds: number): void {
    this.#ongoing = { talks, seconds };
  }

  /**
   * In the first talks of a day the short ones end first; until each agent has ended some, the time of talks still under way
   * is counted in (the estimate of greatest likelihood for lengths cut off).
   */
  get #talkMean(): number {
    const { talks, seconds } = this.#ongoing;
    if (this.#completed >= 3 * talks) return this.#talk.mean;
    return (2 * 120 + this.#talkSeconds + seconds) / (2 + this.#completed);
  }

  get completed(): number {
    return this.#completed;
  }

  /** Chance to be free by the time a new call is answered, after `seconds` of talk or of wrap-up. */
  freeFromTalk(seconds: number): number {
    return this.#fromTalk[binOf(seconds)]!;
  }

  freeFromWrap(seconds: number): number {
    return this.#fromWrap[binOf(seconds)]!;
  }

  /** The same, averaged over a busy agent seen at any moment. */
  get freeOnAverage(): number {
    return this.#average;
  }

  /** Recomputes the chances when enough has been learnt since. `ringFifths`: seconds from dialling to an answer. */
  refresh(ringFifths: () => readonly number[]): void {
    if (this.#sinceRebuild < REBUILD_EVERY) return;
    this.#sinceRebuild = 0;
    const rings = ringFifths();
    const talk = this.#talks.survival(this.#talkMean, PRIOR_STRENGTH);
    const wrap = this.#wraps.survival(Math.max(0.1, this.#wrap.mean), 0.3 * PRIOR_STRENGTH);
    const wraps = WRAP_POINTS.map((level) => quantile(wrap, level));
    let weight = 0;
    let sum = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const age = 0.5 * (edges[bin]! + edges[bin + 1]!);
      const width = edges[bin + 1]! - edges[bin]!;
      const stillTalking = survivalAt(talk, age);
      const stillWrapping = survivalAt(wrap, age);
      let byTalk = 0;
      let byWrap = 0;
      for (const ring of rings) {
        byWrap += 1 - survivalAt(wrap, age + ring) / Math.max(1e-9, stillWrapping);
        for (const wrapup of wraps)
          if (ring > wrapup)
            byTalk +=
              (1 - survivalAt(talk, age + ring - wrapup) / Math.max(1e-9, stillTalking)) / wraps.length;
      }
      this.#fromTalk[bin] = byTalk / rings.length;
      this.#fromWrap[bin] = byWrap / rings.length;
      sum += width * (stillTalking * this.#fromTalk[bin]! + stillWrapping * this.#fromWrap[bin]!);
      weight += width * (stillTalking + stillWrapping);
    }
    this.#average = weight > 0 ? sum / weight : 0;
  }
}
