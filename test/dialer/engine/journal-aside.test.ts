import assert from 'node:assert/strict';
import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Campaign } from '../../../campaigns/index.ts';
import type { Database } from '../../../core/database/database.ts';
import { createCallStore } from '../../../dialer/calls/call-store.ts';
import { Journal } from '../../../dialer/engine/journal.ts';
import { createUnwrittenStore } from '../../../dialer/unwritten/index.ts';
import { LiveCalls, type CallTerms } from '../../../dialer/engine/live-calls.ts';
import type { NewCall } from '../../../dialer/calls/call.ts';
import { eventually } from '../../support/eventually.ts';
import { testApp, type TestApp } from '../../support/app.ts';

/** A database that can be taken away: every transaction and ping fails until it is given back. */
function removable(db: Database): { db: Database; away: boolean } {
  const state = { db, away: false };
  const gone = () =>
    Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  state.db = new Proxy(db, {
    get(target, key) {
      if (state.away && (key === 'transaction' || key === 'ping')) return gone;
      const value = Reflect.get(target, key) as unknown;
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  return state;
}

describe('transitions that the database refuses', () => {
  let app: TestApp;
  let journal: Journal;
  let store: ReturnType<typeof removable>;
  let calls: LiveCalls;

  beforeEach(async () => {
    app = await testApp();
    store = removable(app.db);
    journal = new Journal({ ...app, db: store.db }, { retryMs: 5 });
    calls = new LiveCalls(app, { store: createCallStore(app), journal, dialerId: 'd1' });
  });
  afterEach(async () => {
    await journal.close();
    await app.close();
  });

  const given = (id: string): NewCall => ({
    id,
    direction: 'out',
    path: 'predictive',
    campaignId: 1,
    leadId: 1,
    customerId: 1,
    e164: '+14155550100',
    attempt: 1,
  });
  const terms: CallTerms = { campaign: { id: 1 } as Campaign, trunkIds: [1] };
  const create = (id: string) => calls.create(given(id), terms);
  const events = async (id: string) =>
    (await app.db.knex('call_events').where({ call_id: id }).orderBy('id')).map(
      (row: { from_state: string | null; event: string; to_state: string }) =>
        `${row.from_state} ${row.event} ${row.to_state}`,
    );

  it('fault: an entry fails, nobody says why, and then the database is gone – it waits, and all are told', async () => {
    const hasty = new Journal({ ...app, db: store.db }, { retryMs: 1, triesUnexplained: 3 });
    let isFaulty = true;
    const write = () => {
      if (!isFaulty) return Promise.resolve(1);
      store.away = true;
      return Promise.reject(new Error('unnamed'));
    };
    const event = { call_id: 'c1', at: 1, event: 'create', to_state: 'created' };
    const states: boolean[] = [];
    hasty.append({ subject: 'a fault', write, isLacking: () => Promise.resolve(false), eventTable: 'call_events', event, written: () => states.push(hasty.healthy) }); // prettier-ignore
    for (let n = 0; n < 5; n++) {
      await eventually(() => assert.ok(store.away && !hasty.healthy));
      assert.equal(hasty.pending, 1);
      store.away = false;
    }
    isFaulty = false;
    store.away = false;
    await hasty.flushed();
    assert.deepEqual([states, await createUnwrittenStore(app).count()], [[true], 0]);
    await hasty.close();
  });

  it('fault: the database refuses a transition, and the place aside as well – it waits, says so, and nothing is lost', async () => {
    const live = create('c1');
    await journal.flushed();
    for (const table of ['call_events', 'unwritten_transitions'])
      await app.db.knex.raw(`create trigger no_${table} before insert on ${table} begin select raise(abort, 'no'); end`); // prettier-ignore
    calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    await eventually(() => assert.equal(journal.healthy, false));
    assert.equal(journal.pending, 1);
    for (const table of ['call_events', 'unwritten_transitions'])
      await app.db.knex.raw(`drop trigger no_${table}`);
    await journal.flushed();
    assert.deepEqual(await events('c1'), ['null create created', 'created dial dialing']);
  });

  it('fault: the first transition of a call is refused – those after it are set aside with it, and all are written in their order when they are tried again', async () => {
    await app.db.knex.raw(`create trigger refuses before insert on calls begin select raise(abort, 'refused'); end`); // prettier-ignore
    const live = create('c1');
    await journal.flushed();
    calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    calls.apply(live, { type: 'ringing' });
    await journal.flushed();
    const aside = async () => (await createUnwrittenStore(app).all()).map(({ event }) => event.event);
    assert.deepEqual(await aside(), ['create', 'dial', 'ringing']);
    assert.equal(await journal.writeAside(), 3);
    assert.deepEqual(await aside(), ['create', 'dial', 'ringing'], 'it still refuses');
    await app.db.knex.raw('drop trigger refuses');
    assert.equal(await journal.writeAside(), 0);
    assert.deepEqual([await aside(), await createCallStore(app).get('c1')], [[], live.call]);
    assert.deepEqual(await events('c1'), [
      'null create created',
      'created dial dialing',
      'dialing ringing ringing',
    ]);
  });

  it('fault: another process has taken away what this run has set aside, and written its event alone – the row is written all the same', async () => {
    await app.db.knex.raw(`create trigger refuses before insert on calls begin select raise(abort, 'refused'); end`); // prettier-ignore
    const live = create('c1');
    calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    await journal.flushed();
    const aside = createUnwrittenStore(app);
    const takeAway = async () => {
      for (const one of await aside.all()) assert.equal(await aside.write(one), 'written');
    };
    await takeAway();
    assert.equal(await journal.writeAside(), 2);
    const shown = (await aside.all()).map(({ subject, error }) => [subject, /refused/.test(error)]);
    assert.deepEqual(shown, [['call c1', true]], 'it still refuses, and says so again');
    await takeAway();
    await app.db.knex.raw('drop trigger refuses');
    assert.deepEqual(await Promise.all([journal.writeAside(), journal.writeAside()]), [0, 0]);
    assert.deepEqual(await createCallStore(app).get('c1'), live.call);
    assert.deepEqual(await events('c1'), ['null create created', 'created dial dialing']);
    assert.equal(await aside.count(), 0);
  });

  it('fault: the database is away while another process writes the events of what this run has set aside – the rows are written as soon as it is back', async () => {
    await app.db.knex.raw(`create trigger refuses before insert on calls begin select raise(abort, 'refused'); end`); // prettier-ignore
    const live = create('c1');
    calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    await journal.flushed();
    await app.db.knex.raw('drop trigger refuses');
    store.away = true;
    const other = create('c2');
    await eventually(() => assert.equal(journal.healthy, false));
    const aside = createUnwrittenStore(app);
    for (const one of await aside.all()) assert.equal(await aside.write(one), 'written');
    assert.equal(await createCallStore(app).get('c1'), null);
    store.away = false;
    await eventually(async () => assert.deepEqual(await createCallStore(app).get('c1'), live.call));
    assert.deepEqual(await createCallStore(app).get('c2'), other.call);
    assert.deepEqual(await events('c1'), ['null create created', 'created dial dialing']);
  });

  it('fault: the end of a call is refused – what is kept with it is kept all the same, and once', async () => {
    const live = create('c1');
    await journal.flushed();
    await app.db.knex.raw(`create trigger refuses before insert on call_events begin select raise(abort, 'refused'); end`); // prettier-ignore
    const wish = { call_id: 'c1', dialer_id: 'd1', e164: '+14155550100', pressed_at: 1 };
    const also = async (trx: Knex.Transaction) => void (await trx('opt_outs').insert(wish));
    calls.apply(live, { type: 'dial', trunkId: 1, callerId: null }, { also });
    await journal.flushed();
    assert.deepEqual(await app.db.knex('opt_outs'), [wish]);
    // It is done, and must not come back.
    await app.db.knex('opt_outs').delete();
    await app.db.knex.raw('drop trigger refuses');
    assert.equal(await journal.writeAside(), 0);
    assert.deepEqual(await app.db.knex('opt_outs'), []);
    assert.deepEqual(await createCallStore(app).get('c1'), live.call);
  });

  it('writes what an earlier run has set aside, and what stands there already not again', async () => {
    const live = create('c1');
    await journal.flushed();
    const row = await app.db.knex('call_events').first();
    const store = createUnwrittenStore(app);
    const letter = { dialerId: 'main', subject: 'call c1', eventTable: 'call_events', error: '', failedAt: 1 } as const; // prettier-ignore
    const { id: _, ...event } = row;
    await store.keep({ ...letter, event });
    await store.keep({ ...letter, event: { ...event, event: 'dial', from_state: 'created', to_state: 'dialing' } }); // prettier-ignore
    assert.equal(await journal.writeAside(), 0);
    assert.deepEqual(await events(live.call.id), ['null create created', 'created dial dialing']);
  });
});
