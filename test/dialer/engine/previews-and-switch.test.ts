import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import type { Telephony } from '../../../dialer/telephony/index.ts';
import { testApp } from '../../support/app.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';
import { removable } from '../../support/removable.ts';

const person = '+14155550101';
const previewLimitMs = 6_000;

describe('a preview campaign whose switch or database goes away', function () {
  this.timeout(120_000);
  let rig: DialerRig;
  let userId: number;
  let campaignId: number;
  afterEach(() => rig.close());

  const begin = async (legMode?: 'per-call') => {
    const given = { mode: 'preview', previewLimitMs, wrapupLimitMs: 600_000 };
    ({ userId, campaignId } = await startOneAgent(rig, [person], given, legMode));
    await rig.ask('agent.sign-in', { userId });
    if (legMode !== 'per-call') await when('the phone is up', ({ phone }) => phone === 'up');
    await rig.ask('agent.ready', { userId });
    return (await when('a preview', ({ preview }) => preview !== null)).preview!;
  };
  const when = (what: string, is: (snapshot: AgentSnapshot) => boolean, ms?: number) =>
    whenAgent(rig, userId, what, is, ms);
  const dial = (leadId: number) => rig.ask('agent.preview-dial', { userId, leadId });
  const code = async () => (await rig.pacing(campaignId)).notDialing?.code;
  const lead = async () => (await rig.leads())[0]!;
  const switchGoes = async () => {
    await rig.killSwitch();
    await when('the agent is told', ({ switchAway }) => switchAway === true);
  };
  /** A phone that is rung for each call takes its time to be picked up. */
  const dialAndTalk = async (leadId: number) => {
    const dialled = dial(leadId);
    await when('on a call', ({ state }) => state === 'on-call');
    await dialled;
  };

  it('fault: the switch is killed – what stands before an agent stays, its time waits too, and it is dialled afterwards', async () => {
    rig = await dialerRig();
    const { leadId } = await begin('per-call');
    await switchGoes();
    await assert.rejects(dial(leadId), { reason: 'switch-down' });
    await rig.pass(2 * previewLimitMs);
    const waiting = await rig.snapshot(userId);
    assert.deepEqual([waiting.state, waiting.preview?.leadId], ['reserved', leadId]);
    assert.ok(waiting.preview!.until > rig.app.clock.now());
    assert.equal((await lead()).reserved_by, 'main');
    assert.equal(await code(), 'switch-down');
    await rig.pass(previewLimitMs - 2_000);
    await rig.startSwitch();
    await when('the switch is there', ({ switchAway }) => switchAway === false);
    await rig.until('calls may leave', async () => (await code()) !== 'switch-down');
    const { preview } = await rig.snapshot(userId);
    assert.ok(preview!.until - rig.app.clock.now() > previewLimitMs - 1_500, 'the whole time again');
    await dialAndTalk(leadId);
    assert.equal((await rig.calls()).length, 1);
  });

  it('fault: the switch is killed with the agent’s leg – the lead goes back, and comes again with the phone', async () => {
    rig = await dialerRig();
    const { leadId } = await begin();
    await switchGoes();
    const lost = await when('the phone is lost', ({ phone }) => phone === 'lost');
    assert.deepEqual([lost.state, lost.pauseReason, lost.preview], ['paused', 'phone-lost', null]);
    await rig.until('the lead is given back', async () => (await lead()).reserved_by === null);
    await rig.startSwitch();
    const again = await when('a preview', ({ preview }) => preview !== null);
    assert.deepEqual([again.phone, again.preview?.leadId], ['up', leadId]);
    await dialAndTalk(leadId);
  });

  it('fault: the switch comes up while the database is away – nobody is shown or dialled before both are there', async () => {
    const app = await testApp();
    const away = removable(app.db);
    rig = await dialerRig({ app: { ...app, db: away.db } });
    const { leadId } = await begin();
    await rig.killSwitch();
    await when('the phone is lost', ({ phone }) => phone === 'lost');
    await rig.until('the lead is given back', async () => (await lead()).reserved_by === null);
    away.gone = true;
    await rig.startSwitch();
    await when('the phone is up again', ({ phone }) => phone === 'up');
    await rig.pass(3_000);
    assert.equal((await rig.snapshot(userId)).preview, null);
    assert.equal(await code(), 'database-down');
    away.gone = false;
    const again = await when('a preview', ({ preview }) => preview !== null);
    assert.equal(again.preview?.leadId, leadId);
    await dialAndTalk(leadId);
    await rig.dialer.settled();
    const [only, ...others] = await rig.calls();
    assert.deepEqual([only?.lead_id, others], [leadId, []]);
  });

  it('fault: the database goes while a preview stands – it is refused in words and stays, to be dialled afterwards', async () => {
    const app = await testApp();
    const away = removable(app.db);
    rig = await dialerRig({ app: { ...app, db: away.db } });
    const { leadId } = await begin('per-call');
    away.gone = true;
    // Something that is to be written.
    await rig.ask('agent.force', { userId, by: 1, to: 'ready', reason: 'test' });
    await rig.until('it is noticed', async () => (await code()) === 'database-down');
    await rig.pass(1_000);
    await assert.rejects(dial(leadId), { reason: 'database-down' });
    await rig.pass(2 * previewLimitMs);
    assert.equal((await rig.snapshot(userId)).preview?.leadId, leadId);
    away.gone = false;
    await rig.until('it is back', async () => (await code()) !== 'database-down');
    await dialAndTalk(leadId);
  });

  it('fault: the switch is back and slow to say what it has – nobody is shown who could not be dialled', async () => {
    const held = { isOn: false, letGo: () => {} };
    const telephony = (made: Telephony): Telephony =>
      new Proxy(made, {
        get(target, key) {
          const value = Reflect.get(target, key) as unknown;
          if (typeof value !== 'function') return value;
          const method = (value as (...args: unknown[]) => unknown).bind(target);
          if (key !== 'channels') return method;
          return async () => {
            if (held.isOn) await new Promise<void>((resolve) => (held.letGo = resolve));
            return method();
          };
        },
      });
    rig = await dialerRig({ telephony });
    ({ userId, campaignId } = await startOneAgent(rig, [person], { mode: 'preview' }, 'per-call'));
    await rig.ask('agent.sign-in', { userId });
    await switchGoes();
    held.isOn = true;
    await rig.startSwitch();
    await when('the switch is there', ({ switchAway }) => switchAway === false);
    await rig.ask('agent.ready', { userId });
    await rig.pass(2_000);
    assert.equal((await rig.snapshot(userId)).preview, null);
    assert.equal(await code(), 'switch-down');
    held.isOn = false;
    held.letGo();
    const { preview } = await when('a preview', (snapshot) => snapshot.preview !== null);
    await dialAndTalk(preview!.leadId);
  });
});
