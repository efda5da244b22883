import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { TelephonyError, type Telephony } from '../../../dialer/telephony/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';

describe('a customer on hold', () => {
  let rig: DialerRig;
  let ann: number;
  let bob: number;
  let callId: string;
  /** The next request for music is on its way until this is called. */
  let arrive: (() => void) | null;
  let delays = 0;
  let refuses = 0;
  let lost = false;
  /** What the switch has done, music or not. */
  let done: boolean[];
  const slow = (made: Telephony): Telephony =>
    new Proxy(made, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (key !== 'hold') return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        return async (channelId: string, on: boolean) => {
          if (refuses > 0 && !on) {
            refuses -= 1;
            throw new TelephonyError('refused', 'no');
          }
          if (delays > 0) {
            delays -= 1;
            await new Promise<void>((resolve) => (arrive = resolve));
          }
          await target.hold(channelId, on);
          done.push(on);
          if (!lost) return;
          lost = false;
          throw new TelephonyError('unavailable', 'no answer');
        };
      },
    });

  beforeEach(async () => {
    [delays, refuses, done, arrive, lost] = [0, 0, [], null, false];
    rig = await dialerRig({ telephony: slow });
    ann = await rig.agent('ann');
    bob = await rig.agent('bob');
    const trunkIds = [await rig.trunk('First')];
    await rig.campaign({ numbers: [person], trunkIds, agentIds: [ann, bob] });
    await rig.dialer.start();
    await rig.until('switch is up', () => rig.dialer.status().switch === 'up');
    await rig.ready(ann);
    callId = (await whenAgent(rig, ann, 'on a call', ({ state }) => state === 'on-call')).call!.id;
    await rig.ready(bob);
  });
  afterEach(() => rig.close());

  const hold = (on: boolean) => rig.ask('agent.hold', { userId: ann, callId, on });
  const losePhone = async () => {
    rig.sim.setPhone(`PJSIP/agent-${ann}`, false);
    rig.sim.hangUp(await rig.channelOf(`PJSIP/agent-${ann}`));
    await whenAgent(rig, ann, 'lost', ({ phone }) => phone === 'lost');
  };
  const colleagueHas = () =>
    whenAgent(rig, bob, 'has them', ({ call }) => call?.id === callId && call.state === 'connected');

  it('is given to nobody while the hold is on its way', async () => {
    delays = 1;
    const held = hold(true);
    await rig.until('it is on its way', () => arrive !== null);
    await assert.rejects(rig.ask('agent.transfer', { userId: ann, callId, to: { userId: bob } }), {
      reason: 'transfer-under-way',
    });
    arrive!();
    assert.equal((await held).call?.state, 'held');
  });

  // Fault: the switch takes twenty seconds, and the phone of who asked is lost meanwhile.
  it('is not left with music who belongs to somebody else when it arrives', async () => {
    delays = 1;
    const held = hold(true).catch(({ reason }: { reason: string }) => reason);
    await rig.until('it is on its way', () => arrive !== null);
    await losePhone();
    await colleagueHas();
    arrive!();
    assert.equal(await held, 'wrong-state');
    await rig.until('the music ends', () => done.at(-1) === false, 5_000);
    assert.equal((await rig.snapshot(bob)).call?.state, 'connected');
  });

  // Fault: the switch has begun the music, and its answer is lost.
  it('hears no music in a talk that goes on', async () => {
    lost = true;
    await assert.rejects(hold(true), { reason: 'switch-refused' });
    assert.equal((await rig.snapshot(ann)).call?.state, 'connected');
    await rig.until('the music ends', () => done.at(-1) === false, 5_000);
  });

  // Fault: the switch refuses to end the music.
  it('has the music ended for certain when a colleague is there', async () => {
    await losePhone();
    await rig.until('there is music', () => done.at(-1) === true);
    refuses = 2;
    await colleagueHas();
    await rig.until('it ends', () => done.at(-1) === false, 10_000);
  });
});
