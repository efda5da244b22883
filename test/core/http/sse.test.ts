import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { after, afterEach, before, describe, it } from 'mocha';
import { Router } from 'express';
import { guard, sse, type WebArea } from '../../../core/http/index.ts';
import type { App } from '../../../core/app.ts';
import { serve } from '../../support/browser.ts';
import { testPassword, testWeb, type TestWeb, type Visitor } from '../../web/support.ts';

interface Holder {
  app?: App;
  snapshots: number;
  /** Told of a request for `/live/after-reading`, which goes on once this has settled, and of its end. */
  reading?: (gone: Promise<void>) => Promise<void>;
  read?: () => void;
  sources: number;
}

function liveArea(holder: Holder): WebArea {
  const router = Router();
  router.get('/live/after-reading', guard(), async (req, res) => {
    await holder.reading!(new Promise((resolve) => res.once('close', resolve)));
    await sse(holder.app!, req, res, {
      topics: ['figures.*'],
      map: () => null,
      source: () => {
        holder.sources++;
        return () => holder.sources--;
      },
    });
    holder.read!();
  });
  router.get('/live', guard(), (req, res) =>
    sse(holder.app!, req, res, {
      topics: ['figures.*'],
      map: async (payload, topic) => {
        if (topic === 'figures.broken') throw new Error('no figures');
        return topic === 'figures.secret' ? null : { event: topic, data: payload };
      },
      snapshot: async () => [{ event: 'snapshot', data: ++holder.snapshots }],
    }),
  );
  return { name: 'live', router };
}

/** Reads a stream until it has said what is waited for. */
class Reader {
  text = '';
  ended = false;
  #response: IncomingMessage;
  #wake: () => void = () => {};
  constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      this.text += part;
      this.#wake();
    });
    response.on('close', () => {
      this.ended = true;
      this.#wake();
    });
  }
  async until(wanted: RegExp | 'end'): Promise<void> {
    while (wanted === 'end' ? !this.ended : !wanted.test(this.text)) {
      if (this.ended && wanted !== 'end')
        throw new Error(`stream ended without ${String(wanted)}: ${this.text}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
  leave(): void {
    this.#response.destroy();
  }
}

describe('a live stream', () => {
  let t: TestWeb;
  let site: Awaited<ReturnType<typeof serve>>;
  const holder: Holder = { snapshots: 0, sources: 0 };
  const readers: Reader[] = [];
  let visitor: Visitor;
  let userId: number;

  before(async () => {
    t = await testWeb({ areas: [liveArea(holder)] });
    holder.app = t.app;
    site = await serve(t.web);
    visitor = await t.signedIn('agent', 'watcher');
    userId = (await t.users.store.byUsername('watcher'))!.user.id;
  });
  afterEach(() => readers.splice(0).forEach((reader) => reader.leave()));
  after(async () => {
    await site.close();
    await t.close();
  });

  async function signedIn(): Promise<Visitor> {
    const other = t.visitor();
    await other.signIn('watcher', testPassword);
    return other;
  }

  function cookieOfVisitor(): string {
    const jar = visitor.agent.jar as { getCookies(info: unknown): { toValueString(): string } };
    const access = { domain: '127.0.0.1', path: '/', secure: false, script: false };
    return String(jar.getCookies(access).toValueString());
  }

  function open(): Promise<Reader> {
    const cookie = cookieOfVisitor();
    return new Promise((resolve, reject) => {
      const request = get(
        `${site.url}/live`,
        { headers: { cookie, accept: 'text/event-stream' } },
        (response) => {
          if (response.statusCode !== 200) return reject(new Error(`answered ${response.statusCode}`));
          const reader = new Reader(response);
          readers.push(reader);
          resolve(reader);
        },
      );
      request.on('error', () => {});
    });
  }

  /** Lets streams subscribe to a bus that counts them, until `holder.app` is put back. */
  function countSubscriptions(settled = () => {}): () => number {
    let held = 0;
    const bus: App['bus'] = {
      ...t.app.bus,
      subscribe(topic, listener) {
        held++;
        const end = t.app.bus.subscribe(topic, listener);
        return () => {
          end();
          if (--held === 0) settled();
        };
      },
      onReconnect: (listener) => t.app.bus.onReconnect(listener),
    };
    holder.app = { ...t.app, bus };
    return () => held;
  }

  it('begins with the state as it is, then tells what comes, in order', async () => {
    const reader = await open();
    await reader.until(/event: snapshot\ndata: \d+/);
    t.app.bus.publish('figures.calls', { ringing: 3 });
    t.app.bus.publish('figures.html', '<b>\n3</b>');
    await reader.until(/3<\/b>\n\n/);
    assert.match(reader.text, /event: figures\.calls\ndata: \{"ringing":3\}/);
    assert.match(reader.text, /event: figures\.html\ndata: <b>\ndata: 3<\/b>\n\n/);
  });

  it('leaves out what the reader may not see', async () => {
    const reader = await open();
    await reader.until(/snapshot/);
    t.app.bus.publish('figures.secret', { pay: 1 });
    t.app.bus.publish('figures.calls', { ringing: 4 });
    await reader.until(/"ringing":4/);
    assert.doesNotMatch(reader.text, /secret|pay/);
  });

  it('ends when the user is signed out everywhere', async () => {
    const reader = await open();
    await reader.until(/snapshot/);
    t.app.bus.publish('user.signed-out', { userId: userId + 1 });
    t.app.bus.publish('figures.calls', { ringing: 5 });
    await reader.until(/"ringing":5/);
    t.app.bus.publish('user.signed-out', { userId });
    await reader.until('end');
    assert.match(reader.text, /event: signed-out\n/);
  });

  it('ends with its own session, and not with another of the same user', async () => {
    const reader = await open();
    await reader.until(/snapshot/);
    const elsewhere = await signedIn();
    await elsewhere.post('/sign-out');
    t.app.bus.publish('figures.calls', { ringing: 6 });
    await reader.until(/"ringing":6/);
    await visitor.post('/sign-out');
    await reader.until('end');
    visitor = await signedIn();
  });

  it('ends, and leaves the others alone, when one reader’s events cannot be made', async () => {
    const reader = await open();
    await reader.until(/snapshot/);
    t.app.bus.publish('figures.broken', {}); // the fault: map() throws
    await reader.until('end');
    const next = await open();
    await next.until(/snapshot/);
  });

  it('leaves nothing behind when its reader goes: 20 come and go, no subscription stays', async () => {
    let settled = () => {};
    const subscribed = countSubscriptions(() => settled());
    const opened = await Promise.all(Array.from({ length: 20 }, open));
    await Promise.all(opened.map((reader) => reader.until(/snapshot/)));
    assert.equal(subscribed(), 40);
    const empty = new Promise<void>((resolve) => (settled = resolve));
    for (const reader of opened) reader.leave(); // the fault: browsers that vanish
    await empty;
    holder.app = t.app;
  });

  it('subscribes to nothing for a reader that left while its first figures were read', async () => {
    const subscribed = countSubscriptions();
    const ended = new Promise<void>((resolve) => (holder.read = resolve));
    await new Promise<void>((resolve) => {
      holder.reading = (gone) => {
        request.destroy(); // the fault: the browser leaves before the stream begins
        return gone;
      };
      const request = get(`${site.url}/live/after-reading`, { headers: { cookie: cookieOfVisitor() } });
      request.on('error', () => resolve());
    });
    await ended;
    assert.deepEqual([subscribed(), holder.sources], [0, 0]);
    holder.app = t.app;
  });

  it('is refused to who was signed out while its first figures were read, and nothing is left behind', async () => {
    const subscribed = countSubscriptions();
    holder.reading = async () => void (await visitor.post('/sign-out'));
    const status = await new Promise((resolve) => {
      const headers = { cookie: cookieOfVisitor(), accept: 'text/event-stream' };
      get(`${site.url}/live/after-reading`, { headers }, (answer) => {
        answer.destroy();
        resolve(answer.statusCode);
      }).on('error', () => {});
    });
    assert.deepEqual([status, subscribed(), holder.sources], [401, 0, 0]);
    holder.app = t.app;
    visitor = await signedIn();
  });

  it('is for those who are signed in', async () => {
    const response = await t.visitor().get('/live', { accept: 'text/event-stream' });
    assert.equal(response.status, 401);
    assert.equal((response.body as { code: string }).code, 'signed-out');
  });
});
