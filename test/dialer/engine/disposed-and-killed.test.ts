import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createLeadStore } from '../../../campaigns/index.ts';
import { createTimelineStore } from '../../../crm/index.ts';
import { createCallStore } from '../../../dialer/calls/call-store.ts';
import { createCellStore } from '../../../dialer/cells/cell-store.ts';
import { DraftStore } from '../../../dialer/drafts/draft-store.ts';
import type { Dialer } from '../../../dialer/index.ts';
import { createMissedWrapupStore } from '../../../dialer/missed-wrapups/index.ts';
import type { AgentTransition, DispositionGiven } from '../../../dialer/protocol.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';

const never = new Promise<never>(() => {});

/**
 * The app of a process that stands still once it has written an event of this name: of its transactions none begins any
 * more, and those that wait for their turn never have it.
 */
function mortal(app: TestApp) {
  const state: { isDead: boolean; diesAt: string | null } = { isDead: false, diesAt: null };
  const killed = new Error('killed');
  const transaction: typeof app.db.transaction = (work) => {
    if (state.isDead) return never;
    const begun = app.db.transaction((trx) => {
      if (state.isDead) throw killed;
      return work(trx);
    });
    return begun.catch((error: unknown) => (error === killed ? never : Promise.reject(error as Error)));
  };
  const insertMany: typeof app.db.insertMany = (table, rows, trx) => {
    const isLast = (row: object) => (row as { event?: string }).event === state.diesAt;
    if (table === 'agent_events' && rows.some(isLast)) state.isDead = true;
    return app.db.insertMany(table, rows, trx);
  };
  const db = new Proxy(app.db, {
    get(target, key) {
      if (key === 'transaction') return transaction;
      if (key === 'insertMany') return insertMany;
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === 'function' && key !== 'knex' ? (value.bind(target) as unknown) : value;
    },
  });
  return { app: { ...app, db }, state };
}

describe('a dialer that is killed when a wrap-up has just ended (fault: nothing is written behind the agent’s transition)', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let process: ReturnType<typeof mortal>;
  let userId: number;
  let callId: string;
  let next: Dialer;

  beforeEach(async () => {
    process = mortal(await testApp());
    rig = await dialerRig({ app: process.app });
    ({ userId } = await startOneAgent(rig, [person], { wrapupLimitMs: 10_000 }));
    await rig.ready(userId);
    const { call } = await whenAgent(rig, userId, 'on call', ({ state }) => state === 'on-call');
    callId = call!.id;
    await rig.ask('agent.hangup', { userId, callId });
    await whenAgent(rig, userId, 'wrap-up', ({ state }) => state === 'wrapup');
    await rig.dialer.settled();
  });
  afterEach(() => rig.close());

  const knex = () => rig.app.db.knex;
  const handIn = (dispositionId: number) =>
    rig.ask('agent.dispose', { userId, callId, dispositionId, note: '', next: 'paused', pauseCodeId: 1 });
  const killedAt = (event: string) =>
    new Promise<void>((resolve) => {
      process.state.diesAt = event;
      rig.app.bus.subscribe('agent.transition', (payload) => {
        if ((payload as AgentTransition).event === event) resolve();
      });
    });
  const startAnew = async () => {
    await rig.kill();
    process.state.isDead = false;
    process.state.diesAt = null;
    next = await rig.restart();
    await next.settled();
  };
  const disposed = async (code: string, callback?: DispositionGiven['callback']) => {
    const killed = killedAt('disposed');
    const dispositionId = await rig.disposition(code);
    const given = {
      userId,
      callId,
      dispositionId,
      note: 'as agreed',
      next: 'paused',
      pauseCodeId: 1,
    } as const;
    await rig.ask('agent.dispose', callback ? { ...given, callback } : given);
    await killed;
    assert.equal((await knex()('leads').first()).state, 'dialing', 'it died too late');
    await startAnew();
    return dispositionId;
  };
  const kinds = async () => (await knex()('timeline_entries').orderBy('id')).map(({ kind }) => kind);

  it('puts who asked not to be called on the list, and everything else as it was handed in', async () => {
    const dispositionId = await disposed('do_not_call');
    const listed = await knex()('dnc_numbers');
    assert.deepEqual(
      listed.map(({ e164 }) => e164),
      [person],
    );
    const lead = await knex()('leads').first();
    assert.deepEqual([lead.state, lead.last_disposition_id], ['blocked', dispositionId]);
    const call = await knex()('calls').first();
    assert.deepEqual(
      [call.disposition_id, call.note, call.wrapup_missed_at],
      [dispositionId, 'as agreed', null],
    );
    const events = await knex()('call_events').where({ from_state: 'ended' });
    assert.deepEqual(
      events.map(({ event }) => event),
      ['disposed'],
    );
    assert.deepEqual(await kinds(), ['dnc', 'call', 'disposition']);
    assert.equal((await knex()('given_dispositions')).length, 0);
  });

  it('keeps the promise of a callback, once, however often it dies over it', async () => {
    const dueAt = rig.app.clock.now() + 26 * 3_600_000;
    await disposed('callback', { dueAt, mine: true });
    const promises = async () => (await knex()('callbacks')).map(({ due_at, state }) => [due_at, state]);
    assert.deepEqual(await promises(), [[dueAt, 'open']]);
    // Fault: it dies again between the last step and the word that all is done.
    await knex()('given_dispositions').insert({
      ...{ call_id: callId, dialer_id: 'main', given_at: 1, holds_lead: 1, lead_done: 1 },
      given: JSON.stringify({ userId, dispositionId: 1, note: '', callback: { dueAt, mine: true } }),
    });
    await next.close();
    await (await rig.restart()).settled();
    assert.deepEqual(await promises(), [[dueAt, 'open']]);
    assert.deepEqual(await kinds(), ['call', 'disposition', 'callback']);
    assert.equal((await knex()('given_dispositions')).length, 0);
  });

  it('keeps what was handed in until all of it is done, and tries again (fault: the list refuses the number for a while)', async () => {
    await knex().raw(
      `create trigger refuses before insert on dnc_numbers begin select raise(abort, 'refused'); end`,
    );
    const dispositionId = await rig.disposition('do_not_call');
    await handIn(dispositionId);
    await rig.dialer.settled();
    assert.equal((await knex()('leads').first()).state, 'blocked', 'the rest is done');
    assert.equal((await knex()('given_dispositions')).length, 1);
    await knex().raw('drop trigger refuses');
    const listed = () => knex()('dnc_numbers').where({ e164: person }).first();
    await rig.until('the number is on the list', listed, 120_000, 1_000);
    await rig.dialer.settled();
    assert.equal((await knex()('given_dispositions')).length, 0);
    assert.deepEqual(await kinds(), ['call', 'disposition', 'dnc']);
  });

  it('calls nobody of whom it finds that they asked not to be (fault: the list refuses the number for a while)', async () => {
    await knex().raw(
      `create trigger refuses before insert on dnc_numbers begin select raise(abort, 'refused'); end`,
    );
    await handIn(await rig.disposition('do_not_call'));
    await rig.dialer.settled();
    await startAnew();
    const { campaign_id: campaignId } = await knex()('leads').first();
    const dial = () => rig.ask('agent.dial', { userId, campaignId, e164: person });
    const before = (await knex()('calls')).length;
    await assert.rejects(dial(), { reason: 'number-in-call' });
    assert.equal((await knex()('calls')).length, before, 'not even a call is made');
    await knex().raw('drop trigger refuses');
    await rig.until('it is handed on', async () => (await knex()('given_dispositions')).length === 0, 120_000, 1_000); // prettier-ignore
    await next.settled();
    // The gate of this rig lets everything through.
    assert.equal((await dial()).state, 'reserved');
  });

  it('writes what was handed in although another dialer has taken agent, call and lead for left (fault: this one was not heard for a while)', async () => {
    const at = rig.app.clock.now();
    await createCallStore(rig.app).leave(callId, at);
    const leads = createLeadStore(rig.app);
    const { id: leadId } = await knex()('leads').first();
    await leads.finishAttempt(leadId, { outcome: 'answered', at });
    await knex()('agent_sessions').update({ dialer_id: 'other', state: 'signed-out', revision: 1_000 });
    const dispositionId = await rig.disposition('sale');
    rig.app.bus.respond('agent.snapshot@other', () => ({ state: 'as the other has it' }));
    const shown: unknown[] = [];
    rig.app.bus.subscribe(`agent.snapshot.${userId}`, (snapshot) => shown.push((snapshot as { state: string }).state)); // prettier-ignore
    await handIn(dispositionId);
    await rig.dialer.settled();
    await rig.pass(500);
    assert.equal(shown.at(-1), 'as the other has it');
    const call = await knex()('calls').first();
    assert.deepEqual([call.disposition_id, call.wrapup_missed_at], [dispositionId, null]);
    const lead = await leads.get(leadId);
    assert.deepEqual([lead?.state, lead?.lastDispositionId, lead?.tries.outcomes], ['done', dispositionId, { answered: 1 }]); // prettier-ignore
    assert.equal((await knex()('agent_sessions').first()).dialer_id, 'other');
  });

  describe('and whose lead another dialer has called since (fault: this one was not heard for a while)', () => {
    const dueIn = 26 * 3_600_000;
    const calledSince = async (state: string, more: object = {}) => {
      const { id, customer_id } = await knex()('leads').first();
      const at = rig.app.clock.now();
      await createLeadStore(rig.app).finishAttempt(id, { outcome: 'answered', at });
      const other = { reserved_by: state === 'dialing' ? 'other' : null, last_attempt_at: at };
      await knex()('leads')
        .where({ id })
        .update({ state, ...other, ...more });
      return { id, customerId: customer_id as number };
    };
    const promiseCallback = async () => {
      const dueAt = rig.app.clock.now() + dueIn;
      const given = { userId, callId, dispositionId: await rig.disposition('callback'), note: '' };
      const callback = { dueAt, mine: true, note: 'price' };
      await rig.ask('agent.dispose', { ...given, callback, next: 'paused', pauseCodeId: 1 });
      await rig.dialer.settled();
      return dueAt;
    };
    const callbacks = async () =>
      (await knex()('callbacks')).map(({ due_at, user_id, note, state }) => [due_at, user_id, note, state]);

    it('keeps the callback that was promised, and counts no attempt', async () => {
      const { id } = await calledSince('done');
      const { tries } = await knex()('leads').first();
      const dueAt = await promiseCallback();
      assert.deepEqual(await callbacks(), [[dueAt, userId, 'price', 'open']]);
      const lead = await knex()('leads').where({ id }).first();
      assert.deepEqual([lead.state, lead.next_at, lead.tries], ['callback', dueAt, tries]);
      assert.deepEqual(await kinds(), ['call', 'disposition', 'callback']);
    });

    it('keeps it behind the call that the lead is in', async () => {
      const { id } = await calledSince('dialing');
      const dueAt = await promiseCallback();
      assert.deepEqual([(await knex()('leads').first()).state, await callbacks()], ['dialing', []]);
      assert.equal((await knex()('given_dispositions')).length, 1, 'a kill now loses nothing');
      await createLeadStore(rig.app).finishAttempt(id, { outcome: 'no-answer', at: rig.app.clock.now() });
      await rig.until('the promise is kept', async () => (await callbacks()).length > 0, 120_000, 1_000);
      assert.deepEqual(await callbacks(), [[dueAt, userId, 'price', 'open']]);
      await rig.dialer.settled();
      assert.deepEqual(await kinds(), ['call', 'disposition', 'callback']);
    });

    it('tells the timeline where the customer may not be called any more', async () => {
      const { customerId } = await calledSince('blocked', { state_reason: 'CONSENT_MISSING' });
      const dueAt = await promiseCallback();
      assert.deepEqual(await callbacks(), []);
      const [newest, promise] = await createTimelineStore(rig.app).of(customerId, { kinds: ['callback'] });
      assert.deepEqual(newest?.data, { dueAt, action: 'cancelled', code: 'blocked' });
      assert.equal(promise?.data.dueAt, dueAt);
    });

    it('makes a lead for it where that has gone with its list', async () => {
      const { id, customerId } = await calledSince('done');
      await knex()('leads').where({ id }).delete();
      const dueAt = await promiseCallback();
      assert.deepEqual(await callbacks(), [[dueAt, userId, 'price', 'open']]);
      const lead = await knex()('leads').where({ customer_id: customerId }).first();
      assert.deepEqual([lead.state, lead.next_at], ['callback', dueAt]);
    });
  });

  it('writes what was handed in although another dialer has handed on what was typed by then (fault: this one was not heard for a while)', async () => {
    const missed = { userId, dispositionId: await rig.disposition('no_decision'), note: '', missed: 'left' };
    await knex()('given_dispositions').insert({
      ...{ call_id: callId, dialer_id: 'main', given_at: 1, holds_lead: 1, lead_done: 1 },
      given: JSON.stringify({ ...missed, callback: null }),
    });
    const dispositionId = await rig.disposition('sale');
    await handIn(dispositionId);
    await rig.dialer.settled();
    const lead = await knex()('leads').first();
    assert.deepEqual([lead.state, lead.last_disposition_id], ['done', dispositionId]);
    assert.equal((await knex()('given_dispositions')).length, 0);
  });

  describe('and whose agent had chosen “do not call” and not handed it in', () => {
    const listed = () => knex()('dnc_numbers').where({ e164: person }).first();
    const refuse = () =>
      knex().raw(
        `create trigger refuses before insert on dnc_numbers begin select raise(abort, 'refused'); end`,
      );
    beforeEach(async () => {
      const form = { dispositionId: String(await rig.disposition('do_not_call')), note: 'no more' };
      await new DraftStore(rig.app.db).save(userId, callId, { revision: 0, form }, rig.app.clock.now());
    });
    const isOnList = async () => {
      await knex().raw('drop trigger if exists refuses');
      await rig.until('the number is on the list', listed, 120_000, 1_000);
      await next.settled();
      assert.equal((await knex()('leads').first()).state, 'blocked');
      const call = await knex()('calls').first();
      assert.deepEqual([call.note, call.wrapup_missed_at === null], ['no more', false]);
      assert.equal((await knex()('given_dispositions')).length, 0);
      assert.deepEqual((await kinds()).toSorted(), ['call', 'disposition', 'dnc']);
    };

    it('puts the number on the list after a restart (fault: the list refuses it until then)', async () => {
      await refuse();
      await whenAgent(rig, userId, 'the limit has run out', ({ state }) => state === 'ready');
      await rig.dialer.settled();
      await startAnew();
      assert.equal(await listed(), undefined);
      await isOnList();
    });

    it('puts the number on the list although what was typed could not be read before it was killed', async () => {
      const killed = killedAt('wrapup-over');
      await rig.until('the limit runs out', () => process.state.isDead);
      await killed;
      await startAnew();
      await isOnList();
    });

    it('puts the number on the list where its heir finds it', async () => {
      await rig.dialer.close();
      const cells = createCellStore(rig.app);
      await knex()('agent_sessions').update({ dialer_id: 'gone' });
      await knex()('calls').update({ dialer_id: 'gone' });
      await knex()('leads').update({ reserved_by: 'gone' });
      await cells.begin({ id: 'gone', run: 'r1', switchUrl: null }, rig.app.clock.now());
      next = await rig.restart();
      await rig.until('the agent is out', async () => (await knex()('agent_sessions').first()).state === 'signed-out', 600_000, 5_000); // prettier-ignore
      await isOnList();
    });
  });

  it('asks the agent whose wrap-up had run out', async () => {
    const killed = killedAt('wrapup-over');
    await rig.until('the limit runs out', () => process.state.isDead);
    await killed;
    await startAnew();
    const offered = await createMissedWrapupStore(rig.app).ofAgent(userId, rig.app.clock.now());
    assert.deepEqual(
      offered.map(({ id }) => id),
      [callId],
    );
    assert.equal((await knex()('leads').first()).last_outcome, 'answered');
  });
});
