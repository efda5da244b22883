import assert from 'node:assert/strict';
import type { Knex } from 'knex';
import { describe, it } from 'mocha';
import { createUnwrittenStore } from '../../../dialer/unwritten/index.ts';
import { eventually } from '../../support/eventually.ts';
import { JournalRig } from './journal-rig.ts';

describe('transitions that the database refuses', () => {
  const rig = new JournalRig();

  it('fault: an entry fails, nobody says why, and then the database is gone – it waits, and all are told', async () => {
    const hasty = rig.another({ retryMs: 1, triesUnexplained: 3 });
    let isFaulty = true;
    const write = () => {
      if (!isFaulty) return Promise.resolve(1);
      rig.store.away = true;
      return Promise.reject(new Error('unnamed'));
    };
    const event = { call_id: 'c1', at: 1, event: 'create', to_state: 'created' };
    const states: boolean[] = [];
    hasty.append({ subject: 'a fault', write, isLacking: () => Promise.resolve(false), eventTable: 'call_events', event, written: () => states.push(hasty.healthy) }); // prettier-ignore
    for (let n = 0; n < 5; n++) {
      await eventually(() => assert.ok(rig.store.away && !hasty.healthy));
      assert.equal(hasty.pending, 1);
      rig.store.away = false;
    }
    isFaulty = false;
    rig.store.away = false;
    await hasty.flushed();
    assert.deepEqual([states, await createUnwrittenStore(rig.app).count()], [[true], 0]);
    await hasty.close();
  });

  it('fault: the database refuses a transition, and the place aside as well – it waits, says so, and nothing is lost', async () => {
    const live = rig.create('c1');
    await rig.journal.flushed();
    for (const table of ['call_events', 'unwritten_transitions'])
      await rig.app.db.knex.raw(`create trigger no_${table} before insert on ${table} begin select raise(abort, 'no'); end`); // prettier-ignore
    rig.calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    await eventually(() => assert.equal(rig.journal.healthy, false));
    assert.equal(rig.journal.pending, 1);
    for (const table of ['call_events', 'unwritten_transitions'])
      await rig.app.db.knex.raw(`drop trigger no_${table}`);
    await rig.journal.flushed();
    assert.deepEqual(await rig.events('c1'), ['null create created', 'created dial dialing']);
  });

  it('fault: the first transition of a call is refused – those after it are set aside with it, and all are written in their order when they are tried again', async () => {
    await rig.app.db.knex.raw(`create trigger refuses before insert on calls begin select raise(abort, 'refused'); end`); // prettier-ignore
    const live = rig.create('c1');
    await rig.journal.flushed();
    rig.calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    rig.calls.apply(live, { type: 'ringing' });
    await rig.journal.flushed();
    const aside = async () => (await createUnwrittenStore(rig.app).all()).map(({ event }) => event.event);
    assert.deepEqual(await aside(), ['create', 'dial', 'ringing']);
    assert.equal(await rig.journal.writeAside(), 3);
    assert.deepEqual(await aside(), ['create', 'dial', 'ringing'], 'it still refuses');
    await rig.app.db.knex.raw('drop trigger refuses');
    assert.equal(await rig.journal.writeAside(), 0);
    assert.deepEqual([await aside(), await rig.call('c1')], [[], live.call]);
    assert.deepEqual(await rig.events('c1'), [
      'null create created',
      'created dial dialing',
      'dialing ringing ringing',
    ]);
  });

  it('fault: another process has taken away what this run has set aside, and written its event alone – the row is written all the same', async () => {
    await rig.app.db.knex.raw(`create trigger refuses before insert on calls begin select raise(abort, 'refused'); end`); // prettier-ignore
    const live = rig.create('c1');
    rig.calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    await rig.journal.flushed();
    const aside = createUnwrittenStore(rig.app);
    const takeAway = async () => {
      for (const one of await aside.all()) assert.equal(await aside.write(one), 'written');
    };
    await takeAway();
    assert.equal(await rig.journal.writeAside(), 2);
    const shown = (await aside.all()).map(({ subject, error }) => [subject, /refused/.test(error)]);
    assert.deepEqual(shown, [['call c1', true]], 'it still refuses, and says so again');
    await takeAway();
    await rig.app.db.knex.raw('drop trigger refuses');
    assert.deepEqual(await Promise.all([rig.journal.writeAside(), rig.journal.writeAside()]), [0, 0]);
    assert.deepEqual(await rig.call('c1'), live.call);
    assert.deepEqual(await rig.events('c1'), ['null create created', 'created dial dialing']);
    assert.equal(await aside.count(), 0);
  });

  it('fault: the database is away while another process writes the events of what this run has set aside – the rows are written as soon as it is back', async () => {
    await rig.app.db.knex.raw(`create trigger refuses before insert on calls begin select raise(abort, 'refused'); end`); // prettier-ignore
    const live = rig.create('c1');
    rig.calls.apply(live, { type: 'dial', trunkId: 1, callerId: null });
    await rig.journal.flushed();
    await rig.app.db.knex.raw('drop trigger refuses');
    rig.store.away = true;
    const other = rig.create('c2');
    await eventually(() => assert.equal(rig.journal.healthy, false));
    const aside = createUnwrittenStore(rig.app);
    for (const one of await aside.all()) assert.equal(await aside.write(one), 'written');
    assert.equal(await rig.call('c1'), null);
    rig.store.away = false;
    await eventually(async () => assert.deepEqual(await rig.call('c1'), live.call));
    assert.deepEqual(await rig.call('c2'), other.call);
    assert.deepEqual(await rig.events('c1'), ['null create created', 'created dial dialing']);
  });

  it('fault: the end of a call is refused – what is kept with it is kept all the same, and once', async () => {
    const live = rig.create('c1');
    await rig.journal.flushed();
    await rig.app.db.knex.raw(`create trigger refuses before insert on call_events begin select raise(abort, 'refused'); end`); // prettier-ignore
    const wish = { call_id: 'c1', dialer_id: 'd1', e164: '+14155550100', pressed_at: 1 };
    const also = async (trx: Knex.Transaction) => void (await trx('opt_outs').insert(wish));
    rig.calls.apply(live, { type: 'dial', trunkId: 1, callerId: null }, { also });
    await rig.journal.flushed();
    assert.deepEqual(await rig.app.db.knex('opt_outs'), [wish]);
    // It is done, and must not come back.
    await rig.app.db.knex('opt_outs').delete();
    await rig.app.db.knex.raw('drop trigger refuses');
    assert.equal(await rig.journal.writeAside(), 0);
    assert.deepEqual(await rig.app.db.knex('opt_outs'), []);
    assert.deepEqual(await rig.call('c1'), live.call);
  });

  it('writes what an earlier run has set aside, and what stands there already not again', async () => {
    const live = rig.create('c1');
    await rig.journal.flushed();
    const row = await rig.app.db.knex('call_events').first();
    const store = createUnwrittenStore(rig.app);
    const letter = { dialerId: 'main', subject: 'call c1', eventTable: 'call_events', error: '', failedAt: 1 } as const; // prettier-ignore
    const { id: _, ...event } = row;
    await store.keep({ ...letter, event });
    await store.keep({ ...letter, event: { ...event, event: 'dial', from_state: 'created', to_state: 'dialing' } }); // prettier-ignore
    assert.equal(await rig.journal.writeAside(), 0);
    assert.deepEqual(await rig.events(live.call.id), ['null create created', 'created dial dialing']);
  });
});
