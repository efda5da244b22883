import type { DialerContext } from './context.ts';
import { settleLead } from './settle-lead.ts';

const everyMs = 60_000;
/** Longer than any of this dialer's own steps with a lead takes. */
const lostAfterMs = 10 * 60_000;

/**
 * Leads that the database holds for this dialer and the dialer knows nothing of: the answer to a reservation was lost
 * on its way, or giving one back failed. Without this they would wait for the next restart.
 */
export class LeadSweep {
  readonly #ctx: DialerContext;
  readonly #inHoppers: () => Iterable<number>;
  /** One is enough, however long the errands wait for the database. */
  #isQueued = false;

  constructor(ctx: DialerContext, inHoppers: () => Iterable<number>) {
    this.#ctx = ctx;
    this.#inHoppers = inHoppers;
  }

  /** Returns what ends it. */
  start(): () => void {
    const { app, errands } = this.#ctx;
    return app.clock.every(everyMs, () => {
      if (this.#isQueued) return;
      this.#isQueued = true;
      // Behind all that is still to be written of leads: what it finds is then nobody's.
      const sweep = () => {
        this.#isQueued = false;
        return this.#sweep();
      };
      errands.add('sweep leads', {}, sweep, () => (this.#isQueued = false));
    });
  }

  async #sweep(): Promise<void> {
    const { app, stores, calls, followUps, dialerId } = this.#ctx;
    const known = new Set([...this.#inHoppers(), ...followUps.leadIds()]);
    for (const { call } of calls.all()) if (call.leadId !== null) known.add(call.leadId);
    const now = app.clock.now();
    const old = await stores.leads.freeOldReservations(now - lostAfterMs, now);
    if (old > 0) app.log.warn({ freed: old }, 'leads that an older version had reserved are free');
    const held = await stores.leads.heldBy(dialerId);
    const lost = held.filter(
      ({ id, reservedAt, lastAttemptAt, state }) =>
        !known.has(id) &&
        (reservedAt ?? 0) < now - lostAfterMs &&
        (state === 'reserved' || (lastAttemptAt ?? 0) < now - lostAfterMs),
    );
    if (lost.length === 0) return;
    const reserved = lost.flatMap(({ id, state }) => (state === 'reserved' ? id : []));
    const released = await stores.leads.release(reserved, dialerId);
    let settled = 0;
    for (const lead of lost)
      if (lead.state === 'dialing' && (await settleLead(stores, lead, dialerId, now))) settled += 1;
    app.log.warn({ released, settled }, 'leads that were held for nothing went back');
  }
}
