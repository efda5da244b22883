import { Tally } from './tally.ts';

export interface VicidialSettings {
  method: 'RATIO' | 'HARD_LIMIT' | 'AVERAGE' | 'TAPERED';
  /** Dial level to start from, and the fixed one of RATIO. */
  level: number;
  maxLevel: number;
  /** Added to (ready − waiting); below 0 it keeps agents in reserve. */
  difference: number;
  /** Multiply the level by ready agents only, instead of by all. */
  readyOnly: boolean;
  cap: number;
  shiftMs: number;
}

const HOPPER_MS = 2_500;
const ADAPT_MS = 15_000;

/** VICIdial's auto-dial and its adaptive methods, as its published behaviour describes them. */
export class Vicidial extends Tally {
  #settings: VicidialSettings;
  #level: number;
  #hopperAt = 0;
  #adaptAt = 0;
  #startedAt = 0;
  #samples = 0;
  #ready = 0;
  #waitingSum = 0;

  constructor(settings: VicidialSettings) {
    super();
    this.#settings = settings;
    this.#level = settings.level;
  }

  protected override wanted(now: number): number {
    this.#startedAt ||= now;
    this.#samples++;
    this.#ready += this.idle;
    this.#waitingSum += this.waiting;
    if (this.#settings.method !== 'RATIO' && now >= this.#adaptAt) this.#adapt(now);
    if (now < this.#hopperAt) return 0;
    this.#hopperAt = now + HOPPER_MS;
    return this.#settings.readyOnly
      ? this.#level * this.idle - this.ringing - this.waiting
      : this.#level * this.agents - this.ringing - this.waiting - this.incall;
  }

  #adapt(now: number): void {
    const { method, difference, maxLevel, cap, shiftMs } = this.#settings;
    const first = this.#adaptAt === 0;
    this.#adaptAt = now + ADAPT_MS;
    const gap = (this.#ready - this.#waitingSum) / this.#samples + difference;
    this.#samples = this.#ready = this.#waitingSum = 0;
    if (first || this.agents === 0) return;
    let level = this.#level + gap / this.agents;
    if (this.abandonShare > cap) {
      const left = Math.max(0, 1 - (now - this.#startedAt) / shiftMs);
      if (method === 'HARD_LIMIT') level = 1;
      else if (method === 'AVERAGE') level *= 0.5;
      else level *= Math.min(1, left * (cap / this.abandonShare) + 0.25);
    }
    this.#level = Math.min(maxLevel, Math.max(1, level));
  }
}
