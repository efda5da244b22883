import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { Telephony } from '../../../dialer/telephony/index.ts';
import type { Dialer } from '../../../dialer/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
const answersLate = '+14155550102';
const noAnswer = '+14155550104';

describe('what happens while the legs of an earlier run are taken up', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  afterEach(() => rig.close());

  /** Happens once in the middle of this request of the dialer that takes up. */
  let meanwhile: { request: keyof Telephony; happens: () => Promise<void> } | null = null;
  const eventful = (made: Telephony): Telephony =>
    new Proxy(made, {
      get(target, key) {
        const value = Reflect.get(target, key) as unknown;
        if (typeof value !== 'function') return value;
        if (meanwhile?.request !== key) return (value as () => unknown).bind(target);
        const { happens } = meanwhile;
        meanwhile = null;
        return async (...given: unknown[]) => {
          const answer = (await Reflect.apply(value, target, given)) as unknown;
          await happens();
          // What the switch tells of it is there before the answer is looked at.
          await new Promise((resolve) => setTimeout(resolve, 30));
          hasHappened = true;
          return answer;
        };
      },
    });
  let hasHappened = false;

  const start = async (number: string, state: string, colleague?: string) => {
    rig = await dialerRig({ telephony: eventful });
    const { userId, campaignId } = await startOneAgent(rig, [number]);
    const other = colleague && (await rig.agent(colleague));
    if (other) await rig.app.db.knex('campaign_agents').insert({ campaign_id: campaignId, user_id: other });
    if (other) rig.app.bus.publish('campaign.changed', { campaignId });
    await rig.ready(userId);
    await rig.until(`it is ${state}`, async () => (await call())?.state === state);
    if (other) await rig.ready(other);
    await rig.dialer.settled();
    await rig.kill();
    return userId;
  };
  const call = async () => rig.app.db.knex('calls').first();
  const takeUp = async (request: keyof Telephony, happens: () => Promise<void>): Promise<Dialer> => {
    meanwhile = { request, happens };
    hasHappened = false;
    const next = await rig.restart();
    await rig.until('it has happened', () => hasHappened);
    return next;
  };
  const answers = async () => {
    const { answered } = rig.sim.stats();
    while (rig.sim.stats().answered === answered) {
      rig.app.clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const customerEnds = async () => rig.sim.hangUp(await rig.channelOf('PJSIP/trunk-'));
  const over = (ms: number) =>
    rig.until('it is over', async () => (await call()).state === 'ended' && (await call()), ms);
  const linesInUse = (dialer: Dialer) => dialer.status().trunks[0]?.channelsInUse;

  it('fault: the customer picks up while the agent’s leg is taken up – they talk', async () => {
    const userId = await start(answersLate, 'ringing');
    await takeUp('createBridge', answers);
    const { call: its } = await whenAgent(
      rig,
      userId,
      'they talk',
      ({ state }) => state === 'on-call',
      5_000,
    );
    assert.equal(its?.state, 'connected');
    assert.equal((await call()).abandoned_at, null);
  });

  it('fault: the customer picks up before the answer to what there is – they hear who called, and count as abandoned', async () => {
    await start(answersLate, 'ringing');
    await takeUp('channels', answers);
    const { outcome, abandoned_at } = await over(60_000);
    assert.equal(outcome, 'abandoned');
    assert.ok(abandoned_at);
  });

  for (const request of ['channels', 'createBridge'] as const)
    it(`fault: a line that rings is gone before it is taken up (${request}) – it is over, and its line free`, async () => {
      await start(noAnswer, 'ringing');
      const next = await takeUp(request, customerEnds);
      await over(3_000);
      assert.equal(linesInUse(next), 0);
      await rig.until('its lead is free', async () => (await rig.leads())[0]?.reserved_by === null, 3_000);
    });

  for (const request of ['channels', 'createBridge'] as const)
    it(`fault: the customer hangs up before the talk is taken up (${request}) – the agent wraps up`, async () => {
      const userId = await start(person, 'connected');
      const next = await takeUp(request, customerEnds);
      await whenAgent(rig, userId, 'wraps up', ({ state }) => state === 'wrapup', 3_000);
      assert.equal((await over(1_000)).outcome, 'answered');
      assert.equal(linesInUse(next), 0);
    });

  it('fault: the agent’s leg ends before it is taken up – it is rung anew, and the customer is with them', async () => {
    const userId = await start(person, 'connected');
    const leg = await rig.channelOf(`PJSIP/agent-${userId}`);
    await takeUp('channels', async () => rig.sim.hangUp(leg));
    const isAnew = ({ phone }: { phone: string }) => phone !== 'up';
    await whenAgent(rig, userId, 'the leg is missed', isAnew, 2_000);
    const talks = await whenAgent(
      rig,
      userId,
      'they talk again',
      ({ phone, call: its }) => phone === 'up' && its?.state === 'connected',
      10_000,
    );
    assert.equal(talks.state, 'on-call');
    const theirs = (await rig.bridges()).find(({ bridgeId }) => bridgeId === `rw-agent-${userId}`);
    assert.equal(theirs?.channelIds.length, 2);
    assert.ok(!theirs?.channelIds.includes(leg));
  });

  it('fault: the leg of an agent who is free ended while no dialer ran – nobody is brought to it', async () => {
    const userId = await start(person, 'connected');
    rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${userId}`));
    // As it was a moment before the join.
    await rig.app.db.knex('calls').update({ state: 'waiting', connected_at: null, user_id: null });
    await rig.app.db.knex('agent_sessions').update({ state: 'ready', call_id: null, campaign_id: null });
    await rig.restart();
    const waits = async () =>
      (await rig.snapshot(userId)).phone !== 'up' && (await call()).state === 'waiting';
    await rig.until('they wait for the leg', waits, 2_000);
    await rig.until('they talk', async () => (await rig.snapshot(userId)).state === 'on-call', 5_000);
    const bridge = (await rig.bridges()).find(({ bridgeId }) => bridgeId === `rw-agent-${userId}`);
    assert.equal(bridge?.channelIds.length, 2);
  });

  describe('a talk', () => {
    const inBridgeOf = async (userId: number) => {
      const bridge = (await rig.bridges()).find(({ bridgeId }) => bridgeId === `rw-agent-${userId}`);
      return bridge?.channelIds.filter((channelId) => channelId.startsWith('rw-call-')) ?? [];
    };
    const session = (userId: number) => rig.app.db.knex('agent_sessions').where({ user_id: userId });

    it('fault: its agent works at another dialer since – a colleague has the customer, and nobody else’s bridge does', async () => {
      const ann = await start(person, 'connected', 'bob');
      const bob = ann + 1;
      await session(ann).update({ state: 'ready', call_id: null, campaign_id: null, dialer_id: 'another' });
      await rig.restart();
      const { call: its } = await whenAgent(
        rig,
        bob,
        'bob has them',
        ({ state }) => state === 'on-call',
        5_000,
      );
      assert.equal(its?.state, 'connected');
      await rig.pass(500);
      assert.deepEqual([(await inBridgeOf(bob)).length, (await inBridgeOf(ann)).length], [1, 0]);
    });

    it('fault: its agent works at another dialer since, and nobody is free – they wait with music, and are in no bridge', async () => {
      const ann = await start(person, 'connected');
      await session(ann).update({ state: 'ready', call_id: null, campaign_id: null, dialer_id: 'another' });
      await rig.restart();
      await rig.until('they wait', async () => (await call()).state === 'waiting', 5_000);
      await rig.until('in no bridge', async () => (await inBridgeOf(ann)).length === 0, 5_000);
      assert.equal((await over(90_000)).outcome, 'answered');
    });

    it('fault: the dialer died as the two were joined, and only the call was written – the agent is in the talk', async () => {
      const ann = await start(person, 'connected');
      await session(ann).update({ state: 'reserved' });
      await rig.restart();
      await whenAgent(rig, ann, 'in the talk', ({ state }) => state === 'on-call', 5_000);
      assert.equal((await call()).state, 'connected');
      assert.equal((await inBridgeOf(ann)).length, 1);
    });
  });

  describe('a talk of which the database had not heard yet', () => {
    const inBridgeOf = async (userId: number) =>
      (await rig.bridges()).find(({ bridgeId }) => bridgeId === `rw-agent-${userId}`)?.channelIds.length;
    const behind = async (userId: number, call: object, session: object) => {
      const { knex } = rig.app.db;
      await knex('calls').update({ connected_at: null, user_id: null, ...call });
      await knex('agent_sessions')
        .where({ user_id: userId })
        .update({ call_id: null, campaign_id: null, ...session });
      await knex('recordings').delete();
      await rig.restart();
    };
    const rings = { state: 'ringing', answered_at: null, live_at: null };

    for (const [what, call, session] of [
      ['it rings, and its agent is ready', rings, { state: 'ready' }],
      ['it rings, and its agent is paused', rings, { state: 'paused' }],
      ['it waits, and its agent is ready', { state: 'waiting' }, { state: 'ready' }],
    ] as const)
      it(`fault: the dialer died while ${what} as far as was written – they talk on, and nobody else gets either`, async () => {
        const ann = await start(person, 'connected', 'bob');
        // Free for the longest: the router would choose him.
        await rig.app.db
          .knex('agent_sessions')
          .where({ user_id: ann + 1 })
          .decrement('since', 60_000);
        await behind(ann, call, session);
        const { call: its } = await whenAgent(rig, ann, 'talks', ({ state }) => state === 'on-call', 5_000);
        assert.equal(its?.state, 'connected');
        await rig.pass(3_000);
        assert.deepEqual([await inBridgeOf(ann), await inBridgeOf(ann + 1)], [2, 1]);
        const row = await rig.app.db.knex('calls').first();
        assert.deepEqual([row.state, row.user_id, row.abandoned_at], ['connected', ann, null]);
        await rig.until('it is recorded', async () => (await rig.app.db.knex('recordings').where({ state: 'recording' })).length === 1, 5_000); // prettier-ignore
        await rig.ask('agent.hangup', { userId: ann, callId: row.id });
        assert.equal((await over(5_000)).outcome, 'answered');
      });

    it('fault: beside it an older call waits for an agent – it does not get the one who is in the talk', async () => {
      rig = await dialerRig({ telephony: eventful });
      const { userId: ann, campaignId } = await startOneAgent(rig, [person, person.replace('0101', '0201')]);
      const bob = await rig.agent('bob');
      const { knex } = rig.app.db;
      await knex('campaign_agents').insert({ campaign_id: campaignId, user_id: bob });
      rig.app.bus.publish('campaign.changed', { campaignId });
      const inTalk = () => knex('calls').where({ state: 'connected' }).orderBy('created_at');
      await rig.ready(bob);
      await rig.until('bob talks', async () => (await inTalk()).length === 1);
      await rig.ready(ann);
      await rig.until('both talk', async () => (await inTalk()).length === 2);
      await rig.dialer.settled();
      const [older, younger] = (await inTalk()) as [
        { id: string; user_id: number },
        { id: string; user_id: number },
      ];
      await rig.kill();
      rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${older.user_id}`));
      const session = (userId: number) => knex('agent_sessions').where({ user_id: userId });
      await knex('calls').where({ id: older.id }).update({ state: 'waiting' });
      await session(older.user_id).update({ state: 'paused', call_id: null, campaign_id: null });
      await knex('calls')
        .where({ id: younger.id })
        .update({ ...rings, connected_at: null, user_id: null });
      await session(younger.user_id).update({ state: 'ready', call_id: null, campaign_id: null });
      await rig.restart();
      const is = ({ state }: { state: string }) => state === 'on-call';
      const { call: its } = await whenAgent(rig, younger.user_id, 'talks', is, 5_000);
      assert.equal(its?.id, younger.id);
      await rig.pass(1_000);
      assert.equal(await inBridgeOf(younger.user_id), 2);
      assert.equal((await knex('calls').where({ id: younger.id }).first()).state, 'connected');
    });

    it('fault: so far as was written its agent has gone home – who waits is in nobody’s bridge, and is told who called', async () => {
      const ann = await start(person, 'connected');
      await behind(ann, { state: 'waiting' }, { state: 'signed-out', phone: 'none', channel_id: null });
      await rig.until('they are told', async () => (await call()).state === 'announcing', 5_000);
      assert.notEqual(await inBridgeOf(ann), 2);
    });
  });
});
