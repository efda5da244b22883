import { CommandRefused } from '../../core/bus/bus.ts';

/** Calls with which something is being done at the switch: one thing at a time, or the customer is left between two. */
export class CallsInHand {
  readonly #ids = new Set<string>();

  has(callId: string): boolean {
    return this.#ids.has(callId);
  }

  /** @throws CommandRefused where something else is being done with it */
  async alone<T>(callId: string, work: () => Promise<T>): Promise<T> {
    if (this.#ids.has(callId)) throw new CommandRefused('transfer-under-way');
    this.#ids.add(callId);
    try {
      return await work();
    } finally {
      this.#ids.delete(callId);
    }
  }
}
