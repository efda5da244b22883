import type { Clock } from '../../../core/clock/clock.ts';
import type { Refusal } from '../customers.ts';

export interface CarrierLimits {
  /** Calls at a time. */
  channels: number;
  callsPerSecond: number;
  /** Refuses every call with 503. */
  down?: boolean;
  /** Refuses every call with this. */
  refusal?: Refusal;
}

/** A carrier behind a trunk: takes calls within its limits, refuses the others. */
export class Carrier {
  readonly name: string;
  limits: CarrierLimits;
  readonly #clock: Clock;
  readonly #begun: number[] = [];
  active = 0;

  constructor(name: string, limits: CarrierLimits, clock: Clock) {
    this.name = name;
    this.limits = limits;
    this.#clock = clock;
  }

  /** Takes the call, or answers false when it would pass a limit. */
  take(): boolean {
    const now = this.#clock.now();
    while (this.#begun.length > 0 && now - (this.#begun[0] as number) >= 1000) this.#begun.shift();
    if (this.limits.down || this.limits.refusal) return false;
    if (this.active >= this.limits.channels || this.#begun.length >= this.limits.callsPerSecond) return false;
    this.#begun.push(now);
    this.active++;
    return true;
  }

  release(): void {
    this.active--;
  }
}
