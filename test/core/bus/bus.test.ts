import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { BusUnavailable, type Bus } from '../../../core/bus/bus.ts';
import { LocalBus } from '../../../core/bus/local-bus.ts';
import { RedisBus } from '../../../core/bus/redis-bus.ts';
import { createLog } from '../../../core/log/log.ts';
import { redis, startRedis, type TestServer } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';
import { tcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { busContract, next } from './contract.ts';

const log = createLog('silent');
const missing = 'Redis is not installed';

busContract('in one process', async () => ({
  async open() {
    const bus = new LocalBus({ log });
    return { bus, other: bus };
  },
  async close() {},
}));

busContract('Redis', async (context) => {
  const server = await redis();
  if (!server) skip(context, missing);
  return {
    async open() {
      const [bus, other] = [new RedisBus({ url: server.url, log }), new RedisBus({ url: server.url, log })];
      await Promise.all([bus.ping(), other.ping()]);
      return { bus, other };
    },
    async close() {},
  };
});

describe('bus on Redis', function () {
  this.timeout(20_000);
  let url: string;
  const opened: Bus[] = [];
  const open = async (at = url) => {
    const bus = new RedisBus({ url: at, log });
    opened.push(bus);
    await bus.ping();
    return bus;
  };
  before(async function () {
    const server = await redis();
    if (!server) skip(this, missing);
    ({ url } = server);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((bus) => bus.close()));
  });

  it('lets one of two processes do a command that both answer', async () => {
    const [asker, first, second] = [await open(), await open(), await open()];
    let done = 0;
    for (const bus of [first, second]) bus.respond('dial', () => ++done);
    await Promise.all([first.ping(), second.ping()]);
    for (let i = 1; i <= 20; i++) assert.equal(await asker.request('dial', null), i);
  });

  it('keeps two installations on one server apart by their database number', async () => {
    const [mine, theirs] = [await open(), await open(url.replace(/\/0$/, '/7'))];
    let heard = 0;
    mine.subscribe('*', () => void heard++);
    const end = next(mine, 'end');
    theirs.publish('x', null);
    theirs.respond('c', () => 1);
    await theirs.ping();
    await assert.rejects(mine.request('c', null), BusUnavailable);
    mine.publish('end', null);
    await end;
    assert.equal(heard, 1);
  });
});

describe('faults of the bus on Redis', function () {
  this.timeout(30_000);
  let server: TestServer;
  let proxy: TcpProxy;
  let bus: RedisBus;
  let far: RedisBus;

  before(async function () {
    const started = await startRedis();
    if (!started) skip(this, missing);
    server = started;
    proxy = await tcpProxy(server.port);
    const url = `redis://127.0.0.1:${proxy.port}/0`;
    bus = new RedisBus({ url, log, heartbeat: { everyMs: 100, silenceMs: 300 } });
    far = new RedisBus({ url: server.url, log });
    await Promise.all([bus.ping(), far.ping()]);
    far.respond('echo', (payload) => payload);
    far.respond('slow', () => new Promise(() => {}));
    bus.respond('near', () => 'here');
    await Promise.all([bus.ping(), far.ping()]);
  });
  after(async () => {
    await Promise.all([bus?.close(), far?.close()]);
    await proxy?.close();
    await server?.stop();
  });

  const isBackAfter = async (fault: () => Promise<void>) => {
    const pending = assert.rejects(bus.request('slow', null), BusUnavailable);
    const back = Promise.all([bus, far].map((it) => (it === far && !faultHitsBoth ? null : reconnected(it))));
    await fault();
    await pending;
    assert.equal(bus.isUp, false);
    await assert.rejects(bus.request('echo', 1), BusUnavailable);
    bus.publish('lost', null);
    await repair();
    await back;
    assert.equal(bus.isUp, true);
    assert.equal(await bus.request('echo', 2), 2);
    assert.equal(await far.request('near', null), 'here');
    const heard = next(bus, 'x');
    far.publish('x', 3);
    assert.equal(await heard, 3);
  };
  let faultHitsBoth = false;
  let repair: () => Promise<void> | void = () => {};

  it('fault: Redis stops and comes back', async () => {
    faultHitsBoth = true;
    repair = () => server.start();
    await isBackAfter(() => server.stop({ graceful: true }));
  });

  it('fault: every connection is reset', async () => {
    faultHitsBoth = false;
    const pending = assert.rejects(bus.request('slow', null), BusUnavailable);
    await new Promise((resolve) => setTimeout(resolve, 20)); // Until the request is on its way.
    const back = reconnected(bus);
    proxy.cut();
    await pending;
    await back;
    assert.equal(await bus.request('echo', 2), 2);
  });

  it('fault: the connection is half open (bytes vanish, nobody is told)', async () => {
    faultHitsBoth = false;
    repair = () => proxy.resume();
    await isBackAfter(async () => proxy.stall());
  });

  it('a bus opened while Redis is away works once it is there', async () => {
    await server.stop();
    const early = new RedisBus({ url: server.url, log });
    const heard = next(early, 'x');
    early.respond('early', () => 'yes');
    await assert.rejects(early.request('echo', 1), BusUnavailable);
    await assert.rejects(early.ping(), BusUnavailable);
    await server.start();
    await early.ping();
    await far.ping();
    far.publish('x', 1);
    assert.equal(await heard, 1);
    assert.equal(await far.request('early', null), 'yes');
    await early.close();
  });
});

function reconnected(bus: Bus): Promise<void> {
  return new Promise((resolve) => {
    const end = bus.onReconnect(() => {
      end();
      resolve();
    });
  });
}
