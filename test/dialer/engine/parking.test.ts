import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DraftStore } from '../../../dialer/drafts/draft-store.ts';
import { parkLimitSetting } from '../../../dialer/parking/parking-settings.ts';
import { outside, transfersRig } from './transfers-rig.ts';

describe('parking', function () {
  this.timeout(90_000);
  const t = transfersRig();
  const { start, when, on, row, withCustomer, dispose, restart, allOver, refused, unanswered, meanwhile } = t;
  const { music } = t;

  const leg = () => `rw-call-${t.callId}-1`;
  const park = (userId = t.ann) => t.rig.ask('agent.park', { userId, callId: t.callId });
  const takeUp = (userId: number) => t.rig.ask('agent.take-up', { userId, callId: t.callId });
  /** For as long as customers stay parked by default there would be much to wait for. */
  const startShort = async (legMode?: 'per-call') => {
    await start(legMode);
    await t.rig.app.settings.set(parkLimitSetting, 10_000, { userId: null });
  };
  const ringsBack = () => t.rig.until('it rings back', async () => (await row()).state === 'waiting', 11_500);
  /** In large steps: nothing is to happen meanwhile. */
  const passLong = async (ms: number) => {
    const end = t.rig.app.clock.now() + ms;
    await t.rig.until('time has passed', () => t.rig.app.clock.now() >= end, ms + 1_000, 500);
  };
  const isParked = async () =>
    (await t.rig.snapshot(t.ann)).parked!.some(({ callId, isRinging }) => callId === t.callId && !isRinging);
  const timeline = () =>
    t.rig.app.db.knex('timeline_entries').whereIn('kind', ['note', 'disposition']).orderBy('id');
  const pauses = (userId: number) => t.rig.ask('agent.pause', { userId, pauseCodeId: 1 });
  const types = (userId: number, note: string) =>
    new DraftStore(t.rig.app.db).save(
      userId,
      t.callId,
      { revision: 0, form: { note } },
      t.rig.app.clock.now(),
    );

  it('frees the agent, and the customer waits with music under a number that all who may see', async () => {
    await start();
    const at = t.rig.app.clock.now();
    const left = await park();
    assert.deepEqual([left.state, left.pauseReason, left.call], ['paused', 'call-parked', null]);
    assert.equal(await withCustomer(), null, 'the customer is in no bridge');
    assert.equal(music.get(leg()), true);
    for (const userId of [t.ann, t.bob]) {
      const [one, ...others] = (await t.rig.snapshot(userId)).parked!;
      assert.deepEqual(
        [one!.callId, one!.slot, one!.isRinging, one!.by, one!.ringsBackAt],
        [t.callId, 1, false, { userId: t.ann, name: 'ann' }, one!.since + parkLimitSetting.fallback],
      );
      assert.ok(one!.since >= at && others.length === 0);
    }
    await t.rig.until('its recording is closed', () => t.rig.sim.stats().recordingsNow === 0);
    // Free to do other things: a call of their own, another customer.
    const campaignId = left.campaigns[0]!.id;
    await t.rig.ask('agent.dial', { userId: t.ann, campaignId, e164: outside });
    const other = await on(t.ann, 'on-call');
    assert.notEqual(other.call?.id, t.callId);
    assert.ok(await isParked());
    t.rig.sim.hangUp(leg());
    await t.rig.ask('agent.hangup', { userId: t.ann, callId: other.call!.id });
    await allOver();
  });

  it('gives the customer back to who has parked them, who then says what came of it', async () => {
    await start();
    await park();
    const back = await takeUp(t.ann);
    assert.deepEqual([back.state, back.call?.id, back.call?.state], ['on-call', t.callId, 'connected']);
    assert.deepEqual([back.parked, back.pausesNext, back.call?.handedOnBy], [[], false, null]);
    assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
    await t.rig.until('the music ends', () => music.get(leg()) === false);
    await t.rig.ask('agent.hangup', { userId: t.ann, callId: t.callId });
    assert.equal((await dispose(t.ann, 'sale')).state, 'ready');
    await allOver();
    const call = await row();
    assert.deepEqual([call.user_id, call.left_at, call.park_slot], [t.ann, null, null]);
    const recordings = await t.rig.app.db.knex('recordings').orderBy('id');
    assert.deepEqual(recordings.map(({ name }) => name), [t.callId, `${t.callId}-2`]); // prettier-ignore
  });

  it('gives them to a colleague, whose the disposition is; what the first has typed is kept as a note', async () => {
    await start();
    await types(t.ann, 'wants the small one');
    await park();
    const has = await takeUp(t.bob);
    assert.deepEqual(
      [has.state, has.call?.state, has.call?.handedOnBy],
      ['on-call', 'connected', { userId: t.ann, name: 'ann' }],
    );
    assert.deepEqual(await withCustomer(), [`rw-agent-${t.bob}`]);
    assert.deepEqual((await t.rig.snapshot(t.ann)).parked, []);
    await assert.rejects(takeUp(t.ann), { reason: 'parked-gone' });
    await t.rig.ask('agent.hangup', { userId: t.bob, callId: t.callId });
    await dispose(t.bob, 'interested');
    await allOver();
    await t.rig.dialer.settled();
    const told = await timeline();
    assert.deepEqual(told.map(({ kind, user_id }) => [kind, user_id]), [['note', t.ann], ['disposition', t.bob]]); // prettier-ignore
    assert.equal((await row()).user_id, t.bob);
  });

  it('is for who has parked them and for who works on the campaign, and for one of them at a time', async () => {
    await start();
    const eve = await t.rig.agent('eve');
    await t.rig.signIn(eve);
    await park();
    assert.deepEqual((await t.rig.snapshot(eve)).parked, []);
    await assert.rejects(takeUp(eve), { reason: 'not-assigned-to-campaign' });
    const both = await Promise.allSettled([takeUp(t.bob), takeUp(t.ann)]);
    assert.deepEqual(both.map(({ status }) => status), ['fulfilled', 'rejected']); // prettier-ignore
    assert.equal((await t.rig.snapshot(t.ann)).state, 'paused');
    assert.deepEqual(await withCustomer(), [`rw-agent-${t.bob}`]);
  });

  it('is refused while somebody is asked, on a lost phone and of what is no talk', async () => {
    await start();
    await t.consult({ e164: outside });
    await assert.rejects(park(), { reason: 'consult-goes-on' });
    await t.rig.ask('agent.take-back', { userId: t.ann, callId: t.callId });
    await t.rig.ask('agent.hangup', { userId: t.ann, callId: t.callId });
    await assert.rejects(park(), { reason: 'wrong-state' });
  });

  it('rings back to who has parked them, as set, where they are still at it', async () => {
    await start();
    await t.rig.app.settings.set(parkLimitSetting, 30_000, { userId: null });
    await park();
    await t.rig.pass(29_000);
    assert.ok(await isParked());
    await t.rig.pass(1_500);
    const back = await on(t.ann, 'on-call', 1_000);
    assert.equal(back.call?.id, t.callId);
    assert.equal((await t.rig.snapshot(t.bob)).state, 'ready');
  });

  it('rings at who has parked them alone while they are busy, then goes to anybody who is free', async () => {
    await startShort();
    await park();
    await pauses(t.ann);
    await ringsBack();
    const [mine] = (await t.rig.snapshot(t.ann)).parked!;
    assert.deepEqual([mine!.isRinging, mine!.ringsBackAt, mine!.slot], [true, null, 1]);
    await t.rig.pass(18_000);
    assert.deepEqual([(await row()).state, (await t.rig.snapshot(t.bob)).state], ['waiting', 'ready']);
    assert.equal(music.get(leg()), true, 'not in silence');
    const has = await on(t.bob, 'on-call', 4_000);
    assert.deepEqual([has.call?.id, has.call?.handedOnBy?.name], [t.callId, 'ann']);
  });

  it('can be taken up while it rings back, also in a pause that was chosen, and who has it is back in that pause', async () => {
    await startShort();
    await park();
    await pauses(t.ann);
    await ringsBack();
    const has = await takeUp(t.ann);
    assert.deepEqual([has.state, has.call?.id, has.nextPauseCodeId], ['on-call', t.callId, 1]);
  });

  it('goes at once to somebody free where who has parked them is gone', async () => {
    await startShort();
    await park();
    await t.rig.ask('agent.sign-out', { userId: t.ann });
    const has = await on(t.bob, 'on-call', 12_000);
    assert.equal(has.call?.id, t.callId);
  });

  it('tells the customer by the message, after music, where nobody comes', async () => {
    await startShort();
    await park();
    await pauses(t.ann);
    await pauses(t.bob);
    await ringsBack();
    await passLong(293_000);
    assert.deepEqual([(await row()).state, music.get(leg())], ['waiting', true]);
    await t.rig.until('the message plays', async () => (await row()).state === 'announcing', 8_000);
    await allOver();
    const call = await row();
    assert.deepEqual([call.outcome, call.abandoned_at, call.user_id], ['answered', null, t.ann]);
  });

  it('leaves the word to who has parked them when the customer hangs up, and nobody is kept from work by it', async () => {
    await start();
    await types(t.ann, 'will think about it');
    await park();
    await t.rig.ask('agent.ready', { userId: t.ann });
    t.rig.sim.hangUp(leg());
    await allOver();
    await t.rig.dialer.settled();
    const call = await row();
    assert.deepEqual([call.outcome, call.user_id, call.ended_by], ['answered', t.ann, 'customer']);
    assert.notEqual(call.wrapup_missed_at, null, 'they are asked what came of it');
    assert.deepEqual((await t.rig.snapshot(t.bob)).parked, []);
    assert.equal((await t.rig.leads())[0]?.reserved_by, null);
  });

  it('gives each customer a number of their own', async () => {
    await start();
    await park();
    const campaignId = (await t.rig.snapshot(t.bob)).campaigns[0]!.id;
    await t.rig.ask('agent.dial', { userId: t.bob, campaignId, e164: outside });
    const other = (await on(t.bob, 'on-call')).call!.id;
    await t.rig.ask('agent.park', { userId: t.bob, callId: other });
    const slots = (await t.rig.snapshot(t.ann)).parked!.map(({ callId, slot }) => [callId, slot]);
    assert.deepEqual(slots, [[t.callId, 1], [other, 2]]); // prettier-ignore
    await takeUp(t.ann);
    assert.deepEqual(
      (await t.rig.snapshot(t.ann)).parked!.map(({ slot }) => slot),
      [2],
    );
  });

  it('rings a desk phone, and the customer stays parked where it is not picked up', async () => {
    await start('per-call');
    await park();
    t.rig.sim.setPhone(`PJSIP/agent-${t.bob}`, false);
    const refusal = assert.rejects(takeUp(t.bob), { reason: 'phone-not-up' });
    await t.rig.pass(25_000);
    await refusal;
    assert.deepEqual([await isParked(), music.get(leg())], [true, true]);
    t.rig.sim.setPhone(`PJSIP/agent-${t.bob}`, true);
    await t.rig.ask('agent.ready', { userId: t.bob });
    const has = takeUp(t.bob);
    await on(t.bob, 'on-call');
    assert.equal((await has).call?.id, t.callId);
  });

  // Faults.

  for (const step of ['hold', 'removeFromBridge'])
    it(`fault: the switch refuses ${step} – the customer is with the agent as before`, async () => {
      await start();
      refused.set(step, 1);
      await assert.rejects(park(), { reason: 'switch-refused' });
      assert.deepEqual([(await row()).state, (await t.rig.snapshot(t.ann)).state], ['connected', 'on-call']);
      assert.deepEqual(await withCustomer(), [`rw-agent-${t.ann}`]);
      await t.rig.until('without music', () => music.get(leg()) !== true);
    });

  it('fault: the answer to the last step is lost – the customer is brought back to the agent', async () => {
    await start();
    unanswered.set('removeFromBridge', 1);
    await assert.rejects(park(), { reason: 'switch-refused' });
    await t.rig.until('they are together', async () => (await withCustomer())?.[0] === `rw-agent-${t.ann}`);
    await t.rig.until('without music', () => music.get(leg()) !== true);
  });

  it('fault: the switch refuses to join the colleague – the customer stays parked', async () => {
    await start();
    await park();
    refused.set('addToBridge', 1);
    await assert.rejects(takeUp(t.bob), { reason: 'phone-not-up' });
    assert.ok(await isParked());
    assert.equal(await withCustomer(), null);
  });

  it('fault: the customer hangs up while they are parked, or taken up', async () => {
    await start();
    meanwhile.set('removeFromBridge', async () => t.rig.sim.hangUp(leg()));
    await park().catch(() => {});
    await on(t.ann, 'wrapup');
    await dispose(t.ann);
    await allOver();
  });

  it('fault: the customer hangs up as they are taken up – who had parked them is asked', async () => {
    await start();
    await park();
    meanwhile.set('addToBridge', async () => t.rig.sim.hangUp(leg()));
    await assert.rejects(takeUp(t.bob), { reason: 'parked-gone' });
    assert.equal((await on(t.bob, 'ready')).call, null);
    await allOver();
    assert.equal((await row()).user_id, t.ann);
  });

  it('fault: it rings back in the moment in which it is taken up – one of the two has the customer', async () => {
    await startShort();
    await park();
    meanwhile.set('addToBridge', () => t.rig.pass(12_000));
    const has = await takeUp(t.bob);
    assert.equal(has.state, 'on-call');
    assert.deepEqual(await withCustomer(), [`rw-agent-${t.bob}`]);
    await t.rig.pass(30_000);
    assert.deepEqual([(await row()).state, (await t.rig.snapshot(t.bob)).state], ['connected', 'on-call']);
    assert.equal((await t.rig.snapshot(t.ann)).state, 'paused');
  });

  it('fault: the phone of who has parked them is dead – somebody free gets the customer', async () => {
    await startShort();
    await park();
    t.rig.sim.setPhone(`PJSIP/agent-${t.ann}`, false);
    t.rig.sim.hangUp(await t.channel(`PJSIP/agent-${t.ann}-`));
    await when(t.ann, 'phone lost', ({ phone }) => phone === 'lost');
    const has = await on(t.bob, 'on-call', 12_000);
    assert.equal(has.call?.id, t.callId);
  });

  it('fault: the dialer is killed – the customer hears music on, under the same number, and rings back in time', async () => {
    await start();
    await park();
    await passLong(60_000);
    await restart();
    assert.deepEqual([await isParked(), await withCustomer()], [true, null]);
    const [one] = (await t.rig.snapshot(t.bob)).parked!;
    assert.deepEqual([one?.slot, one?.by?.userId, one?.ringsBackAt], [1, t.ann, one!.since + 120_000]);
    assert.equal(music.get(leg()), true);
    const back = await on(t.ann, 'on-call', 61_000);
    assert.equal(back.call?.id, t.callId);
  });

  it('fault: the dialer is killed while it rings back – who had parked them still comes first', async () => {
    await startShort();
    await park();
    await pauses(t.ann);
    await ringsBack();
    await pauses(t.bob);
    await restart();
    assert.equal((await row()).state, 'waiting');
    assert.equal((await takeUp(t.ann)).call?.id, t.callId);
  });

  /** Kills the dialer in the moment in which the switch is asked for the next join, and starts another. */
  const diesAtTheJoin = async (begin: () => unknown) => {
    let dead = false;
    meanwhile.set('addToBridge', async () => {
      await t.rig.kill();
      dead = true;
    });
    await begin();
    await t.rig.until('it has died', () => dead, 20_000);
    await t.rig.restart();
  };

  it('fault: the dialer is killed as it gives them back – who had parked them comes first again', async () => {
    await startShort();
    await park();
    await diesAtTheJoin(() => {});
    const back = await on(t.ann, 'on-call', 10_000);
    assert.equal(back.call?.id, t.callId);
    assert.equal((await t.rig.snapshot(t.bob)).state, 'ready');
  });

  it('fault: the dialer is killed as a colleague takes them up – the colleague is free, the customer parked', async () => {
    await start();
    await park();
    await diesAtTheJoin(() => void takeUp(t.bob).catch(() => {}));
    await on(t.bob, 'ready', 10_000);
    assert.ok(await isParked());
    await t.rig.until('music', async () => (await withCustomer()) === null && music.get(leg()) === true);
    assert.equal((await takeUp(t.bob)).call?.id, t.callId);
  });

  it('fault: the dialer is killed between what parking is for the call and for the agent', async () => {
    await start();
    await park();
    await t.rig.dialer.settled();
    await t.rig.kill();
    const session = t.rig.app.db.knex('agent_sessions').where({ user_id: t.ann });
    await session.update({ state: 'on-call', call_id: t.callId, pause_reason: null });
    await t.rig.restart();
    const left = await on(t.ann, 'paused', 10_000);
    assert.deepEqual([left.pauseReason, left.call, await isParked()], ['call-parked', null, true]);
  });

  it('fault: the dialer is killed before it is written who has taken them up – the two talk on', async () => {
    await start();
    await park();
    await t.rig.dialer.settled();
    const { knex } = t.rig.app.db;
    const [call, session] = [await row(), await knex('agent_sessions').where({ user_id: t.bob }).first()];
    await takeUp(t.bob);
    await t.rig.dialer.settled();
    await t.rig.kill();
    await knex('calls').where({ id: t.callId }).update(call);
    await knex('agent_sessions').where({ user_id: t.bob }).update(session);
    await t.rig.restart();
    const has = await on(t.bob, 'on-call', 10_000);
    assert.deepEqual([has.call?.id, has.call?.state, has.parked], [t.callId, 'connected', []]);
    await t.rig.pass(1_000);
    assert.deepEqual(await withCustomer(), [`rw-agent-${t.bob}`]);
    await t.rig.until('without music', () => music.get(leg()) === false);
  });
});
