import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Telephony } from '../../../dialer/telephony/index.ts';
import { SipPasswordStore, Users } from '../../../core/users/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const nobody = { userId: null };

describe('an agent whose session of the product is over', function () {
  this.timeout(60_000);
  let rig: DialerRig;
  let users: Users;

  /** What the switch asks of phones, by name, as the dialer told it. */
  const asked = new Map<string, string>();
  const listening = (telephony: Telephony): Telephony => {
    const [put, remove] = [telephony.putEndpoint.bind(telephony), telephony.removeEndpoint.bind(telephony)];
    telephony.putEndpoint = async (endpoint) => {
      const taken = await put(endpoint);
      asked.set(endpoint.name, endpoint.password ?? '');
      return taken;
    };
    telephony.removeEndpoint = async (name) => {
      await remove(name);
      asked.delete(name);
    };
    return telephony;
  };

  beforeEach(async () => {
    asked.clear();
    rig = await dialerRig({ telephony: listening });
    users = new Users(rig.app);
  });
  afterEach(() => rig.close());

  const sessions = () => rig.app.db.knex('sessions');
  const stateOf = async (userId: number) => (await rig.snapshot(userId)).state;
  const isOut = (userId: number) => whenAgent(rig, userId, 'out', ({ state }) => state === 'signed-out');
  const wait = (ms: number) => {
    const end = rig.app.clock.now() + ms;
    return rig.until('time passes', () => rig.app.clock.now() >= end, ms + 1_000, 500);
  };
  const readyAgent = async (legMode: 'nailed' | 'per-call' = 'nailed') => {
    const userId = await rig.agent('ann', legMode);
    await rig.dialer.start();
    if (legMode === 'nailed') await rig.ready(userId);
    else {
      await rig.ask('agent.sign-in', { userId });
      await rig.ask('agent.ready', { userId });
    }
    return userId;
  };

  for (const legMode of ['nailed', 'per-call'] as const)
    it(`gets no more calls at a ${legMode} phone: the leg is let go, and they are signed out`, async () => {
      const userId = await readyAgent(legMode);
      await users.signOutEverywhere(userId, nobody);
      const out = await isOut(userId);
      assert.equal(out.phone, 'none');
      await rig.until('no leg is left', async () => (await rig.bridges()).length === 0);
    });

  it('cannot register with the old password of their phone; once disabled, with none', async () => {
    const userId = await readyAgent();
    const name = `agent-${userId}`;
    await rig.until('the switch knows the phone', () => asked.has(name));
    const old = asked.get(name);
    await users.signOutEverywhere(userId, nobody);
    await rig.until('the switch asks for the new one', () => asked.get(name) !== old);
    assert.equal(asked.get(name), await new SipPasswordStore(rig.app).get(userId));
    await isOut(userId);
    await users.disable(userId, nobody, 'has left');
    await rig.until('the switch knows no such phone', () => !asked.has(name));
  });

  it('fault: the dialer was away when an account was disabled – its phone is taken off the switch at the start', async () => {
    const userId = await readyAgent();
    await rig.until('the switch knows the phone', () => asked.has(`agent-${userId}`));
    await rig.dialer.close();
    await users.disable(userId, nobody, 'has left');
    await rig.restart();
    await rig.until('the switch knows no such phone', () => !asked.has(`agent-${userId}`), 35_000, 250);
  });

  it('finishes the talk that is under way and its wrap-up, and is out then', async () => {
    const { userId } = await startOneAgent(rig, ['+14155550101']);
    await rig.ready(userId);
    const { call } = await whenAgent(rig, userId, 'on call', ({ state }) => state === 'on-call');
    await users.resetPassword(userId, nobody);
    await rig.pass(5_000);
    assert.equal(await stateOf(userId), 'on-call');
    await rig.ask('agent.hangup', { userId, callId: call!.id });
    const dispositionId = await rig.disposition('refused');
    const given = { userId, callId: call!.id, dispositionId, note: '', next: 'ready' } as const;
    assert.equal((await rig.ask('agent.dispose', given)).state, 'signed-out');
  });

  it('is out when it has run out unused', async () => {
    const userId = await readyAgent();
    await sessions().update({ expires_at: rig.app.clock.now() + 60_000 });
    await wait(55_000);
    assert.equal(await stateOf(userId), 'ready');
    await isOut(userId);
  });

  it('fault: the dialer was away when it was told – out at its start', async () => {
    const userId = await readyAgent();
    await rig.dialer.close();
    await users.signOutEverywhere(userId, nobody);
    await rig.restart();
    await isOut(userId);
  });

  it('fault: a browser that was closed without signing out has left a session – who signs out in another one is out', async () => {
    const userId = await readyAgent('per-call');
    await sessions().insert({ id_hash: 'closed', user_id: userId, data: '{}', expires_at: 2 ** 52 });
    rig.app.bus.publish('user.signed-out', { userId, session: 'other' });
    await isOut(userId);
  });

  it('stays at work with a session that begins at once in place of the old', async () => {
    const userId = await readyAgent();
    await users.signOutEverywhere(userId, nobody);
    await rig.pass(300);
    await sessions().insert({ id_hash: 'next', user_id: userId, data: '{}', expires_at: 2 ** 52 });
    await wait(40_000);
    assert.equal(await stateOf(userId), 'ready');
  });

  it('is out with a role that does not work as an agent, though signed in again', async () => {
    const userId = await readyAgent();
    const { name, locale, phoneMode, phoneEndpoint, legMode } = (await users.store.byId(userId))!;
    const form = { name, locale, phoneMode, phoneEndpoint, legMode, role: 'marketing' } as const;
    await users.update(userId, form, nobody);
    await sessions().insert({ id_hash: 'next', user_id: userId, data: '{}', expires_at: 2 ** 52 });
    await isOut(userId);
  });

  it('is no robot’s concern: it works on without one', async () => {
    const userId = await readyAgent();
    await rig.ask('agent.sign-in', { userId, robot: true });
    await rig.ask('agent.ready', { userId });
    await sessions().delete();
    await wait(65_000);
    assert.equal(await stateOf(userId), 'ready');
  });
});
