import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import { outside, busyOutside, silentOutside, transfersRig } from './transfers-rig.ts';

describe('transfers', () => {
  const t = transfersRig();
  const {
    start,
    when,
    on,
    row,
    sides,
    channel,
    withCustomer,
    dispose,
    restart,
    allOver,
    blocked,
    closedMeanwhile,
    asked,
    refused,
  } = t;

  describe('blind, to a colleague', () => {
    it('give the customer to who is free, with a recording of their own; who left adds a note, who has them the disposition', async () => {
      await start();
      const { colleagues } = await t.rig.ask('agent.colleagues', { userId: t.ann, callId: t.callId });
      assert.deepEqual(colleagues.map(({ userId, isFree, isOnCampaign }) => [userId, isFree, isOnCampaign]), [[t.bob, true, true]]); // prettier-ignore
      const left = await t.rig.ask('agent.transfer', {
        userId: t.ann,
        callId: t.callId,
        to: { userId: t.bob },
      });
      assert.deepEqual([left.state, left.call?.id, left.call?.noteOnly], ['wrapup', t.callId, true]);
      const has = await t.rig.snapshot(t.bob);
      assert.deepEqual(
        [has.state, has.call?.id, has.call?.state, has.call?.handedOnBy],
        ['on-call', t.callId, 'connected', { userId: t.ann, name: 'ann' }],
      );
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.bob}`]);
      await assert.rejects(dispose(t.ann), { reason: 'call-goes-on' });
      await assert.rejects(t.rig.ask('agent.hangup', { userId: t.ann, callId: t.callId }), {
        reason: 'wrong-state',
      });
      const note = { userId: t.ann, callId: t.callId, note: 'wants the small one', next: 'ready' as const };
      assert.equal((await t.rig.ask('agent.note', note)).state, 'ready');
      await t.rig.ask('agent.hangup', { userId: t.bob, callId: t.callId });
      assert.equal((await t.rig.snapshot(t.bob)).call?.noteOnly, false);
      await dispose(t.bob, 'interested');
      await t.rig.dialer.settled();
      const call = await row();
      assert.deepEqual([call.user_id, call.outcome, call.left_at], [t.bob, 'answered', null]);
      const told = await t.rig.app.db
        .knex('timeline_entries')
        .whereIn('kind', ['note', 'disposition'])
        .orderBy('id');
      assert.deepEqual(told.map(({ kind, user_id }) => [kind, user_id]), [['note', t.ann], ['disposition', t.bob]]); // prettier-ignore
      const recordings = await t.rig.app.db.knex('recordings').orderBy('id');
      assert.deepEqual(recordings.map(({ name }) => name), [t.callId, `${t.callId}-2`]); // prettier-ignore
      assert.equal((await t.rig.leads())[0]?.reserved_by, null);
      await allOver();
    });

    it('ring a desk phone first, and the customer talks on until it is picked up', async () => {
      await start('per-call');
      t.rig.sim.setPickUp(3_000);
      const given = t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { userId: t.bob } });
      await when(t.bob, 'rings', ({ phone }) => phone === 'ringing');
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
      await on(t.bob, 'on-call');
      assert.equal((await given).state, 'wrapup');
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.bob}`]);
    });

    it('are refused where the colleague is not free', async () => {
      await start();
      await t.rig.ask('agent.pause', { userId: t.bob, pauseCodeId: 1 });
      await assert.rejects(
        t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { userId: t.bob } }),
        {
          reason: 'colleague-not-free',
        },
      );
      assert.equal((await t.rig.snapshot(t.ann)).call?.state, 'connected');
    });

    // Fault: the switch refuses to bring the customer to the colleague.
    it('leave the customer with the agent where the switch refuses', async () => {
      await start();
      refused.set('addToBridge', 1);
      await assert.rejects(
        t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { userId: t.bob } }),
        {
          reason: 'switch-refused',
        },
      );
      assert.deepEqual(
        [(await t.rig.snapshot(t.ann)).state, (await t.rig.snapshot(t.bob)).state],
        ['on-call', 'ready'],
      );
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
    });

    it('tell the pacer that the first talk is over', async () => {
      await start();
      await t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { userId: t.bob } });
      await t.rig.dialer.settled();
      const events = await t.rig.app.db.knex('call_events').where({ call_id: t.callId }).orderBy('id');
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
      await t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { e164: outside } });
      assert.ok(asked.includes('transfer'));
      assert.equal((await t.rig.snapshot(t.ann)).state, 'wrapup');
      await assert.rejects(dispose(t.ann), { reason: 'call-goes-on' });
      await when(t.ann, 'they talk', ({ call }) => call?.state === 'outside');
      const [side] = await sides();
      assert.deepEqual(
        [side.direction, side.path, side.campaign_id, side.e164],
        ['out', 'transfer', null, outside],
      );
      assert.deepEqual(await withCustomer(), [`rw-call-${side.id}-1`]);
      assert.equal((await dispose(t.ann, 'sale')).state, 'ready');
      await t.rig.dialer.settled();
      assert.notEqual((await t.rig.leads())[0]?.state, 'dialing');
      await t.rig.pass(20_000);
      assert.equal((await row()).state, 'outside', 'they talk on');
      t.rig.sim.hangUp(await channel('PJSIP/trunk-'));
      await allOver();
      assert.equal((await row()).outcome, 'answered');
      assert.equal((await sides())[0].outcome, 'answered');
      const calls = await t.rig.app.db.knex('timeline_entries').where({ kind: 'call' });
      assert.deepEqual(calls.map(({ call_id }) => call_id), [t.callId]); // prettier-ignore
    });

    it('are refused by the gate in words, and the customer stays', async () => {
      await start();
      blocked.add(outside);
      await assert.rejects(
        t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { e164: outside } }),
        {
          reason: 'blocked-by-gate',
        },
      );
      assert.equal((await t.rig.snapshot(t.ann)).call?.state, 'connected');
      assert.deepEqual(await sides(), []);
    });

    // Fault: the bus loses the message that tells of the entry.
    it('connect nobody whose number came onto a list while it rang, and bring the customer back', async () => {
      await start();
      closedMeanwhile.add(outside);
      await t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { e164: outside } });
      const back = await on(t.ann, 'on-call');
      assert.deepEqual([back.call?.id, back.call?.state], [t.callId, 'connected']);
      const [side] = await sides();
      assert.deepEqual([side.outcome, side.connected_at, side.campaign_id], ['abandoned', null, null]);
      await t.rig.dialer.settled();
      const events = await t.rig.app.db.knex('call_events').where({ call_id: side.id }).pluck('event');
      assert.ok(events.includes('answer') && !events.includes('announce'), events.join());
    });

    it('are stopped by a number of the campaign’s own list that is added while it rings', async () => {
      await start();
      await t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { e164: silentOutside } });
      await t.rig.until('it rings', async () => (await sides())[0]?.state === 'ringing');
      const { campaign_id: campaignId } = await row();
      const entry = { e164: silentOutside, campaignId, reason: 'asked', source: 'api', by: 1 } as const;
      await createDncStore(t.rig.app).add({ ...entry, at: t.rig.app.clock.now() });
      await t.rig.until('it has ended', async () => (await sides())[0].outcome === 'cancelled', 1_000);
      assert.equal((await on(t.ann, 'on-call')).call?.state, 'connected');
    });

    it('fault: nobody can say whether a number that picked up may be connected – asked again, and given up in the end', async () => {
      await start();
      t.unknown.times = 3;
      await t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { e164: outside } });
      await when(t.ann, 'they talk', ({ call }) => call?.state === 'outside');
      assert.equal(t.unknown.times, 0);
      await t.rig.close();
      await start();
      t.unknown.times = Infinity;
      await t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { e164: outside } });
      assert.equal((await on(t.ann, 'on-call')).call?.state, 'connected');
      assert.deepEqual(
        (await sides()).map(({ state, connected_at }) => [state, connected_at]),
        [['ended', null]],
      );
    });

    it('bring the customer back to the agent who still writes, where nobody is reached', async () => {
      await start();
      await t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { e164: busyOutside } });
      const back = await on(t.ann, 'on-call');
      assert.deepEqual(
        [back.call?.id, back.call?.state, back.call?.consult?.outcome],
        [t.callId, 'connected', 'busy'],
      );
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
      await t.rig.ask('agent.hangup', { userId: t.ann, callId: t.callId });
      await dispose(t.ann);
      await allOver();
    });

    it('bring the customer to somebody free where that agent is gone', async () => {
      await start();
      await t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { e164: silentOutside } });
      await t.rig.ask('agent.note', {
        userId: t.ann,
        callId: t.callId,
        note: '',
        next: 'paused',
        pauseCodeId: 1,
      });
      const has = await on(t.bob, 'on-call', 60_000);
      assert.deepEqual([has.call?.id, has.call?.consult], [t.callId, null], 'he has asked nobody');
    });

    it('end when the customer hangs up while the number rings, and the agent says what came of it', async () => {
      await start();
      await t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { e164: silentOutside } });
      await t.rig.until('it rings', async () => (await sides())[0]?.state === 'ringing');
      const customer = (await t.rig.bridges(), `rw-call-${t.callId}-1`);
      t.rig.sim.hangUp(customer);
      await t.rig.until('it has ended', async () => (await row()).state === 'ended');
      await dispose(t.ann);
      await allOver();
      assert.equal((await sides())[0].outcome, 'cancelled');
    });

    it('fault: the dialer is killed while the number rings – who picks up has the customer', async () => {
      await start();
      await t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { e164: '+14155559902' } });
      await t.rig.until('it rings', async () => (await sides())[0]?.state === 'ringing');
      await restart();
      await t.rig.until('they talk', async () => (await row()).state === 'outside', 20_000);
    });

    it('fault: the dialer is killed while they talk – they talk on, and end together', async () => {
      await start();
      await t.rig.ask('agent.transfer', { userId: t.ann, callId: t.callId, to: { e164: outside } });
      await when(t.ann, 'they talk', ({ call }) => call?.state === 'outside');
      await dispose(t.ann);
      await restart();
      assert.equal((await row()).state, 'outside');
      assert.equal((await withCustomer())?.length, 1);
      t.rig.sim.hangUp(`rw-call-${(await sides())[0].id}-1`);
      await allOver();
      assert.equal((await t.rig.app.db.knex('timeline_entries').where({ kind: 'call' })).length, 1);
    });
  });
});
