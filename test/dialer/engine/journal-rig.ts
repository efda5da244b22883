import { afterEach, beforeEach } from 'mocha';
import type { Campaign } from '../../../campaigns/index.ts';
import type { Database } from '../../../core/database/database.ts';
import type { NewCall } from '../../../dialer/calls/call.ts';
import { createCallStore } from '../../../dialer/calls/call-store.ts';
import { Journal, type JournalOptions } from '../../../dialer/engine/journal.ts';
import { LiveCalls, type CallTerms } from '../../../dialer/engine/live-calls.ts';
import { testApp, type TestApp } from '../../support/app.ts';

/**
 * A database that can be taken away: every transaction and ping fails until it is given back. While it is `shut` it
 * answers, and the connection of each transaction is given up.
 */
function removable(db: Database): { db: Database; away: boolean; shut: boolean; losesAnswer: boolean } {
  const state = { db, away: false, shut: false, losesAnswer: false };
  const closed = () => Promise.reject(Object.assign(new Error('in closed state'), { fatal: true }));
  const gone = () =>
    Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  state.db = new Proxy(db, {
    get(target, key) {
      if (state.away && (key === 'transaction' || key === 'ping')) return gone;
      if (state.shut && key === 'transaction') return closed;
      if (state.losesAnswer && key === 'transaction')
        return async (...given: Parameters<Database['transaction']>) => {
          state.losesAnswer = false;
          await target.transaction(...given);
          return gone();
        };
      const value = Reflect.get(target, key) as unknown;
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  return state;
}

export const given = (id: string): NewCall => ({
  id,
  direction: 'out',
  path: 'predictive',
  campaignId: 1,
  leadId: 1,
  customerId: 1,
  e164: '+14155550100',
  attempt: 1,
});
export const terms: CallTerms = { campaign: { id: 1 } as Campaign, trunkIds: [1] };

/** For each test a journal on a database that can be taken away, and calls that are written through it. */
export class JournalRig {
  app!: TestApp;
  store!: ReturnType<typeof removable>;
  journal!: Journal;
  calls!: LiveCalls;

  constructor() {
    beforeEach(async () => {
      this.app = await testApp();
      this.store = removable(this.app.db);
      this.journal = this.another({ retryMs: 5 });
      this.calls = this.callsOf(this.journal);
    });
    afterEach(async () => {
      await this.journal.close();
      await this.app.close();
    });
  }

  another(options: JournalOptions): Journal {
    return new Journal({ ...this.app, db: this.store.db }, options);
  }

  callsOf(journal: Journal): LiveCalls {
    return new LiveCalls(this.app, { store: createCallStore(this.app), journal, dialerId: 'd1' });
  }

  create(id: string) {
    return this.calls.create(given(id), terms);
  }

  /** The row of a call. */
  call(id: string) {
    return createCallStore(this.app).get(id);
  }

  async events(id: string): Promise<string[]> {
    const rows = await this.app.db.knex('call_events').where({ call_id: id }).orderBy('id');
    return rows.map(
      (row: { from_state: string | null; event: string; to_state: string }) =>
        `${row.from_state} ${row.event} ${row.to_state}`,
    );
  }
}
