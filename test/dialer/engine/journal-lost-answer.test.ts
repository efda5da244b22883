import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'mocha';
import type { Campaign } from '../../../campaigns/index.ts';
import type { Database } from '../../../core/database/database.ts';
import { createCallStore } from '../../../dialer/calls/call-store.ts';
import { Journal } from '../../../dialer/engine/journal.ts';
import { LiveCalls } from '../../../dialer/engine/live-calls.ts';
import { createUnwrittenStore } from '../../../dialer/unwritten/index.ts';
import { onBothEngines } from '../../campaigns/engines.ts';

/** The real database, whose connection ends after the next commit and before its answer where `losesAnswer` is set. */
function losing(db: Database): { db: Database; losesAnswer: boolean } {
  const state = { db, losesAnswer: false };
  const transaction = async (...given: Parameters<Database['transaction']>) => {
    const done = await db.transaction(...given);
    if (!state.losesAnswer) return done;
    state.losesAnswer = false;
    throw Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
  };
  state.db = new Proxy(db, {
    get(target, key) {
      if (key === 'transaction') return transaction;
      const value = Reflect.get(target, key) as unknown;
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  return state;
}

onBothEngines('transitions whose commit has lost its answer', (app) => {
  let journal: Journal;
  let store: ReturnType<typeof losing>;
  let calls: LiveCalls;
  let made = 0;
  let id: string;

  beforeEach(async () => {
    await app().db.knex('unwritten_transitions').delete();
    store = losing(app().db);
    journal = new Journal({ ...app(), db: store.db }, { retryMs: 5 });
    calls = new LiveCalls(app(), { store: createCallStore(app()), journal, dialerId: 'd1' });
    id = `c${++made}`;
  });
  afterEach(() => journal.close());

  const create = () =>
    calls.create(
      { id, direction: 'out', path: 'predictive', campaignId: 1, leadId: 1, customerId: 1, e164: '+1', attempt: 1 }, // prettier-ignore
      { campaign: { id: 1 } as Campaign, trunkIds: [1] },
    );
  const events = () => app().db.knex('call_events').where({ call_id: id }).orderBy('id').pluck('event');
  const aside = async () => (await createUnwrittenStore(app()).all()).map(({ event }) => event.event);
  /** A transition of the call that the database refuses until `mended`. */
  const refused = (mended: { yet: boolean }) =>
    journal.append({
      subject: `call ${id}`,
      write: async (trx) => (mended.yet || (await trx('no_such_table').delete()), 1),
      isLacking: () => Promise.resolve(false),
      ...{ eventTable: 'call_events', written() {} },
      event: { call_id: id, at: 1, event: 'refused', from_state: 'created', to_state: 'created' },
    });

  it('a call is made and moved – it stands there once, and nothing is set aside', async () => {
    store.losesAnswer = true;
    const live = create();
    calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    calls.apply(live, { type: 'ringing' });
    await journal.flushed();
    assert.equal(store.losesAnswer, false, 'the answer was lost');
    assert.deepEqual(await aside(), []);
    assert.deepEqual(await events(), ['create', 'dial', 'ringing']);
    assert.deepEqual(await createCallStore(app()).get(id), live.call);
  });

  it('an earlier transition is set aside already – those that stand there are not set aside behind it', async () => {
    const mended = { yet: false };
    const live = create();
    refused(mended);
    await journal.flushed();
    store.losesAnswer = true;
    calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    await journal.flushed();
    assert.equal(store.losesAnswer, false, 'the answer was lost');
    assert.deepEqual([await aside(), await events()], [['refused'], ['create', 'dial']]);
    assert.equal(await journal.writeAside(), 1, 'tried as the database was back, and refused still');
    store.losesAnswer = true;
    mended.yet = true;
    assert.equal(await journal.writeAside(), 1, 'written, and not known to be');
    assert.equal(await journal.writeAside(), 0);
    assert.deepEqual([await aside(), await events()], [[], ['create', 'dial', 'refused']]);
    assert.deepEqual(await createCallStore(app()).get(id), live.call);
  });
});
