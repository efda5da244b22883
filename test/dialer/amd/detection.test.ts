import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, type Context } from 'mocha';
import { defaultAmdSettings } from '../../../campaigns/index.ts';
import type { Gate } from '../../../campaigns/compliance/index.ts';
import { createAbandonmentCounter } from '../../../campaigns/compliance/abandonment-counter.ts';
import { ordinaryCustomer, type CustomerBehaviour } from '../../../dialer/telephony/customers.ts';
import { testEngines } from '../../campaigns/engines.ts';
import { dialerRig, openGate, type DialerRig } from '../../support/dialer-rig.ts';
import { allowAbandoning } from '../../support/allow-abandoning.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
const machine = '+14155550102';
/** A person, and detection hears a machine. */
const misheard = '+14155550103';
/** A machine, and detection hears a person. */
const missed = '+14155550104';

const quick: CustomerBehaviour = { ...ordinaryCustomer, ringMs: 200 };
const whoIsThere: Record<string, CustomerBehaviour> = {
  [person]: quick,
  [machine]: { ...quick, kind: 'machine', voice: 'machine', talkMs: 60_000 },
  [misheard]: { ...quick, heardAs: 'machine' },
  [missed]: { ...quick, kind: 'machine', voice: 'machine', heardAs: 'greets', talkMs: 60_000 },
};

interface VerdictRow {
  call_id: string;
  verdict: string;
  cause: string;
  listened_ms: number;
  is_check: number;
  answered_by: string | null;
  agent_ms: number | null;
}

for (const [engine, open] of testEngines)
  describe(`machine detection (${engine})`, function () {
    this.timeout(60_000);
    let rig: DialerRig;
    let userId: number;
    let campaignId: number;
    let unclear: string | null;

    beforeEach(async function () {
      const app = await open(this as unknown as Context);
      const behaviour = (dialled: string): CustomerBehaviour => whoIsThere[`+${dialled.replace(/\D/g, '')}`]!;
      unclear = null;
      const mayConnect: Gate['mayConnect'] = async ({ e164 }) => (e164 === unclear ? 'unknown' : 'yes');
      rig = await dialerRig({
        ...{ app, simulator: { behaviour }, dialer: { gate: { ...openGate, mayConnect } } },
      });
    });
    afterEach(() => rig?.close());

    const start = async (numbers: string[], checkShare: number, given: Record<string, unknown> = {}) => {
      const amdSettings = { ...defaultAmdSettings, checkShare };
      ({ userId, campaignId } = await startOneAgent(rig, numbers, { amd: true, amdSettings, ...given }));
      await rig.ready(userId);
    };
    const talking = () => whenAgent(rig, userId, 'on a call', ({ state }) => state === 'on-call');
    const verdicts = async (): Promise<VerdictRow[]> => {
      await rig.dialer.settled();
      return rig.app.db.knex('amd_verdicts').orderBy('at');
    };
    const say = async (code: string, afterMs = 4_000) => {
      await rig.pass(afterMs);
      const { call } = await rig.snapshot(userId);
      await rig.ask('agent.hangup', { userId, callId: call!.id });
      await rig.pass(2_000);
      const dispositionId = await rig.disposition(code);
      await rig.ask('agent.dispose', { userId, callId: call!.id, dispositionId, note: '', next: 'ready' });
    };
    const abandonment = () =>
      createAbandonmentCounter(rig.app).of(campaignId, 86_400_000, rig.app.clock.now());

    it('keeps what it made of a call and why, and what the agent found there', async () => {
      await start([person], 0);
      await talking();
      const [heard] = await verdicts();
      assert.deepEqual(
        [heard!.verdict, heard!.cause, heard!.is_check, heard!.answered_by, heard!.agent_ms],
        ['human', 'HUMAN-800-800', 0, null, null],
      );
      assert.ok(heard!.listened_ms >= 1_300 && heard!.listened_ms <= 2_000, String(heard!.listened_ms));
      const event = await rig.app.db.knex('call_events').where({ event: 'human' }).first('data');
      assert.deepEqual(JSON.parse(event.data), { amd: 'human', cause: 'HUMAN-800-800' });
      await say('refused');
      const [found] = await verdicts();
      assert.equal(found!.answered_by, 'person');
      assert.ok(found!.agent_ms! >= 5_900 && found!.agent_ms! <= 8_000, String(found!.agent_ms));
    });

    it('finds a machine that it took for a person by what the agent says', async () => {
      await start([missed], 0);
      await talking();
      await say('voicemail');
      const [found] = await verdicts();
      assert.deepEqual([found!.verdict, found!.answered_by], ['human', 'machine']);
    });

    it('hangs up on machines where none are to be checked, and takes that for no truth', async () => {
      await start([machine, misheard], 0);
      await rig.until(
        'both are over',
        async () => (await rig.calls()).filter(({ state }) => state === 'ended').length === 2,
      );
      assert.deepEqual(
        (await verdicts()).map(({ verdict, is_check, answered_by }) => [verdict, is_check, answered_by]),
        [
          ['machine', 0, null],
          ['machine', 0, null],
        ],
      );
      assert.deepEqual(
        (await rig.calls()).map(({ outcome, ended_by }) => [outcome, ended_by]),
        [
          ['machine', 'system'],
          ['machine', 'system'],
        ],
      );
    });

    it('gives the sample to an agent, who finds a person; no rate of live answers counts it', async () => {
      await start([misheard], 1);
      const { call } = await talking();
      assert.equal(call!.e164, misheard);
      await rig.dialer.settled();
      const event = await rig.app.db.knex('call_events').where({ event: 'check' }).first('to_state', 'data');
      assert.deepEqual([event.to_state, JSON.parse(event.data).amd], ['waiting', 'machine']);
      await say('sale');
      const [found] = await verdicts();
      assert.deepEqual([found!.verdict, found!.is_check, found!.answered_by], ['machine', 1, 'person']);
      assert.deepEqual(
        (await rig.calls()).map(({ outcome }) => outcome),
        ['answered'],
      );
      assert.deepEqual(await abandonment(), { abandoned: 0, connected: 0 });
      const lead = (await rig.leads())[0]!;
      assert.deepEqual([lead.state, lead.state_reason], ['done', 'sale']);
    });

    it('hangs up on the sample where nobody is free, and abandons nobody', async () => {
      await start([misheard], 1);
      await rig.until('detection listens', async () => (await rig.calls())[0]?.state === 'detecting');
      await rig.ask('agent.force', { userId, by: 0, to: 'paused', reason: 'test' });
      await rig.until('it is over', async () => (await rig.calls())[0]!.state === 'ended');
      const [heard] = await verdicts();
      assert.deepEqual([heard!.verdict, heard!.is_check], ['machine', 0]);
      assert.equal((await rig.calls())[0]!.outcome, 'machine');
      assert.deepEqual(await abandonment(), { abandoned: 0, connected: 0 });
    });

    it('takes no agent from a person who waits for them already', async () => {
      unclear = person;
      await allowAbandoning(rig.app);
      await start([person, misheard], 1, { mode: 'power', powerRatio: 2, abandonCap: 1 });
      const heard = await rig.until('both are heard', async () => {
        const rows = await verdicts();
        return rows.length === 2 ? rows : null;
      });
      const said = heard.map(({ verdict, is_check }) => [verdict, is_check]);
      assert.deepEqual(said.sort(), [
        ['human', 0],
        ['machine', 0],
      ]);
    });

    it('of a wrap-up that ran out nothing is taken for what was there, until the agent says it', async () => {
      await start([missed], 0);
      const { call } = await talking();
      await rig.ask('agent.hangup', { userId, callId: call!.id });
      await whenAgent(rig, userId, 'wrap-up is over', ({ state }) => state !== 'wrapup', 90_000);
      assert.equal((await verdicts())[0]!.answered_by, null);
    });
  });
