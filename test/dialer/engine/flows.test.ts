import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createDncStore } from '../../../campaigns/dnc/index.ts';
import { createGate, createSuspensionStore, type Gate } from '../../../campaigns/compliance/index.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { createCampaignStore } from '../../../campaigns/index.ts';
import { defaultAmdSettings } from '../../../campaigns/campaigns/amd-settings.ts';
import { allowAbandoning } from '../../support/allow-abandoning.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
const slowPerson = '+14155550102';
const talksAndHangsUp = '+14155550103';
const noAnswer = '+14155550104';
const busy = '+14155550105';
const machine = '+14155550110';
const pressesKey = '+14155550111';

describe('ways of a call', () => {
  let rig: DialerRig;
  let userId: number;
  let trunkId: number;
  let campaignId: number;
  /** Numbers that the gate blocks from now on. */
  const blocked = new Set<string>();
  const gate: Gate = {
    async mayCall(request) {
      const verdict = await openGate.mayCall(request);
      if (!blocked.has(request.e164)) return verdict;
      return { ...verdict, allowed: false, decision: 'block', reasonCode: 'DNC_INTERNAL', outlook: 'never' };
    },
    mayCallMany: (requests) => Promise.all(requests.map((request) => gate.mayCall(request))),
    mayConnect: async () => 'yes',
  };

  beforeEach(async () => {
    blocked.clear();
    rig = await dialerRig({ dialer: { gate } });
  });
  afterEach(() => rig.close());

  const start = async (numbers: string[], given: Record<string, unknown> = {}) => {
    ({ userId, trunkId, campaignId } = await startOneAgent(rig, numbers, given));
  };
  const when = (what: string, is: (snapshot: AgentSnapshot) => boolean, ms?: number) =>
    whenAgent(rig, userId, what, is, ms);
  const onCall = () => when('on a call', ({ state }) => state === 'on-call');
  const outcomes = async () => (await rig.calls()).map((call) => call.outcome);

  describe('answering machines', () => {
    it('are hung up on, and persons come through', async () => {
      await start([machine, talksAndHangsUp], {
        amd: true,
        amdSettings: { ...defaultAmdSettings, checkShare: 0 },
      });
      await rig.ready(userId);
      const { call } = await onCall();
      assert.equal(call?.e164, talksAndHangsUp);
      await rig.dialer.settled();
      const rows = await rig.app.db.knex('calls').orderBy('created_at');
      assert.deepEqual(
        rows.map((row: { outcome: string; amd: string; ended_by: string }) => [
          row.outcome,
          row.amd,
          row.ended_by,
        ]),
        [
          ['machine', 'machine', 'system'],
          [null, 'human', null],
        ],
      );
    });
  });

  describe('previews', () => {
    it('show a lead to a ready agent, who dials it', async () => {
      await start([talksAndHangsUp], { mode: 'preview' });
      await rig.ready(userId);
      const { preview } = await when('preview', (snapshot) => snapshot.preview !== null);
      assert.equal(preview?.e164, talksAndHangsUp);
      assert.equal((await rig.pacing(campaignId)).notDialing?.code, 'agent-dials');
      assert.deepEqual(await rig.calls(), []);
      await rig.ask('agent.preview-dial', { userId, leadId: preview!.leadId });
      const { call } = await onCall();
      assert.equal(call?.path, 'preview');
      const { call: ended } = await when('wrap-up', ({ state }) => state === 'wrapup');
      assert.equal(ended?.outcome, 'answered');
    });

    it('may be passed by with a reason, and come back later', async () => {
      await start([person, talksAndHangsUp], { mode: 'preview' });
      await rig.ready(userId);
      const first = await when('preview', (snapshot) => snapshot.preview !== null);
      await rig.ask('agent.preview-skip', { userId, leadId: first.preview!.leadId, reason: 'knows us well' });
      const second = await when(
        'next',
        ({ preview }) => preview !== null && preview.leadId !== first.preview!.leadId,
      );
      await rig.dialer.settled();
      const [skipped] = await rig.leads();
      assert.deepEqual([skipped?.state, skipped?.state_reason, skipped?.attempts], ['waiting', 'skipped', 0]);
      await assert.rejects(rig.ask('agent.preview-dial', { userId, leadId: first.preview!.leadId }), {
        reason: 'lead-gone',
      });
      assert.ok(second.preview);
    });

    it('pause an agent who does not look at them; the lead goes back', async () => {
      await start([person], { mode: 'preview', previewLimitMs: 20_000 });
      await rig.ready(userId);
      await when('preview', (snapshot) => snapshot.preview !== null);
      const missed = await when('paused', ({ state }) => state === 'paused', 25_000);
      assert.equal(missed.pauseReason, 'preview-missed');
      await rig.until('lead is free', async () => (await rig.leads())[0]?.reserved_by === null);
    });

    it('tell the agent why nobody was reached', async () => {
      await start([busy], { mode: 'preview' });
      await rig.ready(userId);
      const { preview } = await when('preview', (snapshot) => snapshot.preview !== null);
      await rig.ask('agent.preview-dial', { userId, leadId: preview!.leadId });
      const { call } = await when('wrap-up', ({ state }) => state === 'wrapup');
      assert.deepEqual([call?.outcome, call?.hangupCause], ['busy', 17]);
      const after = await when('ready again', ({ state }) => state !== 'wrapup', 70_000);
      assert.notEqual(after.pauseReason, 'wrapup-missed');
      await rig.dialer.settled();
      assert.equal((await rig.leads())[0]?.last_outcome, 'busy');
    });
  });

  describe('numbers dialled by hand', () => {
    it('pass the gate, ring, and are joined to that agent alone', async () => {
      await start([]);
      await rig.ready(userId);
      const other = await rig.agent('bob');
      await rig.ready(other);
      const { state } = await rig.ask('agent.dial', { userId, campaignId, e164: person });
      assert.equal(state, 'reserved');
      const { call } = await onCall();
      assert.deepEqual([call?.path, call?.leadId], ['manual', null]);
      assert.equal((await rig.snapshot(other)).state, 'ready');
    });

    it('may be dialled from a pause, which comes back afterwards', async () => {
      await start([]);
      await rig.signIn(userId);
      const [code] = await rig.app.db.knex('pause_codes').where({ code: 'training' });
      await rig.ask('agent.pause', { userId, pauseCodeId: code.id });
      await rig.ask('agent.dial', { userId, campaignId, e164: busy });
      await when('wrap-up', ({ state }) => state === 'wrapup');
      const after = await when('paused', ({ state }) => state === 'paused', 70_000);
      assert.equal(after.pauseCodeId, code.id);
    });

    it('are refused in words by the gate, and cost the lead no attempt', async () => {
      await start([person]);
      await rig.signIn(userId);
      blocked.add(person);
      const customerId = (await rig.app.db.knex('customers').first('id')).id;
      await assert.rejects(rig.ask('agent.dial', { userId, campaignId, e164: person, customerId }), {
        reason: 'blocked-by-gate',
        details: { reasonCode: 'DNC_INTERNAL', nextAllowedAt: null },
      });
      assert.equal((await rig.snapshot(userId)).state, 'paused');
      await rig.dialer.settled();
      const [lead] = await rig.leads();
      assert.deepEqual([lead?.state, lead?.attempts], ['blocked', 0]);
      assert.equal(rig.sim.invites().length, 0);
    });

    it('are refused on another’s campaign', async () => {
      await start([]);
      const foreign = await rig.campaign({ numbers: [], trunkIds: [trunkId], agentIds: [] });
      await rig.signIn(userId);
      await assert.rejects(rig.ask('agent.dial', { userId, campaignId: foreign, e164: person }), {
        reason: 'not-assigned-to-campaign',
      });
      await createCampaignStore(rig.app).transition(foreign, 'pause', rig.app.clock.now());
      const refusal = () => rig.ask('agent.dial', { userId, campaignId: foreign, e164: person }).catch((error: { reason: string }) => error.reason); // prettier-ignore
      await rig.until(
        'it is known not to run',
        async () => (await refusal()) === 'campaign-not-running',
        5_000,
      );
    });

    it('can be given up while they ring', async () => {
      await start([]);
      await rig.ready(userId);
      const { call } = await rig.ask('agent.dial', { userId, campaignId, e164: noAnswer });
      const callId = (await when('ringing', (snapshot) => snapshot.call?.state === 'ringing')).call!.id;
      assert.equal(call?.id ?? callId, callId);
      const given = await rig.ask('agent.hangup', { userId, callId });
      assert.deepEqual(
        [given.state, given.call?.outcome, given.call?.endedBy],
        ['wrapup', 'cancelled', 'agent'],
      );
    });
  });

  describe('the gate in the moment of dialling', () => {
    it('stops a number that was put on a DNC list after it was reserved', async () => {
      await start([person]);
      const asked: string[] = [];
      const before = gate.mayCallMany;
      gate.mayCallMany = async (requests) => {
        asked.push(...requests.map(({ stage }) => stage));
        const verdicts = await before(requests);
        if (requests[0]?.stage === 'reserve') blocked.add(person);
        return verdicts;
      };
      try {
        await rig.ready(userId);
        await rig.until('lead is blocked', async () => (await rig.leads())[0]?.state === 'blocked');
      } finally {
        gate.mayCallMany = before;
      }
      assert.deepEqual(asked, ['reserve', 'dial']);
      assert.equal(rig.sim.invites().length, 0);
      assert.equal((await rig.leads())[0]?.attempts, 0);
    });

    it('ends a call to a number that was put on a DNC list while it rings', async () => {
      await start([slowPerson]);
      await rig.ready(userId);
      await rig.until('it rings', async () => (await rig.calls()).some((call) => call.state === 'ringing'));
      await createDncStore(rig.app).add({
        ...{ e164: slowPerson, campaignId: null, reason: 'asked by letter', source: 'page', by: 1 },
        at: rig.app.clock.now(),
      });
      await rig.until('it has ended', async () => (await outcomes())[0] === 'cancelled', 1_000);
      await rig.pass(6_000);
      assert.equal((await rig.snapshot(userId)).state, 'ready');
    });
  });

  describe('the gate before a customer is connected', () => {
    // Fault: the bus loses the message that tells of the entry.
    it('keeps a number from the agent that came onto a DNC list while it rang, and nobody was told', async () => {
      const real = createGate(rig.app);
      const before = { ...gate };
      gate.mayConnect = (request) => real.mayConnect(request);
      try {
        await start([slowPerson]);
        await rig.ready(userId);
        await rig.until('it rings', async () => (await rig.calls()).some((call) => call.state === 'ringing'));
        await rig.app.db.knex('dnc_numbers').insert({
          ...{ e164: slowPerson, campaign_id: 0, reason: 'asked by letter', source: 'page' },
          added_at: rig.app.clock.now(),
        });
        await rig.until('it has ended', async () => (await outcomes())[0] !== null, 30_000);
        const [call] = await rig.calls();
        assert.deepEqual([call?.outcome, call?.connected_at], ['abandoned', null]);
        assert.equal((await rig.snapshot(userId)).state, 'ready');
        await rig.dialer.settled();
        const told = await rig.app.db.knex('call_events').where({ event: 'announce' }).pluck('data');
        assert.deepEqual(told, ['{"reason":"forbidden"}'], 'they hear who has called');
      } finally {
        Object.assign(gate, before);
      }
    });

    it('ends what rings when calls are suspended', async () => {
      const real = createGate(rig.app);
      const before = { ...gate };
      gate.mayConnect = (request) => real.mayConnect(request);
      try {
        await start([slowPerson]);
        await rig.ready(userId);
        await rig.until('it rings', async () => (await rig.calls()).some((call) => call.state === 'ringing'));
        await createSuspensionStore(rig.app).start(
          { scope: 'all', target: '', everyone: true, reason: 'fault at the carrier', endsAt: null },
          1,
          rig.app.clock.now(),
        );
        await rig.until('it has ended', async () => (await outcomes())[0] === 'cancelled', 1_000);
      } finally {
        Object.assign(gate, before);
      }
    });
  });

  describe('after the call', () => {
    const talked = async (numbers: string[]) => {
      await start(numbers);
      await rig.ready(userId);
      return (await when('wrap-up', ({ state }) => state === 'wrapup')).call!.id;
    };

    it('makes a callback for this agent', async () => {
      const callId = await talked([talksAndHangsUp]);
      const dispositionId = await rig.disposition('callback');
      const given = { userId, callId, dispositionId, note: '', next: 'ready' as const };
      await assert.rejects(rig.ask('agent.dispose', given), { reason: 'callback-time-missing' });
      const past = { dueAt: rig.app.clock.now() - 1, mine: true };
      await assert.rejects(rig.ask('agent.dispose', { ...given, callback: past }), {
        reason: 'callback-time-not-allowed',
      });
      const dueAt = rig.app.clock.now() + 3_600_000;
      await rig.ask('agent.dispose', { ...given, callback: { dueAt, mine: true, note: 'after lunch' } });
      await rig.dialer.settled();
      const callback = await rig.app.db.knex('callbacks').first();
      assert.deepEqual(
        [callback.user_id, callback.due_at, callback.note, callback.call_id, callback.state],
        [userId, dueAt, 'after lunch', callId, 'open'],
      );
      const lead = await rig.app.db.knex('leads').first();
      assert.deepEqual([lead.state, lead.next_at, lead.agent_id], ['callback', dueAt, userId]);
      const again = await rig.ask('agent.dial', {
        userId,
        campaignId,
        e164: talksAndHangsUp,
        callbackId: callback.id,
      });
      assert.equal(again.state, 'reserved');
      assert.equal((await onCall()).call?.path, 'callback');
    });

    it('keeps a callback that was promised in a call by hand to a customer who was finished', async () => {
      await start([talksAndHangsUp]);
      await rig.app.db.knex('leads').update({ state: 'done', attempts: 1 });
      const customerId = (await rig.app.db.knex('customers').first('id')).id;
      await rig.ready(userId);
      await rig.ask('agent.dial', { userId, campaignId, e164: talksAndHangsUp, customerId });
      const { call } = await when('wrap-up', ({ state }) => state === 'wrapup');
      const dueAt = rig.app.clock.now() + 3_600_000;
      await rig.ask('agent.dispose', {
        ...{ userId, callId: call!.id, dispositionId: await rig.disposition('callback'), note: '' },
        ...{ next: 'paused' as const, pauseCodeId: 1, callback: { dueAt, mine: true } },
      });
      await rig.dialer.settled();
      const callback = await rig.app.db.knex('callbacks').first();
      assert.deepEqual([callback?.user_id, callback?.due_at, callback?.state], [userId, dueAt, 'open']);
      assert.equal((await rig.leads())[0]?.state, 'callback');
    });

    it('puts the number on the DNC list when the customer asks for it', async () => {
      const callId = await talked([talksAndHangsUp]);
      const dispositionId = await rig.disposition('do_not_call');
      await rig.ask('agent.dispose', { userId, callId, dispositionId, note: '', next: 'ready' });
      await rig.dialer.settled();
      const entry = await rig.app.db.knex('dnc_numbers').first();
      assert.deepEqual([entry.e164, entry.source, entry.added_by], [talksAndHangsUp, 'agent', userId]);
      assert.equal((await rig.leads())[0]?.state, 'blocked');
    });

    it('takes one disposition for a call, of those that there are', async () => {
      const callId = await talked([talksAndHangsUp]);
      const dispositionId = await rig.disposition('refused');
      const given = { userId, callId, dispositionId, note: '', next: 'ready' as const };
      await assert.rejects(rig.ask('agent.dispose', { ...given, dispositionId: 999 }), {
        reason: 'unknown-disposition',
      });
      await assert.rejects(rig.ask('agent.dispose', { ...given, callId: 'other' }), {
        reason: 'no-such-call',
      });
      await rig.ask('agent.dispose', given);
      await assert.rejects(rig.ask('agent.dispose', given), { reason: 'no-such-call' });
    });

    it('lets the wrap-up be extended with a reason, a few times', async () => {
      const callId = await talked([talksAndHangsUp]);
      const until = (await rig.snapshot(userId)).wrapupUntil!;
      const longer = await rig.ask('agent.extend-wrapup', { userId, callId, reason: 'long address' });
      assert.equal(longer.wrapupUntil, until + 60_000);
      for (let n = 0; n < 4; n++) await rig.ask('agent.extend-wrapup', { userId, callId, reason: 'more' });
      await assert.rejects(rig.ask('agent.extend-wrapup', { userId, callId, reason: 'more' }), {
        reason: 'wrapup-extended-already',
      });
      await rig.dialer.settled();
      const event = await rig.app.db.knex('agent_events').where({ event: 'extend-wrapup' }).first();
      assert.match(event.data, /long address/);
    });
  });

  it('takes a customer who presses the opt-out digit off all lists', async () => {
    await allowAbandoning(rig.app);
    const numbers = [person, pressesKey, pressesKey.replace('0111', '0211')];
    await start(numbers, { mode: 'power', powerRatio: 3, abandonCap: 1 });
    await rig.ready(userId);
    await rig.until('opted out', async () => (await rig.app.db.knex('dnc_numbers').select('*')).length > 0);
    await rig.dialer.settled();
    const [entry] = await rig.app.db.knex('dnc_numbers').select('*');
    assert.deepEqual([entry.source, entry.reason], ['customer', 'opt-out']);
  });

  it('takes a supervisor’s word: paused after the call, signed out after the wrap-up', async () => {
    await start([person]);
    await rig.ready(userId);
    const { call } = await onCall();
    await rig.ask('agent.force', { userId, by: 1, to: 'signed-out', reason: 'shift is over' });
    assert.equal((await rig.snapshot(userId)).state, 'on-call');
    await rig.ask('agent.hangup', { userId, callId: call!.id });
    const dispositionId = await rig.disposition('refused');
    const out = await rig.ask('agent.dispose', {
      userId,
      callId: call!.id,
      dispositionId,
      note: '',
      next: 'ready',
    });
    assert.equal(out.state, 'signed-out');
    await rig.until('the leg is gone', () => rig.sim.stats().channelsNow === 0);
  });
});
