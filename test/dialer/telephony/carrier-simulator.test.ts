import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { ManualClock } from '../../../core/clock/manual-clock.ts';
import { createLog } from '../../../core/log/log.ts';
import {
  createAriTelephony,
  customersByNumber,
  ordinaryMix,
  startSimulator,
  type SimulatorOptions,
  type Telephony,
} from '../../../dialer/telephony/index.ts';
import { Carrier } from '../../../dialer/telephony/simulator/carrier.ts';
import { drawCustomer } from '../../../dialer/telephony/simulator/mix.ts';
import { seededRandom } from '../../../dialer/telephony/simulator/random.ts';
import { EventLog } from './event-log.ts';

const log = createLog('silent');

describe('the carrier simulator', function () {
  this.timeout(30_000);
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  const start = async (options: Partial<SimulatorOptions> = {}) => {
    const clock = new ManualClock();
    const simulator = await startSimulator({
      clock,
      log,
      behaviour: 'by-number',
      carriers: { 'trunk-1': { channels: 3, callsPerSecond: 100 } },
      ...options,
    });
    const telephony = createAriTelephony({ ...simulator, clock, log });
    open.push(simulator, telephony);
    const events = new EventLog(telephony);
    await telephony.connect();
    return { clock, simulator, telephony, events };
  };
  const call = (telephony: Telephony, channelId: string, dialled = '+12025550101', trunk = 'trunk-1') =>
    telephony.originate({
      channelId,
      endpoint: `PJSIP/${dialled}@${trunk}`,
      callerId: '+12025550100',
      ringTimeoutMs: 20_000,
    });

  it('lives by the clock it is given', async () => {
    const { clock, telephony, events } = await start();
    await call(telephony, 'a', '+12025550102');
    clock.advance(3_999);
    await telephony.ping();
    assert.deepEqual(events.typesOf('a'), ['ringing']);
    clock.advance(1);
    await events.next('answered', { channelId: 'a' });
  });

  it('refuses what is above a carrier’s channels, and takes more when one is free again', async () => {
    const { clock, simulator, telephony, events } = await start();
    for (const id of ['a', 'b', 'c', 'd']) await call(telephony, id);
    clock.advance(10);
    assert.equal((await events.next('ended', { channelId: 'd' })).cause, 34);
    await telephony.hangup('a');
    await events.next('ended', { channelId: 'a' });
    await call(telephony, 'e');
    clock.advance(1_000);
    await events.next('answered', { channelId: 'e' });
    assert.equal(simulator.stats().refusedByCarrier, 1);
  });

  it('refuses what is above a carrier’s calls per second', () => {
    const clock = new ManualClock();
    const carrier = new Carrier('trunk-1', { channels: 100, callsPerSecond: 2 }, clock);
    assert.deepEqual([carrier.take(), carrier.take(), carrier.take()], [true, true, false]);
    clock.advance(999);
    assert.equal(carrier.take(), false);
    clock.advance(1);
    assert.deepEqual([carrier.take(), carrier.take(), carrier.take()], [true, true, false]);
  });

  it('refuses everything on a carrier that is down', async () => {
    const { clock, simulator, telephony, events } = await start();
    simulator.setCarrier('trunk-1', { channels: 3, callsPerSecond: 100, down: true });
    await call(telephony, 'a');
    clock.advance(10);
    assert.equal((await events.next('ended', { channelId: 'a' })).cause, 34);
  });

  it('writes down each call that reached a carrier, with the caller ID it showed', async () => {
    const { simulator, telephony } = await start();
    await call(telephony, 'a', '+12025550105');
    assert.deepEqual(
      simulator.invites().map(({ trunk, dialled, callerId, taken }) => ({ trunk, dialled, callerId, taken })),
      [{ trunk: 'trunk-1', dialled: '+12025550105', callerId: '+12025550100', taken: true }],
    );
  });

  it('takes trunks at run time, and forgets those that are removed', async () => {
    const { telephony } = await start();
    const trunk = {
      kind: 'trunk',
      name: 'trunk-9',
      host: 'sip.example.com',
      port: 5060,
      transport: 'udp',
      username: null,
      password: null,
      register: false,
      loginInFrom: false,
      codecs: [],
    } as const;
    await telephony.putEndpoint({ ...trunk, codecs: [] });
    await call(telephony, 'a', '+12025550101', 'trunk-9');
    await telephony.removeEndpoint('trunk-9');
    await assert.rejects(call(telephony, 'b', '+12025550101', 'trunk-9'), /endpoint is unknown/);
  });

  it('has agents’ phones that can be away', async () => {
    const { simulator, telephony, events } = await start();
    simulator.setPhone('PJSIP/agent-5', false);
    const { online } = await events.next('endpoint', { endpoint: 'PJSIP/agent-5' });
    assert.equal(online, false);
    const ring = { channelId: 'a', endpoint: 'PJSIP/agent-5', callerId: '', ringTimeoutMs: 5_000 };
    await assert.rejects(telephony.originate(ring), /not registered/);
    simulator.setPhone('PJSIP/agent-5', true);
    await telephony.originate(ring);
  });

  it('leaves nothing behind after hundreds of calls of every kind', async () => {
    const { clock, simulator, telephony, events } = await start({
      behaviour: ordinaryMix,
      carriers: { 'trunk-1': { channels: 2_000, callsPerSecond: 2_000 } },
    });
    const ids = Array.from({ length: 400 }, (_, index) => `call-${index}`);
    for (let from = 0; from < ids.length; from += 20)
      await Promise.all(ids.slice(from, from + 20).map((id) => call(telephony, id)));
    for (let minutes = 0; minutes < 60 && simulator.stats().channelsNow > 0; minutes++)
      await clock.run(60_000, 5_000);
    assert.equal(simulator.stats().channelsNow, 0);
    for (const channelId of ids) await events.next('ended', { channelId });
    assert.equal(events.events.filter(({ type }) => type === 'ended').length, ids.length);
  });

  it('meets the same customers with the same seed, and all kinds of them', () => {
    const draw = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 2000 }, () => drawCustomer(ordinaryMix, random));
    };
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
    const met = new Set(draw(7).map(({ kind }) => kind));
    assert.deepEqual([...met].sort(), Object.keys(ordinaryMix.weights).sort());
    const share = draw(7).filter(({ voice }) => voice === 'greets').length / 2000;
    assert.ok(share > 0.28 && share < 0.38, `${share} are persons`);
  });

  it('has a customer for every kind in the table of numbers', () => {
    const kinds = new Set(Object.values(customersByNumber).map(({ kind }) => kind));
    for (const kind of Object.keys(ordinaryMix.weights)) assert.ok(kinds.has(kind as never), kind);
  });

  it('keeps strangers out', async () => {
    const { simulator } = await start();
    const url = `${simulator.url}/ari/channels`;
    assert.equal((await fetch(url)).status, 401);
    const headers = { Authorization: `Basic ${Buffer.from('ringwise:guess').toString('base64')}` };
    assert.equal((await fetch(url, { headers })).status, 401);
  });
});
