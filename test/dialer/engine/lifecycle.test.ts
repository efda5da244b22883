import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createCampaignStore } from '../../../campaigns/index.ts';
import { allowAbandoning } from '../../support/allow-abandoning.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';

// The last two digits choose the customer: see dialer/telephony/customers.ts.
const person = '+14155550101';
const talksAndHangsUp = '+14155550103';
const noAnswer = '+14155550104';
const busy = '+14155550105';
const unallocated = '+14155550106';
const congestion = '+14155550107';

describe('life of an outbound call', () => {
  let rig: DialerRig;
  beforeEach(async () => {
    rig = await dialerRig();
  });
  afterEach(() => rig.close());

  const start = async (numbers: string[], given: Record<string, unknown> = {}) => {
    await allowAbandoning(rig.app);
    const userId = await rig.agent('ann');
    const trunkId = await rig.trunk('First');
    const campaignId = await rig.campaign({ numbers, trunkIds: [trunkId], agentIds: [userId], ...given });
    await rig.dialer.start();
    return { userId, trunkId, campaignId };
  };

  it('brings a customer who answers to the agent, records, wraps up and settles the lead', async () => {
    const { userId, trunkId, campaignId } = await start([talksAndHangsUp]);
    await rig.ready(userId);
    const talking = await rig.until('on a call', async () => {
      const snapshot = await rig.snapshot(userId);
      return snapshot.state === 'on-call' ? snapshot : null;
    });
    assert.equal(talking.call?.state, 'connected');
    assert.equal(talking.call?.e164, talksAndHangsUp);
    assert.equal(talking.call?.recording, 'on');
    const wrapup = await rig.until('wrap-up', async () => {
      const snapshot = await rig.snapshot(userId);
      return snapshot.state === 'wrapup' ? snapshot : null;
    });
    assert.equal(wrapup.call?.outcome, 'answered');
    assert.equal(wrapup.call?.endedBy, 'customer');
    const done = await rig.ask('agent.dispose', {
      userId,
      callId: wrapup.call!.id,
      dispositionId: await rig.disposition('sale'),
      note: 'two of them',
      next: 'ready',
    });
    assert.equal(done.state, 'ready');
    await rig.dialer.settled();
    const [call] = await rig.calls();
    assert.equal(call?.outcome, 'answered');
    assert.equal(call?.trunk_id, trunkId);
    assert.equal(call?.user_id, userId);
    assert.equal(call?.disposition_id, await rig.disposition('sale'));
    const [lead] = await rig.leads();
    assert.deepEqual(
      [lead?.state, lead?.state_reason, lead?.attempts, lead?.reserved_by],
      ['done', 'sale', 1, null],
    );
    const events = await rig.app.db.knex('call_events').orderBy('id').select('event');
    assert.deepEqual(
      events.map((row: { event: string }) => row.event),
      ['create', 'dial', 'ringing', 'answer', 'connect', 'end', 'disposed'],
    );
    const timeline = await rig.app.db.knex('timeline_entries').orderBy('id').select('kind');
    assert.deepEqual(
      timeline.map((row: { kind: string }) => row.kind),
      ['call', 'disposition'],
    );
    const recording = await rig.until('recording fetched', async () =>
      rig.app.db.knex('recordings').where({ state: 'stored' }).first(),
    );
    assert.match(recording.path, /^recordings\/2026\/11\/\w+\.wav$/);
    assert.equal((await rig.pacing(campaignId)).notDialing?.code, 'no-leads');
    assert.equal(rig.sim.stats().channelsNow, 1);
  });

  for (const order of ['pause', 'stop'] as const) {
    const answersLate = '+14155550102';
    const ringTwo = async () => {
      const { userId, campaignId } = await start([answersLate, noAnswer, person, busy], {
        ...{ mode: 'power', powerRatio: 2, maxLinesPerAgent: 2, abandonCap: 1 },
      });
      await rig.ready(userId);
      await rig.until('two lines ring', async () => {
        const calls = await rig.calls();
        return calls.length === 2 && calls.every((call) => call.state === 'ringing');
      });
      const moved = await createCampaignStore(rig.app).transition(campaignId, order, rig.app.clock.now());
      assert.ok(moved.moved);
      return userId;
    };
    const allOver = () =>
      rig.until('all over', async () => (await rig.calls()).every((call) => call.state === 'ended'));

    it(`lets lines ring on after ${order}: who answers is brought to an agent, nobody else is called`, async () => {
      const userId = await ringTwo();
      const talking = await rig.until('on a call', async () => {
        const snapshot = await rig.snapshot(userId);
        return snapshot.state === 'on-call' ? snapshot : null;
      });
      assert.equal(talking.call?.e164, answersLate);
      await rig.ask('agent.hangup', { userId, callId: talking.call!.id });
      await allOver();
      await rig.until('wrap-up is over', async () => (await rig.snapshot(userId)).state !== 'wrapup');
      await rig.dialer.settled();
      const outcomes = (await rig.calls()).map((call) => [call.e164, call.outcome]);
      assert.deepEqual(new Map(outcomes as [string, string][]), new Map([[answersLate, 'answered'], [noAnswer, 'no-answer']])); // prettier-ignore
      assert.ok((await rig.leads()).every((lead) => lead.reserved_by === null && lead.state !== 'dialing'));
      assert.equal(rig.sim.stats().channelsNow, 1, 'the agent’s leg is left');
    });

    it(`hangs up what rings on after ${order} when the last agent leaves: nobody would be there`, async () => {
      const userId = await ringTwo();
      await rig.ask('agent.sign-out', { userId });
      await allOver();
      await rig.dialer.settled();
      assert.ok((await rig.calls()).every((call) => call.outcome === 'cancelled'));
      assert.ok((await rig.leads()).every((lead) => lead.reserved_by === null && lead.state !== 'dialing'));
      await rig.until('lines are free', () => rig.sim.stats().channelsNow === 0);
    });
  }

  it('replaces a leg that leads nowhere when the agent’s phone comes anew, and the customer stays', async () => {
    const { userId } = await start([person]);
    await rig.ready(userId);
    const { call } = await rig.until('on a call', async () => {
      const snapshot = await rig.snapshot(userId);
      return snapshot.state === 'on-call' ? snapshot : null;
    });
    const session = () => rig.app.db.knex('agent_sessions').where({ user_id: userId }).first();
    const { channel_id: dead } = await session();
    await rig.ask('agent.sign-in', { userId });
    await rig.pass(1_000);
    assert.equal((await session()).channel_id, dead, 'a page that has its leg changes nothing');
    // Fault: the browser has crashed without a word, and another one has registered.
    assert.equal((await rig.ask('agent.sign-in', { userId, fresh: true })).call?.state, 'held');
    await rig.until('another leg', async () => (await rig.snapshot(userId)).phone === 'up', 2_000);
    // The customer is brought back first, then the music ends.
    const after = await rig.until(
      'talking again',
      async () => {
        const snapshot = await rig.snapshot(userId);
        return snapshot.call?.state === 'connected' ? snapshot : null;
      },
      2_000,
    );
    await rig.dialer.settled();
    assert.notEqual((await session()).channel_id, dead);
    assert.deepEqual([after.state, after.call?.id, after.call?.state], ['on-call', call!.id, 'connected']);
    await rig.until('the dead leg is gone', () => rig.sim.stats().channelsNow === 2);
  });

  it('gives each refusal of the network its outcome, and its words to the lead', async () => {
    const { userId } = await start([noAnswer, busy, unallocated, congestion]);
    await rig.ready(userId);
    await rig.until(
      'all four have ended',
      async () => (await rig.calls()).filter((call) => call.state === 'ended').length === 4,
    );
    await rig.dialer.settled();
    const outcomes = Object.fromEntries((await rig.calls()).map((call) => [call.e164, call.outcome]));
    assert.deepEqual(outcomes, {
      [noAnswer]: 'no-answer',
      [busy]: 'busy',
      [unallocated]: 'unallocated',
      [congestion]: 'congestion',
    });
    const leads = await rig.leads();
    assert.deepEqual(
      leads.map((lead) => lead.last_outcome),
      ['no-answer', 'busy', 'unallocated', 'congestion'],
    );
    assert.ok(leads.every((lead) => lead.reserved_by === null && lead.state !== 'dialing'));
  });

  it('lets the agent hang up, hold, and pause after the call', async () => {
    const { userId } = await start([person]);
    await rig.ready(userId);
    const { call } = await rig.until('on a call', async () => {
      const snapshot = await rig.snapshot(userId);
      return snapshot.state === 'on-call' ? snapshot : null;
    });
    const callId = call!.id;
    assert.equal((await rig.ask('agent.hold', { userId, callId, on: true })).call?.state, 'held');
    assert.equal((await rig.ask('agent.hold', { userId, callId, on: false })).call?.state, 'connected');
    const [code] = await rig.app.db.knex('pause_codes').where({ code: 'lunch' });
    const asked = await rig.ask('agent.pause', { userId, pauseCodeId: code.id });
    assert.deepEqual([asked.state, asked.nextPauseCodeId], ['on-call', code.id]);
    const ended = await rig.ask('agent.hangup', { userId, callId });
    assert.deepEqual([ended.state, ended.call?.endedBy], ['wrapup', 'agent']);
    await rig.until('wrap-up is over', async () => (await rig.snapshot(userId)).state === 'paused', 70_000);
    assert.equal((await rig.snapshot(userId)).pauseCodeId, code.id);
    await rig.dialer.settled();
    // No result was chosen in time: the call stands as "no decision", and the lead waits by its rule.
    assert.equal((await rig.leads())[0]?.state, 'waiting');
  });

  it('sends the refused call over the second trunk', async () => {
    rig.sim.setCarrier('trunk-1', { channels: 0, callsPerSecond: 10 });
    const userId = await rig.agent('ann');
    const first = await rig.trunk('First');
    const second = await rig.trunk('Second');
    await rig.campaign({ numbers: [talksAndHangsUp], trunkIds: [first, second], agentIds: [userId] });
    await rig.dialer.start();
    await rig.ready(userId);
    await rig.until('on a call', async () => (await rig.snapshot(userId)).state === 'on-call');
    await rig.dialer.settled();
    const calls = await rig.calls();
    assert.deepEqual(
      calls.map((call) => call.trunk_id),
      [second],
    );
    assert.equal((await rig.leads())[0]?.attempts, 1);
    const trunks = rig.sim.invites().map((invite) => [invite.trunk, invite.taken]);
    assert.deepEqual(trunks, [
      ['trunk-1', false],
      ['trunk-2', true],
    ]);
  });

  it('says in each case why nothing is dialled', async () => {
    const { userId, campaignId } = await start([]);
    const code = async () => (await rig.pacing(campaignId)).notDialing?.code;
    await rig.until('switch is up', async () => (await code()) !== 'switch-down');
    assert.equal(await code(), 'no-agents');
    await rig.signIn(userId);
    assert.equal(await code(), 'no-agents-ready');
    await rig.ask('agent.ready', { userId });
    await rig.until('no leads', async () => (await code()) === 'no-leads');
    // Who has nobody to call lends its agents; that is not why.
    await rig.until(
      'the pacer says so too',
      async () => (await rig.pacing(campaignId)).reason === 'no-leads',
    );
  });

  it('stops when the last agent leaves: nothing rings on, leads go back', async () => {
    const { userId } = await start([noAnswer, noAnswer.replace('0104', '0204')], {
      mode: 'power',
      powerRatio: 2,
    });
    await rig.ready(userId);
    await rig.until('a line rings', async () => (await rig.calls()).some((call) => call.state === 'ringing'));
    await rig.ask('agent.sign-out', { userId });
    await rig.until(
      'all ended',
      async () => (await rig.calls()).every((call) => call.state === 'ended'),
      1_000,
    );
    await rig.dialer.settled();
    assert.ok((await rig.calls()).every((call) => call.outcome === 'cancelled'));
    assert.ok((await rig.leads()).every((lead) => lead.reserved_by === null));
    await rig.until('lines are free', () => rig.sim.stats().channelsNow === 0);
  });

  it('tells an abandoned customer who called, and counts it', async () => {
    const { userId } = await start(
      Array.from({ length: 12 }, (_, n) => `+1415555${String(n).padStart(2, '0')}01`),
      { mode: 'power', powerRatio: 4, abandonCap: 1 },
    );
    await rig.ready(userId);
    await rig.until('one is abandoned', async () =>
      (await rig.calls()).some((call) => call.outcome === 'abandoned'),
    );
    const events = await rig.app.db.knex('call_events').where({ event: 'announce' });
    assert.ok(events.length > 0);
  });
});
