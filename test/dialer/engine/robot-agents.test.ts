import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createRobotAgents } from '../../../dialer/index.ts';
import { ordinaryMix } from '../../../dialer/telephony/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';

describe('robot agents', function () {
  // A quarter of an hour of their work is played.
  this.timeout(120_000);
  let rig: DialerRig;
  beforeEach(async () => {
    rig = await dialerRig({ simulator: { behaviour: ordinaryMix, seed: 3 } });
  });
  afterEach(() => rig.close());

  it('work a campaign by themselves: every call has an outcome, every talk a disposition', async () => {
    const userIds = [await rig.agent('ann'), await rig.agent('bob'), await rig.agent('cleo')];
    const numbers = Array.from({ length: 40 }, (_, n) => `+1415555${String(1000 + n)}`);
    await rig.campaign({
      numbers,
      mode: 'predictive',
      trunkIds: [await rig.trunk('First')],
      agentIds: userIds,
      maxAttempts: 1,
      dispositionIds: [await rig.disposition('sale'), await rig.disposition('refused')],
    });
    await rig.dialer.start();
    const robots = createRobotAgents(rig.app, {
      userIds,
      talkMs: { least: 3_000, mean: 8_000 },
      breakChance: 0,
    });
    await robots.start();
    await rig.until(
      'all leads are through',
      async () => (await rig.leads()).every((lead) => ['done', 'exhausted'].includes(lead.state)),
      900_000,
      100,
    );
    await rig.dialer.settled();
    const calls = await rig.calls();
    assert.equal(calls.length, numbers.length);
    assert.ok(calls.every((call) => call.state === 'ended' && call.outcome));
    const talks = calls.filter((call) => call.outcome === 'answered');
    assert.ok(talks.length > 0);
    assert.ok(talks.every((call) => call.user_id !== null && call.disposition_id !== null));
    await robots.close();
  });

  it('give the account to a person who signs in, and take it back when they have gone', async () => {
    const userId = await rig.agent('ann');
    await rig.dialer.start();
    const robots = createRobotAgents(rig.app, { userIds: [userId] });
    await robots.start();
    const state = async () => (await rig.snapshot(userId)).state;
    await rig.until('robot is ready', async () => (await state()) === 'ready');
    await rig.ask('agent.sign-in', { userId });
    const [code] = await rig.app.db.knex('pause_codes').where({ code: 'lunch' });
    await rig.ask('agent.pause', { userId, pauseCodeId: code.id });
    await rig.pass(30_000);
    assert.equal(await state(), 'paused');
    await rig.ask('agent.sign-out', { userId });
    await rig.until('robot is back', async () => (await state()) === 'ready', 90_000);
    await robots.close();
    assert.equal(await state(), 'signed-out');
  });
});
