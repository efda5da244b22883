import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
const answersLate = '+14155550102';
const noAnswer = '+14155550104';

describe('a dialer that takes up what another has left', () => {
  let rig: DialerRig;
  let ann: number;
  let bob: number;
  beforeEach(async () => {
    rig = await dialerRig();
  });
  afterEach(() => rig.close());

  const start = async (numbers: string[], given: Record<string, unknown> = {}) => {
    ann = await rig.agent('ann');
    bob = await rig.agent('bob');
    const trunkId = await rig.trunk('First');
    const campaignId = await rig.campaign({ numbers, trunkIds: [trunkId], agentIds: [ann, bob], ...given });
    await rig.dialer.start();
    await rig.until('switch is up', () => rig.dialer.status().switch === 'up');
    return campaignId;
  };
  const when = (userId: number, what: string, is: (snapshot: AgentSnapshot) => boolean, ms?: number) =>
    whenAgent(rig, userId, what, is, ms);
  const onCall = (userId: number) => when(userId, 'on a call', ({ state }) => state === 'on-call');
  const die = async () => {
    await rig.dialer.settled();
    await rig.dialer.close();
  };
  const callRows = () => rig.app.db.knex('calls');

  /** The phone proved dead, and that was the last thing it wrote. */
  const writtenAsLost = async (id: string) => {
    await callRows().where({ id }).update({ state: 'waiting', connected_at: null, user_id: null });
    const session = { state: 'paused', call_id: null, campaign_id: null };
    await rig.app.db.knex('agent_sessions').where({ user_id: ann }).update(session);
  };

  it('fault: it died between writing a call down and dialling it – the call ends, its lead is free', async () => {
    await start([noAnswer]);
    await die();
    const [lead] = await rig.leads();
    const now = rig.app.clock.now();
    await rig.app.db
      .knex('leads')
      .update({ state: 'dialing', reserved_by: 'main', reserved_from: 'new', reserved_at: now, attempts: 1 });
    await callRows().insert({
      ...{ id: 'left', direction: 'out', path: 'progressive', campaign_id: 1, lead_id: lead!.id },
      ...{ e164: noAnswer, attempt: 1, state: 'created', dialer_id: 'main', created_at: now },
    });
    const next = await rig.restart();
    await rig.until('switch is up', () => next.status().switch === 'up');
    await next.settled();
    assert.deepEqual(
      (await rig.calls()).map(({ state, outcome }) => [state, outcome]),
      [['ended', 'failed']],
    );
    const free = (await rig.leads())[0];
    assert.deepEqual([free?.reserved_by, free?.state, free?.attempts], [null, 'waiting', 0]);
  });

  it('fault: it died in a trunk’s test call that was picked up – nobody was abandoned', async () => {
    await start([]);
    await die();
    const now = rig.app.clock.now();
    const call = { direction: 'out', path: 'manual', e164: person, attempt: 1, dialer_id: 'main' };
    const up = { state: 'waiting', created_at: now, dialed_at: now, answered_at: now, live_at: now };
    await callRows().insert([
      { ...call, ...up, id: 'test' },
      // A call by hand of a campaign that is gone.
      { ...call, ...up, id: 'met-nobody', campaign_id: 99 },
    ]);
    await (await rig.restart()).settled();
    const ended = await callRows().orderBy('id', 'desc').select('id', 'outcome', 'abandoned_at');
    assert.deepEqual(
      ended.map(({ id, outcome, abandoned_at }) => [id, outcome, abandoned_at === null]),
      [
        ['test', 'hung-up', true],
        ['met-nobody', 'abandoned', false],
      ],
    );
  });

  it('fault: it died while a person waited – they go to a free agent', async () => {
    await start([person]);
    await rig.ready(ann);
    const { call } = await onCall(ann);
    await die();
    // As it was a moment before the join.
    await callRows().where({ id: call!.id }).update({ state: 'waiting', connected_at: null, user_id: null });
    await rig.app.db.knex('agent_sessions').where({ user_id: ann }).update({ state: 'reserved' });
    await rig.restart();
    const joined = await onCall(ann);
    assert.deepEqual([joined.call?.id, joined.call?.state], [call!.id, 'connected']);
  });

  it('fault: it died while a person waited and nobody is free – they hear the message, and the call ends', async () => {
    await start([person]);
    await rig.ready(ann);
    const { call } = await onCall(ann);
    await die();
    await writtenAsLost(call!.id);
    // The two are not together on the switch.
    rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${ann}`));
    await rig.restart();
    await rig.until('it has ended', async () => (await rig.calls())[0]?.state === 'ended', 60_000);
    assert.equal((await rig.calls())[0]?.outcome, 'abandoned');
  });

  it('fault: it died as the phone of who had called by hand had proved dead – the customer hears who called', async () => {
    await start([person], { mode: 'preview' });
    await rig.ready(ann);
    const { preview } = await when(ann, 'preview', (snapshot) => snapshot.preview !== null);
    await rig.ask('agent.preview-dial', { userId: ann, leadId: preview!.leadId });
    const { call } = await onCall(ann);
    await die();
    await writtenAsLost(call!.id);
    rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${ann}`));
    await rig.restart();
    await rig.until('they are told', async () => (await rig.calls())[0]?.state === 'announcing', 3_000);
    await rig.until('it has ended', async () => (await rig.calls())[0]?.state === 'ended', 60_000);
    assert.equal((await rig.calls())[0]?.outcome, 'abandoned');
  });

  it('fault: it died while an agent’s own call rang – that agent gets it, and nobody else', async () => {
    await start([answersLate], { mode: 'preview' });
    await rig.ready(ann);
    const { preview } = await when(ann, 'preview', (snapshot) => snapshot.preview !== null);
    await rig.ask('agent.preview-dial', { userId: ann, leadId: preview!.leadId });
    await rig.until('it rings', async () => (await rig.calls())[0]?.state === 'ringing');
    await rig.ready(bob);
    await die();
    await rig.restart();
    const { call } = await onCall(ann);
    assert.equal(call?.path, 'preview');
    assert.equal((await rig.snapshot(bob)).call, null);
    await rig.ask('agent.hangup', { userId: ann, callId: call!.id });
    assert.equal((await rig.snapshot(ann)).state, 'wrapup');
  });

  it('stops the recording of a talk that it took up, so that the next customer is not in it', async () => {
    await start([person]);
    await rig.ready(ann);
    const { call } = await onCall(ann);
    await die();
    const next = await rig.restart();
    await rig.until('switch is up', () => next.status().switch === 'up');
    await when(ann, 'the switch was asked', ({ call: its }) => its?.recording !== 'off');
    assert.equal((await rig.snapshot(ann)).call?.recording, 'on');
    await rig.ask('agent.hangup', { userId: ann, callId: call!.id });
    await rig.until(
      'the recording is closed',
      async () => (await rig.app.db.knex('jobs').where({ name: 'recordings.fetch' })).length > 0,
      10_000,
    );
  });

  it('counts the lines that rang on through a pause once', async () => {
    const { createCampaignStore } = await import('../../../campaigns/index.ts');
    const campaignId = await start([noAnswer]);
    await rig.ready(ann);
    await rig.until('it rings', async () => (await rig.calls())[0]?.state === 'ringing');
    const campaigns = createCampaignStore(rig.app);
    const move = async (order: 'pause' | 'start') => {
      const moved = await campaigns.transition(campaignId, order, rig.app.clock.now());
      assert.ok(moved.moved);
      await rig.pass(500);
    };
    await move('pause');
    await move('start');
    assert.equal((await rig.pacing(campaignId)).linesInFlight, 1);
    await rig.until('it has ended', async () => (await rig.calls())[0]?.state === 'ended');
    assert.equal((await rig.pacing(campaignId)).linesInFlight, 0);
  });
});
