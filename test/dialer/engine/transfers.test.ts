import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Gate } from '../../../campaigns/compliance/index.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { TelephonyError, type Telephony } from '../../../dialer/telephony/index.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';
import { whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
// See dialer/telephony/customers.ts: who answers, is busy, rings for ever, hangs up after three seconds.
const outside = '+14155559901';
const busyOutside = '+14155559905';
const silentOutside = '+14155559904';
const brieflyOutside = '+14155559903';

describe('transfers', () => {
  let rig: DialerRig;
  let ann: number;
  let bob: number;
  let callId: string;
  const blocked = new Set<string>();
  const asked: string[] = [];
  /** Operations that the switch refuses, by name, counted down. */
  const refused = new Map<string, number>();
  const gate: Gate = {
    async mayCall(request) {
      asked.push(request.path);
      const verdict = await openGate.mayCall(request);
      if (!blocked.has(request.e164)) return verdict;
      return { ...verdict, allowed: false, decision: 'block', reasonCode: 'DNC_INTERNAL', outlook: 'never' };
    },
    mayCallMany: (requests) => Promise.all(requests.map((request) => openGate.mayCall(request))),
    mayConnect: async () => 'yes',
  };
  const faulty = (made: Telephony): Telephony =>
    new Proxy(made, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          const left = refused.get(String(key)) ?? 0;
          if (left > 0) {
            refused.set(String(key), left - 1);
            return Promise.reject(new TelephonyError('refused', `no ${String(key)}`));
          }
          return (value as (...given: unknown[]) => unknown).apply(target, args);
        };
      },
    });

  const start = async (legMode?: 'per-call') => {
    rig = await dialerRig({ dialer: { gate }, telephony: faulty });
    ann = await rig.agent('ann');
    bob = await rig.agent('bob', legMode);
    const trunkIds = [await rig.trunk('First')];
    await rig.campaign({ numbers: [person], trunkIds, agentIds: [ann, bob], wrapupLimitMs: 90_000 });
    await rig.dialer.start();
    await rig.until('switch is up', () => rig.dialer.status().switch === 'up');
    await rig.ready(ann);
    callId = (await on(ann, 'on-call')).call!.id;
    await rig.until('it is recorded', () => rig.sim.stats().recordingsNow === 1);
    if (legMode) await rig.ask('agent.sign-in', { userId: bob });
    if (legMode) await rig.ask('agent.ready', { userId: bob });
    else await rig.ready(bob);
  };
  beforeEach(() => {
    for (const memory of [blocked, refused]) memory.clear();
    asked.length = 0;
  });
  afterEach(() => rig.close());

  const when = (userId: number, what: string, is: (snapshot: AgentSnapshot) => boolean, ms?: number) =>
    whenAgent(rig, userId, what, is, ms);
  const on = (userId: number, state: AgentSnapshot['state'], ms?: number) =>
    when(userId, state, (snapshot) => snapshot.state === state, ms);
  const row = async (id = callId) => rig.app.db.knex('calls').where({ id }).first();
  const sides = () => rig.app.db.knex('calls').where({ parent_id: callId }).orderBy('created_at');
  const channel = (prefix: string) => rig.channelOf(prefix);
  /** The channels that share a bridge with the customer, without the customer. */
  const withCustomer = async () => {
    const id = `rw-call-${callId}-1`;
    const bridge = (await rig.bridges()).find(({ channelIds }) => channelIds.includes(id));
    return bridge ? bridge.channelIds.filter((each) => each !== id).map((each) => each.replace(/-[0-9a-f]{10}$/, '')) : null; // prettier-ignore
  };
  const dispose = async (userId: number, code = 'refused') =>
    rig.ask('agent.dispose', {
      ...{ userId, callId, dispositionId: await rig.disposition(code), note: '', next: 'ready' as const },
    });
  const consult = (to: { userId: number } | { e164: string }) =>
    rig.ask('agent.consult', { userId: ann, callId, to });
  const talksOutside = () => when(ann, 'they talk', ({ call }) => call?.consult?.state === 'connected');
  const restart = async () => {
    await rig.dialer.settled();
    await rig.dialer.close();
    // All but the two agents' own legs.
    const lines = rig.sim.stats().channelsNow - 2;
    const next = await rig.restart();
    await rig.until('it has found its lines', () => next.status().trunks[0]?.channelsInUse === lines);
    await rig.pass(500);
    return next;
  };
  /** Everything has ended, once: nothing hangs, nobody is in a call. */
  const allOver = async () => {
    await rig.until('all calls are over', async () => (await rig.calls()).every(({ state }) => state === 'ended'), 300_000); // prettier-ignore
    await rig.pass(500);
    assert.equal(
      rig.sim.stats().channelsNow,
      (await channels()).filter((name) => name.includes('agent-')).length,
    );
    const ends = await rig.app.db.knex('call_events').where({ event: 'end' });
    const calls = await rig.calls();
    assert.deepEqual(ends.map(({ call_id }) => call_id).sort(), calls.map(({ id }) => id).sort());
    assert.ok(calls.every(({ outcome }) => outcome !== null));
  };
  const channels = async () =>
    (await rig.bridges()).flatMap(({ channelIds }) => channelIds.map((id) => (id.includes('rw-agent') ? 'agent-' : id))); // prettier-ignore

  describe('blind, to a colleague', () => {
    it('give the customer to who is free, with a recording of their own; who left adds a note, who has them the disposition', async () => {
      await start();
      const { colleagues } = await rig.ask('agent.colleagues', { userId: ann, callId });
      assert.deepEqual(colleagues.map(({ userId, isFree, isOnCampaign }) => [userId, isFree, isOnCampaign]), [[bob, true, true]]); // prettier-ignore
      const left = await rig.ask('agent.transfer', { userId: ann, callId, to: { userId: bob } });
      assert.deepEqual([left.state, left.call?.id, left.call?.noteOnly], ['wrapup', callId, true]);
      const has = await rig.snapshot(bob);
      assert.deepEqual(
        [has.state, has.call?.id, has.call?.state, has.call?.handedOnBy],
        ['on-call', callId, 'connected', { userId: ann, name: 'ann' }],
      );
      assert.deepEqual(await withCustomer(), [`rw-agent-${bob}`]);
      await assert.rejects(dispose(ann), { reason: 'call-goes-on' });
      await assert.rejects(rig.ask('agent.hangup', { userId: ann, callId }), { reason: 'wrong-state' });
      const note = { userId: ann, callId, note: 'wants the small one', next: 'ready' as const };
      assert.equal((await rig.ask('agent.note', note)).state, 'ready');
      await rig.ask('agent.hangup', { userId: bob, callId });
      assert.equal((await rig.snapshot(bob)).call?.noteOnly, false);
      await dispose(bob, 'interested');
      await rig.dialer.settled();
      const call = await row();
      assert.deepEqual([call.user_id, call.outcome, call.left_at], [bob, 'answered', null]);
      const told = await rig.app.db
        .knex('timeline_entries')
        .whereIn('kind', ['note', 'disposition'])
        .orderBy('id');
      assert.deepEqual(told.map(({ kind, user_id }) => [kind, user_id]), [['note', ann], ['disposition', bob]]); // prettier-ignore
      const recordings = await rig.app.db.knex('recordings').orderBy('id');
      assert.deepEqual(recordings.map(({ name }) => name), [callId, `${callId}-2`]); // prettier-ignore
      assert.equal((await rig.leads())[0]?.reserved_by, null);
      await allOver();
    });

    it('ring a desk phone first, and the customer talks on until it is picked up', async () => {
      await start('per-call');
      rig.sim.setPickUp(3_000);
      const given = rig.ask('agent.transfer', { userId: ann, callId, to: { userId: bob } });
      await when(bob, 'rings', ({ phone }) => phone === 'ringing');
      assert.deepEqual(await withCustomer(), [`rw-agent-${ann}`]);
      await on(bob, 'on-call');
      assert.equal((await given).state, 'wrapup');
      assert.deepEqual(await withCustomer(), [`rw-agent-${bob}`]);
    });

    it('are refused where the colleague is not free', async () => {
      await start();
      await rig.ask('agent.pause', { userId: bob, pauseCodeId: 1 });
      await assert.rejects(rig.ask('agent.transfer', { userId: ann, callId, to: { userId: bob } }), {
        reason: 'colleague-not-free',
      });
      assert.equal((await rig.snapshot(ann)).call?.state, 'connected');
    });

    // Fault: the switch refuses to bring the customer to the colleague.
    it('leave the customer with the agent where the switch refuses', async () => {
      await start();
      refused.set('addToBridge', 1);
      await assert.rejects(rig.ask('agent.transfer', { userId: ann, callId, to: { userId: bob } }), {
        reason: 'switch-refused',
      });
      assert.deepEqual(
        [(await rig.snapshot(ann)).state, (await rig.snapshot(bob)).state],
        ['on-call', 'ready'],
      );
      assert.deepEqual(await withCustomer(), [`rw-agent-${ann}`]);
    });

    it('tell the pacer that the first talk is over', async () => {
      await start();
      await rig.ask('agent.transfer', { userId: ann, callId, to: { userId: bob } });
      await rig.dialer.settled();
      const events = await rig.app.db.knex('call_events').where({ call_id: callId }).orderBy('id');
      const { RecordedCalls } = await import('../../../dialer/engine/pacing-events.ts');
      const recorded = new RecordedCalls();
      const told = events.flatMap(
        ({ call_id, at, event, from_state, user_id }) =>
        recorded.events({ callId: call_id, at, event, from: from_state, userId: user_id, outcome: null, isAbandoned: false }), // prettier-ignore
      );
      assert.deepEqual(told.map(({ type }) => type), ['dialed', 'answered', 'connected', 'ended']); // prettier-ignore
    });
  });

  describe('blind, to a number', () => {
    it('pass the gate as transfers, and leave the customer with the number; the agent says at once what came of the call', async () => {
      await start();
      await rig.ask('agent.transfer', { userId: ann, callId, to: { e164: outside } });
      assert.ok(asked.includes('transfer'));
      assert.equal((await rig.snapshot(ann)).state, 'wrapup');
      await assert.rejects(dispose(ann), { reason: 'call-goes-on' });
      await when(ann, 'they talk', ({ call }) => call?.state === 'outside');
      const [side] = await sides();
      assert.deepEqual(
        [side.direction, side.path, side.campaign_id, side.e164],
        ['out', 'transfer', null, outside],
      );
      assert.deepEqual(await withCustomer(), [`rw-call-${side.id}-1`]);
      assert.equal((await dispose(ann, 'sale')).state, 'ready');
      await rig.dialer.settled();
      assert.notEqual((await rig.leads())[0]?.state, 'dialing');
      await rig.pass(20_000);
      assert.equal((await row()).state, 'outside', 'they talk on');
      rig.sim.hangUp(await channel('PJSIP/trunk-'));
      await allOver();
      assert.equal((await row()).outcome, 'answered');
      assert.equal((await sides())[0].outcome, 'answered');
      const calls = await rig.app.db.knex('timeline_entries').where({ kind: 'call' });
      assert.deepEqual(calls.map(({ call_id }) => call_id), [callId]); // prettier-ignore
    });

    it('are refused by the gate in words, and the customer stays', async () => {
      await start();
      blocked.add(outside);
      await assert.rejects(rig.ask('agent.transfer', { userId: ann, callId, to: { e164: outside } }), {
        reason: 'blocked-by-gate',
      });
      assert.equal((await rig.snapshot(ann)).call?.state, 'connected');
      assert.deepEqual(await sides(), []);
    });

    it('bring the customer back to the agent who still writes, where nobody is reached', async () => {
      await start();
      await rig.ask('agent.transfer', { userId: ann, callId, to: { e164: busyOutside } });
      const back = await on(ann, 'on-call');
      assert.deepEqual(
        [back.call?.id, back.call?.state, back.call?.consult?.outcome],
        [callId, 'connected', 'busy'],
      );
      assert.deepEqual(await withCustomer(), [`rw-agent-${ann}`]);
      await rig.ask('agent.hangup', { userId: ann, callId });
      await dispose(ann);
      await allOver();
    });

    it('bring the customer to somebody free where that agent is gone', async () => {
      await start();
      await rig.ask('agent.transfer', { userId: ann, callId, to: { e164: silentOutside } });
      await rig.ask('agent.note', { userId: ann, callId, note: '', next: 'paused', pauseCodeId: 1 });
      const has = await on(bob, 'on-call', 60_000);
      assert.equal(has.call?.id, callId);
    });

    it('end when the customer hangs up while the number rings, and the agent says what came of it', async () => {
      await start();
      await rig.ask('agent.transfer', { userId: ann, callId, to: { e164: silentOutside } });
      await rig.until('it rings', async () => (await sides())[0]?.state === 'ringing');
      const customer = (await rig.bridges(), `rw-call-${callId}-1`);
      rig.sim.hangUp(customer);
      await rig.until('it has ended', async () => (await row()).state === 'ended');
      await dispose(ann);
      await allOver();
      assert.equal((await sides())[0].outcome, 'cancelled');
    });

    it('fault: the dialer is killed while the number rings – who picks up has the customer', async () => {
      await start();
      await rig.ask('agent.transfer', { userId: ann, callId, to: { e164: '+14155559902' } });
      await rig.until('it rings', async () => (await sides())[0]?.state === 'ringing');
      await restart();
      await rig.until('they talk', async () => (await row()).state === 'outside', 20_000);
    });

    it('fault: the dialer is killed while they talk – they talk on, and end together', async () => {
      await start();
      await rig.ask('agent.transfer', { userId: ann, callId, to: { e164: outside } });
      await when(ann, 'they talk', ({ call }) => call?.state === 'outside');
      await dispose(ann);
      await restart();
      assert.equal((await row()).state, 'outside');
      assert.equal((await withCustomer())?.length, 1);
      rig.sim.hangUp(`rw-call-${(await sides())[0].id}-1`);
      await allOver();
      assert.equal((await rig.app.db.knex('timeline_entries').where({ kind: 'call' })).length, 1);
    });
  });

  describe('with a question before', () => {
    it('keep the customer out of the talk with a colleague, who then gets them', async () => {
      await start();
      const asks = await consult({ userId: bob });
      assert.deepEqual([asks.state, asks.call?.state, asks.call?.consult?.name], ['on-call', 'held', 'bob']);
      const is = await rig.snapshot(bob);
      assert.deepEqual(
        [is.state, is.call?.askedBy, is.call?.e164],
        ['on-call', { userId: ann, name: 'ann', callId }, person],
      );
      assert.equal(await withCustomer(), null, 'the customer is in no bridge');
      const leg = (await rig.bridges()).find(({ bridgeId }) => bridgeId === `rw-agent-${ann}`);
      assert.equal(leg?.channelIds.length, 2);
      const left = await rig.ask('agent.complete', { userId: ann, callId });
      assert.deepEqual([left.state, left.call?.noteOnly], ['wrapup', true]);
      const has = await rig.snapshot(bob);
      assert.deepEqual([has.state, has.call?.id, has.call?.state], ['on-call', callId, 'connected']);
      assert.deepEqual(await withCustomer(), [`rw-agent-${bob}`]);
      const [side] = await sides();
      assert.deepEqual([side.direction, side.state, side.outcome], ['internal', 'ended', 'answered']);
      await rig.ask('agent.hangup', { userId: bob, callId });
      await dispose(bob);
      await allOver();
    });

    it('give the customer back, and the colleague is free as before', async () => {
      await start();
      await consult({ userId: bob });
      const back = await rig.ask('agent.take-back', { userId: ann, callId });
      assert.deepEqual([back.call?.state, back.call?.consult], ['connected', null]);
      assert.equal((await rig.snapshot(bob)).state, 'ready');
      await rig.until('the customer is back', async () => (await withCustomer())?.[0] === `rw-agent-${ann}`);
      await rig.until('the colleague is at home', async () => (await rig.bridges()).find(({ bridgeId }) => bridgeId === `rw-agent-${bob}`)?.channelIds.length === 1); // prettier-ignore
      assert.equal(back.call?.recording, 'on');
    });

    it('ask a number outside, and complete: customer and number talk on without the agent', async () => {
      await start();
      await consult({ e164: outside });
      const talks = await talksOutside();
      assert.equal(talks.call?.state, 'held');
      assert.equal(await withCustomer(), null);
      await rig.ask('agent.complete', { userId: ann, callId });
      assert.equal((await rig.snapshot(ann)).call?.state, 'outside');
      assert.deepEqual(await withCustomer(), [`rw-call-${(await sides())[0].id}-1`]);
      await dispose(ann);
      rig.sim.hangUp(`rw-call-${callId}-1`);
      await allOver();
    });

    it('tell why a number was not reached, with the customer on hold', async () => {
      await start();
      await consult({ e164: busyOutside });
      const told = await when(ann, 'told', ({ call }) => call?.consult?.state === 'ended');
      assert.deepEqual(
        [told.state, told.call?.state, told.call?.consult?.outcome],
        ['on-call', 'held', 'busy'],
      );
      const back = await rig.ask('agent.hold', { userId: ann, callId, on: false });
      assert.deepEqual([back.call?.state, back.call?.consult], ['connected', null]);
      assert.deepEqual(await withCustomer(), [`rw-agent-${ann}`]);
    });

    it('are one at a time', async () => {
      await start();
      await consult({ e164: silentOutside });
      await assert.rejects(consult({ userId: bob }), { reason: 'consult-goes-on' });
      await assert.rejects(rig.ask('agent.transfer', { userId: ann, callId, to: { userId: bob } }), {
        reason: 'consult-goes-on',
      });
      await rig.ask('agent.take-back', { userId: ann, callId });
      await allSidesOver();
    });

    it('are called off while a desk phone rings, which stops, and the customer is back at once', async () => {
      await start('per-call');
      rig.sim.setPickUp(15_000);
      const asking = consult({ userId: bob });
      await when(bob, 'rings', ({ phone }) => phone === 'ringing');
      const at = rig.app.clock.now();
      const back = await rig.ask('agent.take-back', { userId: ann, callId });
      assert.deepEqual([back.call?.state, back.call?.consult], ['connected', null]);
      await asking;
      assert.ok(rig.app.clock.now() - at < 1_000);
      assert.deepEqual(await withCustomer(), [`rw-agent-${ann}`]);
      await allSidesOver();
      assert.equal(rig.sim.stats().recordingsNow, 1);
    });

    it('fault: the database is silent – the customer is back within seconds, and is taken back before by who wants', async () => {
      await start();
      const { db } = rig.app;
      const transaction = db.transaction.bind(db);
      const silence = () => (db.transaction = () => new Promise(() => {}));
      silence();
      const refusedFor = consult({ e164: outside }).then(
        () => null,
        ({ reason }: { reason: string }) => reason,
      );
      await when(ann, 'on hold', ({ call }) => call?.state === 'held');
      await rig.pass(2_500);
      assert.match(String(await refusedFor), /^database-/);
      assert.equal((await rig.snapshot(ann)).call?.state, 'connected');
      const asking = consult({ e164: outside }).catch(({ reason }: { reason: string }) => reason);
      await rig.until('on hold', async () => (await rig.snapshot(ann)).call?.consult?.state === 'created');
      const back = await rig.ask('agent.take-back', { userId: ann, callId });
      assert.equal(back.call?.state, 'connected');
      await asking;
      db.transaction = transaction;
      assert.deepEqual(await withCustomer(), [`rw-agent-${ann}`]);
    });

    it('end for all when the customer hangs up', async () => {
      await start();
      await consult({ userId: bob });
      rig.sim.hangUp(`rw-call-${callId}-1`);
      assert.equal((await on(ann, 'wrapup')).call?.noteOnly, false);
      await on(bob, 'ready');
      await dispose(ann);
      await allOver();
    });

    it('leave the customer on hold when the colleague hangs up, or loses the phone', async () => {
      await start();
      await consult({ userId: bob });
      const side = (await rig.snapshot(bob)).call!.id;
      await rig.ask('agent.hangup', { userId: bob, callId: side });
      const held = await when(ann, 'told', ({ call }) => call?.consult?.state === 'ended');
      assert.deepEqual([held.state, held.call?.state], ['on-call', 'held']);
      await on(bob, 'ready');
      await consult({ userId: bob });
      rig.sim.hangUp(await channel(`PJSIP/agent-${bob}`));
      await when(bob, 'lost', ({ phone }) => phone === 'lost');
      assert.equal((await rig.snapshot(ann)).call?.state, 'held');
      await rig.ask('agent.take-back', { userId: ann, callId });
      assert.deepEqual(await withCustomer(), [`rw-agent-${ann}`]);
    });

    it('end when the agent’s own phone is lost; the customer waits for it with music', async () => {
      await start();
      await consult({ userId: bob });
      rig.sim.hangUp(await channel(`PJSIP/agent-${ann}`));
      await on(bob, 'ready');
      assert.equal((await rig.snapshot(ann)).call?.state, 'held');
      const back = await when(
        ann,
        'talks',
        ({ call, phone }) => phone === 'up' && call?.state === 'connected',
      );
      assert.equal(back.state, 'on-call');
      await rig.until('with the customer', async () => (await withCustomer())?.[0] === `rw-agent-${ann}`);
    });

    it('end when the number hangs up after a talk', async () => {
      await start();
      await consult({ e164: brieflyOutside });
      await talksOutside();
      const over = await when(ann, 'over', ({ call }) => call?.consult?.state === 'ended', 10_000);
      assert.deepEqual([over.call?.state, over.call?.consult?.outcome], ['held', 'answered']);
      await rig.until('in the bridge', async () => (await withCustomer())?.[0] === `rw-agent-${ann}`);
    });

    // Fault: the switch refuses at each step in turn.
    for (const operation of ['hold', 'removeFromBridge', 'addToBridge'])
      it(`fault: the switch refuses ${operation} – the customer is with the agent as before`, async () => {
        await start();
        refused.set(operation, 1);
        await assert.rejects(consult({ userId: bob }), { reason: 'switch-refused' });
        assert.deepEqual(
          [(await rig.snapshot(ann)).call?.state, (await rig.snapshot(bob)).state],
          ['connected', 'ready'],
        );
        await rig.until('as before', async () => (await withCustomer())?.[0] === `rw-agent-${ann}`);
        await allSidesOver();
      });

    it('fault: the dialer is killed in a talk with a colleague – that talk ends, the customer stays on hold', async () => {
      await start();
      await consult({ userId: bob });
      await restart();
      const held = await when(ann, 'held', ({ call }) => call?.state === 'held');
      assert.equal(held.state, 'on-call');
      await on(bob, 'ready');
      await rig.ask('agent.hold', { userId: ann, callId, on: false });
      assert.deepEqual(await withCustomer(), [`rw-agent-${ann}`]);
    });

    it('fault: the dialer is killed in a talk with a number – it goes on, and can be completed', async () => {
      await start();
      await consult({ e164: outside });
      await talksOutside();
      await restart();
      assert.equal((await rig.snapshot(ann)).call?.consult?.state, 'connected');
      assert.equal(await withCustomer(), null);
      await rig.ask('agent.complete', { userId: ann, callId });
      assert.equal((await withCustomer())?.length, 1);
    });
  });

  const allSidesOver = () =>
    rig.until('nobody is asked', async () => (await sides()).every(({ state }: { state: string }) => state === 'ended')); // prettier-ignore
});
