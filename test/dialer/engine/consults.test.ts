import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import {
  person,
  outside,
  busyOutside,
  silentOutside,
  brieflyOutside,
  transfersRig,
} from './transfers-rig.ts';

describe('transfers', () => {
  const t = transfersRig();
  const {
    start,
    when,
    on,
    sides,
    channel,
    withCustomer,
    dispose,
    consult,
    talksOutside,
    restart,
    allOver,
    allSidesOver,
    refused,
    unanswered,
  } = t;

  /** The customer comes back by itself, or is fetched. */
  const takenBack = () => t.rig.ask('agent.take-back', { userId: t.ann, callId: t.callId });

  describe('with a question before', () => {
    it('keep the customer out of the talk with a colleague, who then gets them', async () => {
      await start();
      const asks = await consult({ userId: t.bob });
      assert.deepEqual([asks.state, asks.call?.state, asks.call?.consult?.name], ['on-call', 'held', 'bob']);
      const is = await t.rig.snapshot(t.bob);
      assert.deepEqual(
        [is.state, is.call?.askedBy, is.call?.e164],
        ['on-call', { userId: t.ann, name: 'ann', callId: t.callId }, person],
      );
      assert.equal(await withCustomer(), null, 'the customer is in no bridge');
      const leg = (await t.rig.bridges()).find(({ bridgeId }) => bridgeId === `rw-agent-${t.ann}`);
      assert.equal(leg?.channelIds.length, 2);
      const left = await t.rig.ask('agent.complete', { userId: t.ann, callId: t.callId });
      assert.deepEqual([left.state, left.call?.noteOnly], ['wrapup', true]);
      const has = await t.rig.snapshot(t.bob);
      assert.deepEqual([has.state, has.call?.id, has.call?.state], ['on-call', t.callId, 'connected']);
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.bob}`]);
      const [side] = await sides();
      assert.deepEqual([side.direction, side.state, side.outcome], ['internal', 'ended', 'answered']);
      await t.rig.ask('agent.hangup', { userId: t.bob, callId: t.callId });
      await dispose(t.bob);
      await allOver();
    });

    it('give the customer back, and the colleague is free as before', async () => {
      await start();
      await consult({ userId: t.bob });
      const back = await t.rig.ask('agent.take-back', { userId: t.ann, callId: t.callId });
      assert.deepEqual([back.call?.state, back.call?.consult], ['connected', null]);
      assert.equal((await t.rig.snapshot(t.bob)).state, 'ready');
      await t.rig.until(
        'the customer is back',
        async () => (await withCustomer())?.[0] === `rw-agent-${t.ann}`,
      );
      await t.rig.until('the colleague is at home', async () => (await t.rig.bridges()).find(({ bridgeId }) => bridgeId === `rw-agent-${t.bob}`)?.channelIds.length === 1); // prettier-ignore
      assert.equal(back.call?.recording, 'on');
    });

    it('ask a number outside, and complete: customer and number talk on without the agent', async () => {
      await start();
      await consult({ e164: outside });
      const talks = await talksOutside();
      assert.equal(talks.call?.state, 'held');
      assert.equal(await withCustomer(), null);
      await t.rig.ask('agent.complete', { userId: t.ann, callId: t.callId });
      assert.equal((await t.rig.snapshot(t.ann)).call?.state, 'outside');
      assert.deepEqual(await withCustomer(), [`rw-call-${(await sides())[0].id}-1`]);
      await dispose(t.ann);
      t.rig.sim.hangUp(`rw-call-${t.callId}-1`);
      await allOver();
    });

    it('tell why a number was not reached, with the customer on hold', async () => {
      await start();
      await consult({ e164: busyOutside });
      const told = await when(t.ann, 'told', ({ call }) => call?.consult?.state === 'ended');
      assert.deepEqual(
        [told.state, told.call?.state, told.call?.consult?.outcome],
        ['on-call', 'held', 'busy'],
      );
      const back = await t.rig.ask('agent.hold', { userId: t.ann, callId: t.callId, on: false });
      assert.deepEqual([back.call?.state, back.call?.consult], ['connected', null]);
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
    });

    it('are one at a time', async () => {
      await start();
      await consult({ e164: silentOutside });
      await assert.rejects(consult({ userId: t.bob }), { reason: 'consult-goes-on' });
      await assert.rejects(
        t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { userId: t.bob } }),
        {
          reason: 'consult-goes-on',
        },
      );
      await t.rig.ask('agent.take-back', { userId: t.ann, callId: t.callId });
      await allSidesOver();
    });

    it('let a colleague who is asked say whose number it is: of the customer’s call, and both see it', async () => {
      await start();
      await t.rig.app.db.knex('leads').update({ state: 'done' });
      await t.rig.ask('agent.hangup', { userId: t.ann, callId: t.callId });
      await dispose(t.ann);
      const campaignId = (await t.rig.snapshot(t.ann)).campaigns[0]!.id;
      await t.rig.ask('agent.dial', { userId: t.ann, campaignId, e164: '+14155550108' });
      t.callId = (await on(t.ann, 'on-call')).call!.id;
      assert.equal((await t.rig.snapshot(t.ann)).call?.customerId, null);
      await consult({ userId: t.bob });
      const side = (await t.rig.snapshot(t.bob)).call!.id;
      const told: unknown[] = [];
      t.rig.app.bus.subscribe(`agent.snapshot.${t.ann}`, (seen) =>
        told.push((seen as AgentSnapshot).call?.customerId),
      );
      const seen = await t.rig.ask('agent.identify', { userId: t.bob, callId: side, customerId: 1 });
      assert.equal(seen.call?.customerId, 1);
      assert.equal((await t.rig.snapshot(t.ann)).call?.customerId, 1);
      assert.ok(told.includes(1), 'who asked is told at once');
      await t.rig.dialer.settled();
      const rows = await t.rig.app.db.knex('calls').whereIn('id', [t.callId, side]).orderBy('parent_id');
      assert.deepEqual(rows.map(({ customer_id }) => customer_id), [1, null]); // prettier-ignore
    });

    // Fault: the switch has no bridge of theirs any more.
    it('leave a colleague with a desk phone ready when the talk is over, however the switch takes it', async () => {
      await start('per-call');
      const asking = consult({ userId: t.bob });
      await on(t.bob, 'on-call');
      await asking;
      refused.set('addToBridge', 1);
      await t.rig.ask('agent.hangup', { userId: t.bob, callId: (await t.rig.snapshot(t.bob)).call!.id });
      await t.rig.pass(500);
      const after = await t.rig.snapshot(t.bob);
      assert.deepEqual([after.state, after.phone], ['ready', 'none']);
      await takenBack();
    });

    it('are called off while a desk phone rings, which stops, and the customer is back at once', async () => {
      await start('per-call');
      t.rig.sim.setPickUp(15_000);
      const asking = consult({ userId: t.bob });
      await when(t.bob, 'rings', ({ phone }) => phone === 'ringing');
      const at = t.rig.app.clock.now();
      const back = await t.rig.ask('agent.take-back', { userId: t.ann, callId: t.callId });
      assert.deepEqual([back.call?.state, back.call?.consult], ['connected', null]);
      await asking;
      assert.ok(t.rig.app.clock.now() - at < 1_000);
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
      await allSidesOver();
      assert.equal(t.rig.sim.stats().recordingsNow, 1);
    });

    it('fault: the database is silent – the customer is back within seconds, and is taken back before by who wants', async () => {
      await start();
      const { db } = t.rig.app;
      const transaction = db.transaction.bind(db);
      const silence = () => (db.transaction = () => new Promise(() => {}));
      silence();
      const refusedFor = consult({ e164: outside }).then(
        () => null,
        ({ reason }: { reason: string }) => reason,
      );
      await when(t.ann, 'on hold', ({ call }) => call?.state === 'held');
      await t.rig.pass(2_500);
      assert.match(String(await refusedFor), /^database-/);
      assert.equal((await t.rig.snapshot(t.ann)).call?.state, 'connected');
      const asking = consult({ e164: outside }).catch(({ reason }: { reason: string }) => reason);
      await t.rig.until(
        'on hold',
        async () => (await t.rig.snapshot(t.ann)).call?.consult?.state === 'created',
      );
      const back = await t.rig.ask('agent.take-back', { userId: t.ann, callId: t.callId });
      assert.equal(back.call?.state, 'connected');
      await asking;
      db.transaction = transaction;
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
    });

    it('end for all when the customer hangs up', async () => {
      await start();
      await consult({ userId: t.bob });
      t.rig.sim.hangUp(`rw-call-${t.callId}-1`);
      assert.equal((await on(t.ann, 'wrapup')).call?.noteOnly, false);
      await on(t.bob, 'ready');
      await dispose(t.ann);
      await allOver();
    });

    it('leave the customer on hold when the colleague hangs up, or loses the phone', async () => {
      await start();
      await consult({ userId: t.bob });
      const side = (await t.rig.snapshot(t.bob)).call!.id;
      await t.rig.ask('agent.hangup', { userId: t.bob, callId: side });
      const held = await when(t.ann, 'told', ({ call }) => call?.consult?.state === 'ended');
      assert.deepEqual([held.state, held.call?.state], ['on-call', 'held']);
      await on(t.bob, 'ready');
      await consult({ userId: t.bob });
      t.rig.sim.hangUp(await channel(`PJSIP/agent-${t.bob}`));
      await when(t.bob, 'lost', ({ phone }) => phone === 'lost');
      assert.equal((await t.rig.snapshot(t.ann)).call?.state, 'held');
      await t.rig.ask('agent.take-back', { userId: t.ann, callId: t.callId });
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
    });

    it('end when the agent’s own phone is lost; the customer waits for it with music', async () => {
      await start();
      await consult({ userId: t.bob });
      t.rig.sim.hangUp(await channel(`PJSIP/agent-${t.ann}`));
      await on(t.bob, 'ready');
      assert.equal((await t.rig.snapshot(t.ann)).call?.state, 'held');
      const back = await when(
        t.ann,
        'talks',
        ({ call, phone }) => phone === 'up' && call?.state === 'connected',
      );
      assert.equal(back.state, 'on-call');
      await t.rig.until('with the customer', async () => (await withCustomer())?.[0] === `rw-agent-${t.ann}`);
    });

    it('end when the number hangs up after a talk', async () => {
      await start();
      await consult({ e164: brieflyOutside });
      await talksOutside();
      const over = await when(t.ann, 'over', ({ call }) => call?.consult?.state === 'ended', 10_000);
      assert.deepEqual([over.call?.state, over.call?.consult?.outcome], ['held', 'answered']);
      await t.rig.until('in the bridge', async () => (await withCustomer())?.[0] === `rw-agent-${t.ann}`);
    });

    const asBefore = async (to: { userId: number } | { e164: string }) => {
      await assert.rejects(consult(to), { reason: 'switch-refused' });
      assert.deepEqual(
        [(await t.rig.snapshot(t.ann)).call?.state, (await t.rig.snapshot(t.bob)).state],
        ['connected', 'ready'],
      );
      await t.rig.until('as before', async () => (await withCustomer())?.[0] === `rw-agent-${t.ann}`);
      await allSidesOver();
    };

    // Fault: the switch refuses at each step in turn, or does it and its answer is lost.
    for (const operation of ['hold', 'removeFromBridge', 'addToBridge'])
      for (const whom of operation === 'addToBridge' ? ['a colleague'] : ['a colleague', 'a number'])
        for (const [what, faults] of [
          ['refuses', refused],
          ['does not answer', unanswered],
        ] as const)
          // prettier-ignore
          it(`fault: the switch ${what} ${operation} for ${whom} – the customer is with the agent as before`, async () => {
            await start();
            faults.set(operation, 1);
            await asBefore(whom === 'a number' ? { e164: outside } : { userId: t.bob });
          });

    it('fault: nothing that brings the customer back is done either – who is resumed is heard again', async () => {
      await start();
      unanswered.set('removeFromBridge', 1);
      refused.set('addToBridge', 1);
      await assert.rejects(consult({ e164: outside }), { reason: 'switch-refused' });
      assert.equal((await t.rig.snapshot(t.ann)).call?.state, 'held');
      assert.equal(await withCustomer(), null, 'in no bridge');
      const back = await t.rig.ask('agent.hold', { userId: t.ann, callId: t.callId, on: false });
      assert.equal(back.call?.state, 'connected');
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
    });

    it('fault: the dialer is killed in a talk with a colleague – that talk ends, the customer stays on hold', async () => {
      await start();
      await consult({ userId: t.bob });
      await restart();
      const held = await when(t.ann, 'held', ({ call }) => call?.state === 'held');
      assert.equal(held.state, 'on-call');
      await on(t.bob, 'ready');
      await t.rig.ask('agent.hold', { userId: t.ann, callId: t.callId, on: false });
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
    });

    it('fault: the dialer dies between the end of the customer’s call and that of the other – the next start ends it', async () => {
      await start();
      await consult({ e164: outside });
      await talksOutside();
      await t.rig.dialer.settled();
      await t.rig.dialer.close();
      const { knex } = t.rig.app.db;
      const end = { state: 'ended', ended_at: t.rig.app.clock.now(), outcome: 'answered', revision: 99 };
      await knex('calls').where({ id: t.callId }).update(end);
      await knex('agent_sessions').update({ state: 'signed-out', call_id: null, channel_id: null });
      await t.rig.restart();
      const [side] = await sides();
      assert.deepEqual([side.state, side.outcome], ['ended', 'answered']);
      await t.rig.until('its line is free', () => t.rig.sim.stats().channelsNow === 0, 30_000);
    });

    it('fault: the dialer is killed in a talk with a number – it goes on, and can be completed', async () => {
      await start();
      await consult({ e164: outside });
      await talksOutside();
      await restart();
      assert.equal((await t.rig.snapshot(t.ann)).call?.consult?.state, 'connected');
      assert.equal(await withCustomer(), null);
      await t.rig.ask('agent.complete', { userId: t.ann, callId: t.callId });
      assert.equal((await withCustomer())?.length, 1);
    });
  });
});
