import assert from 'node:assert/strict';
import http from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'mocha';
import { WebSocket } from 'ws';
import { scaledClock } from '../../../core/clock/clock.ts';
import { createLog } from '../../../core/log/log.ts';
import {
  createAriTelephony,
  startSimulator,
  TelephonyError,
  type Simulator,
  type Telephony,
} from '../../../dialer/telephony/index.ts';
import { usualTimeouts } from '../../../dialer/telephony/ari/client.ts';
import { patienceMs } from '../../../dialer/engine/switch-link.ts';
import { EventLog } from './event-log.ts';

const log = createLog('silent');
const clock = scaledClock(20);
const timeouts = { callMs: 400, connectMs: 4000, pingMs: 100, replacedMs: 300 };

describe('telephony faults', function () {
  this.timeout(30_000);
  const open: { close(): Promise<void> }[] = [];

  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  const simulator = async (port = 0): Promise<Simulator> => {
    const started = await startSimulator({
      port,
      clock,
      log,
      behaviour: 'by-number',
      carriers: { 'trunk-1': { channels: 500, callsPerSecond: 1000 } },
    });
    open.push(started);
    return started;
  };
  const connected = async (target: Simulator): Promise<{ telephony: Telephony; events: EventLog }> => {
    const telephony = createAriTelephony({ ...target, clock, log, timeouts });
    open.push(telephony);
    const events = new EventLog(telephony);
    await telephony.connect();
    return { telephony, events };
  };
  /** Stands before a switch, and loses what it is told to lose. Returns its address. */
  const before = async (
    target: Simulator,
    faults: { refusesSocket?: () => boolean; losesAnswer?: (operation: string) => boolean },
  ): Promise<string> => {
    const port = Number(new URL(target.url).port);
    const front = http.createServer((request, response) => {
      const { method, url, headers } = request;
      const isLost = faults.losesAnswer?.(`${method} ${url!.split('?')[0]!.split('/').at(-1)}`);
      const asked = http.request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
        if (isLost) return void (answer.resume(), response.destroy());
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      request.pipe(asked.on('error', () => response.destroy()));
    });
    front.on('upgrade', (request, socket, head) => {
      socket.on('error', () => {});
      if (faults.refusesSocket?.()) return void socket.destroy();
      const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`);
      const behind = connect(port, '127.0.0.1', () => {
        behind.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
        behind.write(head);
        socket.pipe(behind).pipe(socket);
      });
      behind.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    open.push({
      close: () =>
        new Promise<void>((resolve) => (front.closeAllConnections(), front.close(() => resolve()))),
    });
    return `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  };
  const call = (telephony: Telephony, channelId: string, digits = '01') =>
    telephony.originate({
      channelId,
      endpoint: `PJSIP/+120255501${digits}@trunk-1`,
      callerId: '+12025550100',
      ringTimeoutMs: 15_000,
    });
  const faultOf = async (work: Promise<unknown>): Promise<TelephonyError> => {
    const error = await work.then(
      () => assert.fail('it should have failed'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof TelephonyError, String(error));
    return error;
  };

  it('fault: wrong password. Says what to check, and every operation says it too', async () => {
    const target = await simulator();
    const wrong = createAriTelephony({ ...target, password: 'wrong', clock, log, timeouts });
    open.push(wrong);
    const events = new EventLog(wrong);
    void wrong.connect().catch(() => {});
    const { why } = await events.next('down');
    assert.match(why, /ASTERISK_PASSWORD/);
    assert.equal((await faultOf(wrong.ping())).fault, 'unauthorized');
    assert.equal((await faultOf(call(wrong, 'never'))).fault, 'unauthorized');
  });

  it('fault: nothing listens at start. Says so, and connects when Asterisk comes', async () => {
    const port = await freePort();
    const telephony = createAriTelephony({
      url: `http://127.0.0.1:${port}`,
      user: 'ringwise',
      password: 'simulator',
      clock,
      log,
      timeouts,
    });
    open.push(telephony);
    const events = new EventLog(telephony);
    const up = telephony.connect();
    const down = await events.next('down');
    assert.match(down.why, /Nothing listens/);
    assert.equal(down.notRunning, true);
    assert.equal((await faultOf(telephony.ping())).fault, 'not-running');
    await simulator(port);
    await up;
    assert.equal(telephony.state, 'up');
    await telephony.ping();
  });

  it('fault: another kind of server answers. Says that it is no ARI', async () => {
    const { createServer: createHttp } = await import('node:http');
    const server = createHttp((_request, response) => response.writeHead(404).end('nothing'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => new Promise<void>((resolve) => void server.close(() => resolve())) });
    const telephony = createAriTelephony({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      user: 'a',
      password: 'b',
      clock,
      log,
      timeouts,
    });
    open.push(telephony);
    const events = new EventLog(telephony);
    void telephony.connect().catch(() => {});
    assert.match((await events.next('down')).why, /ari\.conf/);
  });

  it('fault: the event socket is cut. Calls live on, and their events come again', async () => {
    const target = await simulator();
    const { telephony, events } = await connected(target);
    await call(telephony, 'one');
    await events.next('answered', { channelId: 'one' });
    events.clear();
    target.faults.dropSockets();
    await events.next('down');
    assert.equal(telephony.state, 'down');
    await events.next('up');
    assert.deepEqual(
      (await telephony.channels()).map(({ channelId }) => channelId),
      ['one'],
    );
    target.hangUp('one');
    assert.equal((await events.next('ended', { channelId: 'one' })).cause, 16);
  });

  it('fault: the connection is half open. It is noticed by its silence', async () => {
    const target = await simulator();
    const { telephony, events } = await connected(target);
    target.faults.freeze(true);
    const waiting = faultOf(telephony.ping());
    assert.ok(['timeout', 'unavailable'].includes((await waiting).fault));
    await events.next('down');
    target.faults.freeze(false);
    events.clear();
    await events.next('up');
    await telephony.ping();
  });

  it('fault: Asterisk is killed in the middle of calls, and comes back without them', async () => {
    const target = await simulator();
    const { telephony, events } = await connected(target);
    await call(telephony, 'one');
    await events.next('answered', { channelId: 'one' });
    await target.close();
    await events.next('down', { notRunning: false });
    assert.ok(['unavailable', 'not-running'].includes((await faultOf(telephony.hangup('one'))).fault));
    await events.next('down', { notRunning: true });
    events.clear();
    await simulator(Number(new URL(target.url).port));
    await events.next('up');
    assert.deepEqual(await telephony.channels(), []);
    await call(telephony, 'one');
    await events.next('answered', { channelId: 'one' });
  });

  it('fault: Asterisk is slow. An operation times out, and a call given up does not come to life later', async () => {
    const target = await simulator();
    const { telephony, events } = await connected(target);
    target.faults.setDelay(600);
    assert.equal((await faultOf(call(telephony, 'late', '02'))).fault, 'timeout');
    target.faults.setDelay(0);
    await events.next('ended', { channelId: 'late' });
    assert.ok(!events.typesOf('late').includes('answered'));
    assert.equal(target.stats().channelsNow, 0);
  });

  it('fault: another process takes the application. It is told, not silently deaf, and comes back before its calls are given up', async () => {
    const target = await simulator();
    const { events } = await connected(target);
    const thief = new WebSocket(
      `${target.url.replace('http', 'ws')}/ari/events?app=ringwise&api_key=${target.user}:${target.password}`,
    );
    open.push({ close: async () => thief.terminate() });
    assert.match((await events.next('down')).why, /another process/);
    events.clear();
    await events.next('up');
    // Access, API description and event socket, each at its slowest.
    const { replacedMs, connectMs } = usualTimeouts;
    assert.ok(replacedMs + 3 * connectMs < patienceMs);
  });

  it('fault: the event socket is refused until we have given up on it. No late one takes the application from its successor', async () => {
    const target = await simulator();
    let refused = 0;
    let refuses = true;
    const url = await before(target, { refusesSocket: () => refuses && ++refused > 0 });
    const telephony = createAriTelephony({
      ...{ ...target, url, clock, log },
      timeouts: { ...timeouts, connectMs: 1_000 },
    });
    open.push(telephony);
    const events = new EventLog(telephony);
    void telephony.connect();
    assert.match((await events.next('down')).why, /event socket/);
    assert.ok(refused > 2, 'ari-client tries again by itself');
    refuses = false;
    events.clear();
    await events.next('up');
    // Its next try would come within twice the time of those before.
    await assert.rejects(events.next('down', {}, 2_500), /No down event/);
  });

  it('fault: the answer to a hold is lost. The customer is heard, and hears no music', async () => {
    const target = await simulator();
    const asked: string[] = [];
    const losesAnswer = (operation: string) => asked.push(operation) > 0 && operation === 'POST mute';
    const url = await before(target, { losesAnswer });
    const telephony = createAriTelephony({ ...target, url, clock, log, timeouts });
    open.push(telephony);
    const events = new EventLog(telephony);
    await telephony.connect();
    await call(telephony, 'one');
    await events.next('answered', { channelId: 'one' });
    asked.length = 0;
    await faultOf(telephony.hold('one', true));
    assert.equal(asked.findLast((operation) => operation.endsWith('mute')), 'DELETE mute'); // prettier-ignore
    assert.equal(asked.findLast((operation) => operation.endsWith('moh')), 'DELETE moh'); // prettier-ignore
  });

  it('fault: an event of a type that nobody knows, and one that is no JSON. The next ones are still heard', async () => {
    const target = await simulator();
    const { telephony, events } = await connected(target);
    target.faults.say('{"type":"NeverHeardOf","channel":{"id":"x"}}');
    target.faults.say('no JSON at all');
    await call(telephony, 'one');
    await events.next('answered', { channelId: 'one' });
  });

  it('fault: a listener throws. The others still hear', async () => {
    const target = await simulator();
    const telephony = createAriTelephony({ ...target, clock, log, timeouts });
    open.push(telephony);
    telephony.on(() => {
      throw new Error('deaf on purpose');
    });
    const events = new EventLog(telephony);
    await telephony.connect();
    await call(telephony, 'one');
    await events.next('answered', { channelId: 'one' });
  });

  it('a burst of 200 originates is taken whole', async () => {
    const target = await simulator();
    const patient = { callMs: 15_000, connectMs: 15_000 };
    const telephony = createAriTelephony({ ...target, clock, log, timeouts: patient });
    open.push(telephony);
    const events = new EventLog(telephony);
    await telephony.connect();
    const ids = Array.from({ length: 200 }, (_, index) => `burst-${index}`);
    await Promise.all(ids.map((id) => call(telephony, id)));
    await Promise.all(ids.map((channelId) => events.next('answered', { channelId })));
    assert.equal(target.stats().channelsNow, 200);
  });

  it('close settles what is pending, may be called twice, and leaves nothing behind', async () => {
    const target = await simulator();
    const { telephony } = await connected(target);
    target.faults.setDelay(200);
    const pending = faultOf(telephony.ping());
    await telephony.close();
    await telephony.close();
    assert.equal((await pending).fault, 'unavailable');
    assert.equal(telephony.state, 'closed');
    assert.equal((await faultOf(telephony.ping())).fault, 'unavailable');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
