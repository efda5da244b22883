import { CommandRefused } from '../../core/bus/bus.ts';

/** Calls with which something is being done at the switch: one thing at a time, or the customer is left between two. */
export class CallsInHand {
  readonly #working = new Map<string, Promise<unknown>>();

  has(callId: string): boolean {
    return this.#working.has(callId);
  }

  /** Resolves when nothing is being done with it, whatever came of that. */
  async idle(callId: string): Promise<void> {
    for (let work; (work = this.#working.get(callId));) await work.catch(() => {});
  }

  /** @throws CommandRefused where something else is being done with it */
  async alone<T>(callId: string, work: () => Promise<T>): Promise<T> {
    if (this.#working.has(callId)) throw new CommandRefused('transfer-under-way');
    const working = work().finally(() => this.#working.delete(callId));
    this.#working.set(callId, working);
    return working;
  }
}
