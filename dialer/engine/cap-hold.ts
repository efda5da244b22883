import type { Clock } from '../../core/clock/clock.ts';
import type { PacingDecision } from '../pacing/index.ts';

/** So long one line for each free agent, until the gate is asked again whether more are lawful. */
const heldMs = 60_000;

/**
 * Too many calls of a campaign were abandoned: not one more may be dialled ahead of a free agent. With one, calls go on,
 * as progressive ones.
 */
export class CapHold {
  readonly #clock: Clock;
  #until = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isOn(): boolean {
    return this.#clock.now() < this.#until;
  }

  /** The gate has said so. */
  begin(): void {
    this.#until = this.#clock.now() + heldMs;
  }

  /** What may be done of that decision. */
  apply(decision: PacingDecision): PacingDecision {
    if (!this.isOn || decision.mode === 'progressive') return decision;
    const { facts } = decision;
    const steady = Math.max(0, facts.idle - facts.waiting - facts.ringing);
    return {
      ...decision,
      launch: Math.min(decision.launch, steady),
      mode: 'progressive',
      code: 'budget-spent',
      facts: { ...facts, limit: 'budget' },
    };
  }
}
