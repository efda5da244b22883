import type { OptOut } from '../calls/opt-out-store.ts';
import type { DialerContext } from './context.ts';
import type { AlsoWritten } from './journal.ts';

/** Stops all calls to who has pressed the opt-out digit, whatever happens to this process meanwhile. */
export class OptOuts {
  readonly #ctx: DialerContext;

  constructor(ctx: DialerContext) {
    this.#ctx = ctx;
  }

  /** Returns what keeps the wish, for the transaction in which the call ends. */
  add(optOut: OptOut): AlsoWritten {
    const { journal, stores, dialerId } = this.#ctx;
    this.#list(optOut, [['journal', () => journal.flushed()]]);
    return (trx) => stores.optOuts.keep(optOut, dialerId, trx);
  }

  /** What the dialer of this name has heard and could not put on the list. How many that are. */
  async addKept(dialerId: string): Promise<number> {
    const kept = await this.#ctx.stores.optOuts.keptBy(dialerId);
    for (const optOut of kept) this.#list(optOut, []);
    return kept.length;
  }

  #list(optOut: OptOut, behind: readonly [string, () => Promise<unknown>][]): void {
    const { followUps, stores, callNoMore, calls } = this.#ctx;
    const { callId, e164, customerId, leadId, at } = optOut;
    const asked = { e164, customerId, callId, reason: 'opt-out', source: 'customer', by: null, at } as const;
    const key = `opt-out ${callId}`;
    const lead: [string, () => Promise<unknown>][] =
      leadId === null ? [] : [['lead', () => stores.leads.optOut(leadId, at)]];
    calls.keepFrom(key, { e164, customerId });
    followUps.add({
      ...{ key, about: { call: callId }, leadId: null, once: true },
      steps: [['opt-out', () => callNoMore(asked)], ...lead, ...behind],
      done: () => stores.optOuts.listed(callId),
      over: () => calls.letGo(key),
    });
  }
}
