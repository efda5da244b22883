import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createCallbackStore } from '../../../campaigns/index.ts';
import type { Gate } from '../../../campaigns/compliance/index.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';

const person = '+14155550101';
const noAnswer = '+14155550104';
const stranger = '+14155550105';
const unanswered = '+14155550106';

describe('a number dialled by hand', () => {
  let rig: DialerRig;
  let userId: number;
  let campaignId: number;
  let customerId: number;
  let leadId: number;
  /** Numbers that the gate blocks: always, or only in the moment of dialling. */
  const blocked = new Set<string>();
  const lateBlocked = new Set<string>();
  /** What happens in the moment of dialling. */
  let atDial: () => void = () => {};
  const gate: Gate = {
    async mayCall(request) {
      const verdict = await openGate.mayCall(request);
      if (request.stage === 'dial') atDial();
      const late = request.stage === 'dial' && lateBlocked.has(request.e164);
      if (!blocked.has(request.e164) && !late) return verdict;
      return { ...verdict, allowed: false, decision: 'block', reasonCode: 'DNC_INTERNAL', outlook: 'never' };
    },
    mayCallMany: (requests) => Promise.all(requests.map((request) => gate.mayCall(request))),
    mayConnect: async () => 'yes',
  };

  beforeEach(async () => {
    blocked.clear();
    lateBlocked.clear();
    atDial = () => {};
    rig = await dialerRig({ dialer: { gate } });
    userId = await rig.agent('ann');
    const trunkId = await rig.trunk('First');
    campaignId = await rig.campaign({ numbers: [person], trunkIds: [trunkId], agentIds: [userId] });
    const lead = await rig.app.db.knex('leads').first();
    ({ customer_id: customerId, id: leadId } = lead);
    // Only what is dialled by hand is called here.
    await rig.app.db.knex('leads').update({ state: 'done' });
    await rig.dialer.start();
    await rig.until('switch is up', () => rig.dialer.status().switch === 'up');
  });
  afterEach(() => rig.close());

  const promise = (given: { userId: number | null; dueAt?: number; e164?: string }) =>
    createCallbackStore(rig.app).create(
      {
        ...{ leadId, campaignId, customerId, note: null, callId: null, createdBy: userId, timeAgreed: true },
        ...{ e164: null, dueAt: rig.app.clock.now() + 3_600_000 },
        ...given,
      },
      rig.app.clock.now(),
    );
  const dial = (given: { e164: string; callbackId?: number; customerId?: number }) =>
    rig.ask('agent.dial', { userId, campaignId, ...given });
  const events = () => rig.app.db.knex('agent_events').where({ user_id: userId });

  it('leaves the agent as they were when it is refused: state, since when, and no event', async () => {
    await rig.ready(userId);
    blocked.add(stranger);
    const colleague = await rig.agent('bob');
    const foreign = await promise({ userId: colleague });
    const own = await promise({ userId });
    await rig.pass(60_000);
    await rig.dialer.settled();
    const before = await rig.snapshot(userId);
    const known = (await events()).length;
    const refusals: [Parameters<typeof dial>[0], string][] = [
      [{ e164: stranger }, 'blocked-by-gate'],
      [{ e164: noAnswer, customerId }, 'number-not-theirs'],
      [{ e164: noAnswer, callbackId: own }, 'number-not-theirs'],
      [{ e164: person, callbackId: foreign }, 'callback-not-yours'],
      [{ e164: person, callbackId: 4711 }, 'lead-gone'],
    ];
    for (const [given, reason] of refusals) await assert.rejects(dial(given), { reason });
    await rig.dialer.settled();
    const after = await rig.snapshot(userId);
    assert.deepEqual([after.state, after.since, after.revision], ['ready', before.since, before.revision]);
    assert.equal((await events()).length, known);
    assert.equal((await rig.leads())[0]?.reserved_by, null);
    assert.equal(rig.sim.invites().length, 0);
  });

  it('fault: the gate says no in the last moment – the agent’s time in the state goes on', async () => {
    await rig.signIn(userId);
    await rig.pass(30_000);
    const { since, pauseReason } = await rig.snapshot(userId);
    lateBlocked.add(person);
    await assert.rejects(dial({ e164: person }), { reason: 'blocked-by-gate' });
    const after = await rig.snapshot(userId);
    assert.deepEqual([after.state, after.since, after.pauseReason], ['paused', since, pauseReason]);
  });

  it('goes back to the pause that it was dialled from, which has no code', async () => {
    await rig.signIn(userId);
    await dial({ e164: stranger });
    await rig.until('a call is there', async () => (await rig.snapshot(userId)).call !== null);
    const { call, pausesNext, nextPauseCodeId } = await rig.snapshot(userId);
    assert.deepEqual([pausesNext, nextPauseCodeId], [true, null]);
    await rig.ask('agent.hangup', { userId, callId: call!.id });
    await rig.until('wrap-up', async () => (await rig.snapshot(userId)).state === 'wrapup');
    const dispositionId = await rig.disposition('no_decision');
    const given = { userId, callId: call!.id, dispositionId, note: '' };
    await rig.ask('agent.dispose', { ...given, next: 'paused' });
    const after = await rig.snapshot(userId);
    assert.deepEqual([after.state, after.pauseReason, after.pausesNext], ['paused', 'signed-in', false]);
  });

  it('gives the lead back when the agent got another call meanwhile', async () => {
    await rig.ready(userId);
    await rig.app.db.knex('leads').update({ state: 'callback', next_at: rig.app.clock.now() + 3_600_000 });
    const own = await promise({ userId });
    const second = dial({ e164: unanswered });
    await assert.rejects(Promise.all([second, dial({ e164: person, callbackId: own })]), {
      reason: 'wrong-state',
    });
    await rig.dialer.settled();
    assert.deepEqual(
      [(await rig.leads())[0]?.state, (await rig.leads())[0]?.reserved_by],
      ['callback', null],
    );
  });

  describe('with a customer whose lead is blocked, who is promised a callback', () => {
    const promised = async (blockedBy: string) => {
      await rig.app.db.knex('leads').update({ state: 'blocked', state_reason: blockedBy });
      await rig.signIn(userId);
      await dial({ e164: person, customerId });
      const talk = async () =>
        (await rig.snapshot(userId)).state === 'on-call' ? rig.snapshot(userId) : null;
      const { call } = await rig.until('talk', talk);
      await rig.ask('agent.hangup', { userId, callId: call!.id });
      await rig.until('wrap-up', async () => (await rig.snapshot(userId)).state === 'wrapup');
      const callback = { dueAt: rig.app.clock.now() + 26 * 3_600_000, mine: true };
      const dispositionId = await rig.disposition('callback');
      const given = { userId, callId: call!.id, dispositionId, note: '', next: 'paused' } as const;
      return { callback, hand: () => rig.ask('agent.dispose', { ...given, callback }) };
    };
    const kept = async () => (await rig.app.db.knex('callbacks')).map(({ due_at }) => due_at);

    for (const reason of ['filtered', 'quota-met'])
      it(`keeps it where the campaign itself has blocked the lead (${reason})`, async () => {
        const { callback, hand } = await promised(reason);
        await hand();
        await rig.dialer.settled();
        assert.deepEqual(await kept(), [callback.dueAt]);
        const lead = await rig.app.db.knex('leads').first();
        assert.deepEqual([lead.state, lead.next_at, lead.agent_id], ['callback', callback.dueAt, userId]);
      });

    it('tells the agent at once where the lead may not be called', async () => {
      const { hand } = await promised('CONSENT_REVOKED');
      await assert.rejects(hand(), { reason: 'callback-not-callable' });
      assert.equal((await rig.snapshot(userId)).state, 'wrapup', 'another result can be chosen');
      assert.deepEqual(await kept(), []);
    });
  });

  it('keeps a callback whose lead is finished by now, and closes it', async () => {
    await rig.signIn(userId);
    const callbackId = await promise({ userId });
    await dial({ e164: person, callbackId });
    const { call } = await rig.until('talk', async () => {
      const snapshot = await rig.snapshot(userId);
      return snapshot.state === 'on-call' ? snapshot : null;
    });
    await rig.ask('agent.hangup', { userId, callId: call!.id });
    await rig.until('wrap-up', async () => (await rig.snapshot(userId)).state === 'wrapup');
    const dispositionId = await rig.disposition('no_decision');
    await rig.ask('agent.dispose', { userId, callId: call!.id, dispositionId, note: '', next: 'paused' });
    const stands = async () => (await createCallbackStore(rig.app).get(callbackId))!.state;
    await rig.until('it is closed', async () => (await stands()) === 'done');
    assert.equal((await rig.leads())[0]?.state, 'done');
  });

  // Fault: the database takes no writes any more from the moment of dialling on.
  it('does not keep the agent from everything else for as long as the database is silent, and the lead goes back', async () => {
    await rig.signIn(userId);
    await rig.app.db.knex('leads').update({ state: 'waiting', next_at: rig.app.clock.now() + 3_600_000 });
    const { db } = rig.app;
    const transaction = db.transaction.bind(db);
    atDial = () => void (db.transaction = () => new Promise(() => {}));
    let came = '';
    dial({ e164: person, customerId }).catch(({ reason }: { reason: string }) => (came = reason));
    await rig.until('it is refused', () => came, 10_000, 100);
    db.transaction = transaction;
    assert.equal(came, 'database-slow');
    assert.equal((await rig.snapshot(userId)).state, 'paused');
    atDial = () => {};
    await rig.until(
      'it is free',
      async () => (await rig.leads())[0]?.reserved_by === null,
      20 * 60_000,
      2_000,
    );
    assert.equal((await rig.leads())[0]?.state, 'waiting');
  });

  // Fault: the dialer is killed in the middle of the talk.
  it('leaves a lead finished that was finished before, though the dialer was started anew in the talk', async () => {
    await rig.signIn(userId);
    await dial({ e164: person, customerId });
    const on = async (state: string) =>
      (await rig.snapshot(userId)).state === state ? rig.snapshot(userId) : null;
    const { call } = await rig.until('talk', () => on('on-call'));
    assert.equal(call!.leadId, leadId);
    await rig.dialer.settled();
    const [before] = await rig.leads();
    await rig.dialer.close();
    const next = await rig.restart();
    await rig.until('it has its line', () => next.status().trunks[0]?.channelsInUse === 1);
    await rig.ask('agent.hangup', { userId, callId: call!.id });
    await rig.until('wrap-up', () => on('wrapup'));
    const dispositionId = await rig.disposition('no_decision');
    await rig.ask('agent.dispose', { userId, callId: call!.id, dispositionId, note: '', next: 'paused' });
    await next.settled();
    assert.deepEqual(await rig.leads(), [before]);
  });

  for (const [whose, owner, due] of [
    ['the agent’s own, due', () => userId, -1],
    ['the agent’s own, not due yet', () => userId, 3_600_000],
    ['anyone’s', () => null, 3_600_000],
  ] as const)
    it(`keeps a callback that is ${whose}`, async () => {
      await rig.signIn(userId);
      const callbackId = await promise({ userId: owner(), dueAt: rig.app.clock.now() + due });
      await rig.app.db
        .knex('leads')
        .update({ state: 'callback', agent_id: owner(), next_at: rig.app.clock.now() + due });
      await dial({ e164: person, callbackId });
      const { call } = await rig.until('talk', async () => {
        const snapshot = await rig.snapshot(userId);
        return snapshot.state === 'on-call' ? snapshot : null;
      });
      assert.deepEqual([call?.path, call?.leadId, call?.e164], ['callback', leadId, person]);
    });
});
