import type { Call } from '../calls/call.ts';

export type Person = Pick<Call, 'e164' | 'customerId'>;

/**
 * Whom this dialer is about to call or has on a line: one call at a time for each number and each customer, whatever
 * campaign or agent wants it. The gate counts the calls that are written down, and a call is written down only after
 * its answer: two who asked at once would both be let through.
 */
export class PeopleInCalls {
  readonly #calls = new Map<string | number, Set<string>>();
  readonly #keys = new Map<string, Set<string | number>>();

  /** False, and nothing is held, when another call has the number or the customer. */
  take(callId: string, person: Person): boolean {
    for (const key of keysOf(person))
      for (const holder of this.#calls.get(key) ?? []) if (holder !== callId) return false;
    this.add(callId, person);
    return true;
  }

  /** For a call that is there, whoever else is called. */
  add(callId: string, person: Person): void {
    const keys = this.#keys.get(callId) ?? new Set();
    this.#keys.set(callId, keys);
    for (const key of keysOf(person)) {
      keys.add(key);
      const holders = this.#calls.get(key);
      if (holders) holders.add(callId);
      else this.#calls.set(key, new Set([callId]));
    }
  }

  free(callId: string): void {
    for (const key of this.#keys.get(callId) ?? []) {
      const holders = this.#calls.get(key);
      holders?.delete(callId);
      if (holders?.size === 0) this.#calls.delete(key);
    }
    this.#keys.delete(callId);
  }
}

function keysOf({ e164, customerId }: Person): (string | number)[] {
  return [...(e164 === '' ? [] : [e164]), ...(customerId === null ? [] : [customerId])];
}
