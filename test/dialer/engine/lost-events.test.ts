import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { Telephony, TelephonyEvent } from '../../../dialer/telephony/index.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';
import { startOneAgent, whenAgent } from '../../support/one-agent.ts';

const person = '+14155550101';
const noAnswer = '+14155550104';

/** Fault in each: the link stays up, and one event of the switch is told to nobody, or late. */
describe('an event of the switch that is lost', function () {
  this.timeout(120_000);
  let rig: DialerRig;
  afterEach(() => rig.close());

  const lost: string[] = [];
  const asked = { channels: 0, bridges: 0 };
  /** The next event for which `is` holds is lost, or told `lateMs` later. */
  let next: { is: (event: TelephonyEvent) => boolean; lateMs?: number } | null = null;
  let ringTimeoutMs: number | null = null;

  const lossy = (made: Telephony): Telephony =>
    new Proxy(made, {
      get(target, key) {
        if (key === 'on')
          return (listener: (event: TelephonyEvent) => void) =>
            target.on((event) => {
              if (!next?.is(event)) return listener(event);
              const { lateMs } = next;
              next = null;
              lost.push(event.type);
              if (lateMs !== undefined) rig.app.clock.after(lateMs, () => listener(event));
            });
        if (key === 'channels' || key === 'bridges') asked[key] += 1;
        const value = Reflect.get(target, key) as unknown;
        if (key === 'originate')
          return (call: Parameters<Telephony['originate']>[0]) =>
            target.originate(ringTimeoutMs === null ? call : { ...call, ringTimeoutMs });
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      },
    });
  const begin = async (numbers: string[], given: Record<string, unknown> = {}) => {
    lost.length = 0;
    next = null;
    ringTimeoutMs = null;
    rig = await dialerRig({ telephony: lossy, callMs: 30_000 });
    return startOneAgent(rig, numbers, given);
  };
  const ofCustomer = (type: TelephonyEvent['type']) => (event: TelephonyEvent) =>
    event.type === type && 'channelId' in event && event.channelId.startsWith('rw-call-');
  const ofAgent = (type: TelephonyEvent['type']) => (event: TelephonyEvent) =>
    event.type === type && 'channelId' in event && event.channelId.startsWith('rw-agent-');
  const call = async () => (await rig.app.db.knex('calls').orderBy('created_at').first()) as Record<string, unknown>; // prettier-ignore
  const isLost = (type: string) => rig.until(`${type} is lost`, () => lost.includes(type), 60_000);
  const linesTaken = () => rig.dialer.status().trunks.reduce((sum, each) => sum + each.channelsInUse, 0);

  it('the end of a talk – its agent wraps up within seconds, and the line is free', async () => {
    const { userId } = await begin([person]);
    await rig.ready(userId);
    await whenAgent(rig, userId, 'on a call', ({ state }) => state === 'on-call');
    next = { is: ofCustomer('ended') };
    rig.sim.hangUp(await rig.channelOf('PJSIP/trunk-'));
    await isLost('ended');
    const after = await whenAgent(rig, userId, 'wrap-up', ({ state }) => state === 'wrapup', 8_000);
    assert.deepEqual([after.call?.outcome, after.call?.endedBy], ['answered', 'system']);
    assert.equal(linesTaken(), 0);
  });

  it('the end of a ring – it was not answered, and the lead goes on', async () => {
    const { userId } = await begin([noAnswer]);
    await rig.ready(userId);
    next = { is: ofCustomer('ended') };
    await isLost('ended');
    await rig.until('the call has ended', async () => (await call())?.state === 'ended', 8_000);
    await rig.dialer.settled();
    assert.equal((await call()).outcome, 'no-answer');
    const [lead] = await rig.leads();
    assert.deepEqual([lead?.state, lead?.attempts, lead?.last_outcome], ['waiting', 1, 'no-answer']);
    assert.equal(linesTaken(), 0);
  });

  it('an answer – the person has an agent within seconds, and counts as abandoned all the same', async () => {
    const { userId } = await begin([person]);
    await rig.ready(userId);
    next = { is: ofCustomer('answered') };
    await isLost('answered');
    const at = rig.app.clock.now();
    await whenAgent(rig, userId, 'on a call', ({ state }) => state === 'on-call', 8_000);
    await rig.dialer.settled();
    const { state, answered_at, abandoned_at, connected_at } = await call();
    assert.equal(state, 'connected');
    assert.ok(Number(answered_at) <= at, 'nobody knows when, so the earliest that it may have been counts');
    assert.equal(abandoned_at, connected_at);
  });

  it('what detection made of an answer – it is read from the switch', async () => {
    const { userId } = await begin([person], { amd: true });
    await rig.ready(userId);
    next = { is: ofCustomer('amd') };
    await isLost('amd');
    const at = rig.app.clock.now();
    await whenAgent(rig, userId, 'on a call', ({ state }) => state === 'on-call', 10_000);
    assert.ok(rig.app.clock.now() - at < 8_000);
    const [verdict] = await rig.app.db.knex('amd_verdicts');
    assert.notEqual(verdict.cause, 'lost');
  });

  it('an agent’s phone that picks up, and one that is gone', async () => {
    const { userId } = await begin([]);
    next = { is: ofAgent('answered') };
    await rig.ask('agent.sign-in', { userId });
    await isLost('answered');
    await whenAgent(rig, userId, 'phone is up', ({ phone }) => phone === 'up', 20_000);
    const leg = await rig.channelOf(`PJSIP/agent-${userId}`);
    next = { is: ofAgent('ended') };
    rig.sim.hangUp(leg);
    await isLost('ended');
    await whenAgent(rig, userId, 'rung anew', ({ phone }) => phone === 'up', 25_000);
    await rig.until('another leg', async () => {
      const found = await rig.channelOf(`PJSIP/agent-${userId}`).catch(() => leg);
      return found !== leg;
    }, 25_000); // prettier-ignore
  });

  it('is not taken for lost while it is only late: what it says counts', async () => {
    const { userId } = await begin([noAnswer]);
    await rig.ready(userId);
    next = { is: ofCustomer('ended'), lateMs: 2_000 };
    await isLost('ended');
    await rig.until('the call has ended', async () => (await call())?.state === 'ended', 8_000);
    await rig.dialer.settled();
    assert.equal((await call()).ended_by, 'customer');
  });

  it('a ring that the switch does not end – it ends some seconds past its time', async () => {
    const { userId, campaignId } = await begin([], { ringTimeoutMs: 20_000 });
    ringTimeoutMs = 600_000;
    await rig.ready(userId);
    await rig.ask('agent.dial', { userId, campaignId, e164: noAnswer });
    await rig.until('it rings', async () => (await call())?.state === 'ringing');
    await rig.until('the call has ended', async () => (await call())?.state === 'ended', 45_000);
    assert.equal((await call()).outcome, 'no-answer');
    await rig.until('only the agent’s leg is left', () => rig.sim.stats().channelsNow === 1);
  });

  it('costs two questions in three seconds while there are calls, and fewer when there are none', async () => {
    const { userId } = await begin([person]);
    await rig.signIn(userId);
    asked.channels = asked.bridges = 0;
    await rig.pass(60_000);
    assert.ok(asked.channels > 0 && asked.channels <= 5, `${asked.channels} questions in an idle minute`);
    await rig.ask('agent.ready', { userId });
    await whenAgent(rig, userId, 'on a call', ({ state }) => state === 'on-call');
    asked.channels = asked.bridges = 0;
    await rig.pass(60_000);
    assert.ok(asked.channels > 5 && asked.channels <= 21, `${asked.channels} questions in a busy minute`);
    assert.ok(asked.bridges <= asked.channels);
  });
});
