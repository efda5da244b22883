import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { BusTimeout, BusUnavailable, CommandRefused, type Bus } from '../../../core/bus/bus.ts';

export interface BusUnderTest {
  /** Another process's bus; the same one where there is but one process. */
  open(): Promise<{ bus: Bus; other: Bus }>;
  close(): Promise<void>;
}

/** What every bus must do. Each test gets its own. */
export function busContract(name: string, prepare: (context: Mocha.Context) => Promise<BusUnderTest>): void {
  describe(`bus contract: ${name}`, function () {
    this.timeout(20_000);
    let under: BusUnderTest;
    const opened: Bus[] = [];
    const open = async () => {
      const pair = await under.open();
      opened.push(pair.bus, pair.other);
      return pair;
    };

    before(async function () {
      under = await prepare(this);
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((bus) => bus.close()));
    });
    after(() => under?.close());

    it('tells subscribers of a topic and of a prefix, in order, each with its own copy', async () => {
      const { bus, other } = await open();
      const heard: string[] = [];
      const end = new Promise<void>((resolve) => {
        bus.subscribe('campaign.started', (payload, topic) => {
          heard.push(`exact ${topic} ${(payload as { id: number }).id}`);
          (payload as { id: number }).id = -1;
        });
        bus.subscribe('campaign.*', (payload, topic) => {
          heard.push(`prefix ${topic} ${(payload as { id: number }).id}`);
          if (topic === 'campaign.end') resolve();
        });
        bus.subscribe('campaign', () => heard.push('wrong'));
        bus.subscribe('call.*', () => heard.push('wrong'));
      });
      other.publish('campaign.started', { id: 1 });
      other.publish('campaign.started', { id: 2 });
      other.publish('campaign.end', { id: 3 });
      await end;
      assert.deepEqual(
        heard.filter((it) => it.startsWith('exact')),
        ['exact campaign.started 1', 'exact campaign.started 2'],
      );
      assert.deepEqual(
        heard.filter((it) => it.startsWith('prefix')),
        ['prefix campaign.started 1', 'prefix campaign.started 2', 'prefix campaign.end 3'],
      );
      assert.equal(heard.includes('wrong'), false);
    });

    it('tells its own subscribers too, with payloads as JSON has them', async () => {
      const { bus } = await open();
      const heard = next(bus, 'x');
      bus.publish('x', { at: new Date(0), none: undefined, text: '李 🎉' });
      assert.deepEqual(await heard, { at: '1970-01-01T00:00:00.000Z', text: '李 🎉' });
      const nothing = next(bus, 'y');
      bus.publish('y', undefined);
      assert.equal(await nothing, null);
    });

    it('takes *, ? and [ in a topic for themselves', async () => {
      const { bus, other } = await open();
      const heard: string[] = [];
      bus.subscribe('a[b]?.*', (_payload, topic) => heard.push(topic));
      const end = next(bus, 'end');
      other.publish('ab?.x', null);
      other.publish('a[b]?.x', null);
      other.publish('a[b]zz', null);
      other.publish('end', null);
      await end;
      assert.deepEqual(heard, ['a[b]?.x']);
    });

    it('keeps going when a listener throws or a payload has no JSON', async () => {
      const { bus } = await open();
      bus.subscribe('x', () => {
        throw new Error('listener');
      });
      bus.subscribe('x', () => Promise.reject(new Error('listener')));
      const heard = next(bus, 'x');
      const circle: Record<string, unknown> = {};
      circle.self = circle;
      bus.publish('x', circle);
      bus.publish('x', 1);
      assert.equal(await heard, 1);
    });

    it('ends a subscription, and only that one', async () => {
      const { bus } = await open();
      let count = 0;
      const listener = () => void count++;
      const endFirst = bus.subscribe('x', listener);
      bus.subscribe('x', listener);
      endFirst();
      endFirst();
      const heard = next(bus, 'x');
      bus.publish('x', null);
      await heard;
      assert.equal(count, 1);
    });

    it('brings a command to its handler and the answer back', async () => {
      const { bus, other } = await open();
      other.respond('add', async (payload) => {
        const { a, b } = payload as { a: number; b: number };
        return { sum: a + b };
      });
      other.respond('nothing', () => undefined);
      await other.ping();
      assert.deepEqual(await bus.request('add', { a: 1, b: 2 }), { sum: 3 });
      assert.equal(await bus.request('nothing', undefined), null);
      const many = await Promise.all(
        Array.from({ length: 200 }, (_, a) => bus.request<{ sum: number }>('add', { a, b: 1 })),
      );
      assert.deepEqual(
        many.map((it) => it.sum),
        Array.from({ length: 200 }, (_, a) => a + 1),
      );
    });

    it('answers a command of its own process at once after respond', async () => {
      const { bus } = await open();
      bus.respond('echo', (payload) => payload);
      assert.equal(await bus.request('echo', 'hello'), 'hello');
    });

    it('tells the reason of a refusal, and nothing of any other error', async () => {
      const { bus, other } = await open();
      other.respond('refuse', () => {
        throw new CommandRefused('no-trunk', { trunkId: 3 });
      });
      other.respond('fail', () => {
        throw new Error('secret');
      });
      other.respond('unanswerable', () => 1n);
      await other.ping();
      await assert.rejects(bus.request('refuse', null), (error) => {
        assert.ok(error instanceof CommandRefused);
        assert.deepEqual([error.reason, error.details], ['no-trunk', { trunkId: 3 }]);
        return true;
      });
      for (const command of ['fail', 'unanswerable'])
        await assert.rejects(bus.request(command, null), (error) => {
          assert.ok(error instanceof CommandRefused);
          assert.deepEqual([error.reason, error.details], ['internal', {}]);
          return true;
        });
    });

    it('gives up on an answer that does not come', async () => {
      const { bus, other } = await open();
      other.respond('slow', () => new Promise(() => {}));
      await other.ping();
      await assert.rejects(bus.request('slow', null, { timeoutMs: 30 }), BusTimeout);
    });

    it('says at once that no process answers a command, also after its handler has gone', async () => {
      const { bus, other } = await open();
      await assert.rejects(bus.request('nobody', null), BusUnavailable);
      const end = other.respond('somebody', () => 1);
      await other.ping();
      assert.equal(await bus.request('somebody', null), 1);
      end();
      await other.ping();
      await assert.rejects(bus.request('somebody', null), BusUnavailable);
    });

    it('takes one handler for a command in a process', async () => {
      const { bus } = await open();
      bus.respond('once', () => 1);
      assert.throws(() => bus.respond('once', () => 2), /already/);
    });

    it('rejects what is pending when it is closed, and everything after', async () => {
      const { bus, other } = await open();
      other.respond('slow', () => new Promise(() => {}));
      await other.ping();
      const pending = assert.rejects(bus.request('slow', null), BusUnavailable);
      await new Promise((resolve) => setImmediate(resolve));
      await bus.close();
      await bus.close();
      await pending;
      await assert.rejects(bus.request('slow', null), BusUnavailable);
      await assert.rejects(bus.ping(), BusUnavailable);
      bus.publish('x', null);
    });
  });
}

export function next(bus: Bus, topic: string): Promise<unknown> {
  return new Promise((resolve) => {
    const end = bus.subscribe(topic, (payload) => {
      end();
      resolve(payload);
    });
  });
}
