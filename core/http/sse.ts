import type { Request, Response } from 'express';
import type { App } from '../app.ts';
import { sessionMark, userOf } from './context.ts';
import { HttpProblem } from './problem.ts';

export interface LiveEvent {
  /** The SSE event name, which `sse-swap` and EventSource listeners go by. */
  event: string;
  /** A string goes out as it is (HTML for htmx); anything else as JSON. */
  data: unknown;
}

export interface LiveOptions {
  /** Bus topics, exact or ending in `*`. */
  topics: readonly string[];
  /** Turns what came over the bus into what this reader may see; null leaves it out. */
  map(payload: unknown, topic: string): LiveEvent | null | Promise<LiveEvent | null>;
  /** The state as it is now. Sent first, and again whenever the bus was away, since events were lost meanwhile. */
  snapshot?(): Promise<readonly LiveEvent[]>;
  /** Events from within this process, beside those of the bus; what it returns ends them. */
  source?(emit: (event: LiveEvent) => void): () => void;
}

/**
 * At this interval a stream says that it lives. It keeps proxies from closing a quiet one, and tells the page, from
 * which a browser hides comment lines, that the network is not cut behind its back.
 */
const heartbeatMs = 15_000;
/** What browsers wait before they connect anew. */
const reconnectMs = 2_000;
/** A reader this far behind is cut off; its browser connects anew and gets a snapshot. */
const maxBufferedBytes = 1_000_000;

/**
 * Keeps a server-sent stream open from the bus until the browser goes, the user is signed out, or the process ends. Its
 * last word to who is signed out is `signed-out`, so that no page looks alive until it next asks for something.
 * One stream a page: browsers allow six connections to a host.
 */
export async function sse(app: App, req: Request, res: Response, options: LiveOptions): Promise<void> {
  const user = userOf(req);
  const session = sessionMark(req);
  const undo: (() => void)[] = [];
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    for (const step of undo.splice(0)) step();
    if (res.headersSent) res.end();
  };
  res.once('close', close);
  const send = ({ event, data }: LiveEvent) => {
    if (!open) return;
    if (res.writableLength > maxBufferedBytes) return close();
    res.write(eventText(event, data));
  };
  undo.push(
    app.bus.subscribe('user.signed-out', (payload) => {
      const ended = payload as { userId?: number; session?: string };
      if (ended.userId !== user.id || (ended.session ?? session) !== session) return;
      if (res.headersSent) send({ event: 'signed-out', data: {} });
      close();
    }),
  );
  // Who was signed out since `guard` looked, while figures were read, has been told of before anybody listened here.
  const stands = await req.context.stillSignedIn().catch((error: unknown) => {
    close();
    throw error;
  });
  // Whoever left meanwhile has had its `close`, and no second one comes.
  if (res.destroyed || req.destroyed || res.writableEnded) return close();
  if (!stands || !open) {
    close();
    throw new HttpProblem(401, 'signed-out');
  }

  res.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    // nginx would hold events back until its buffer is full.
    'x-accel-buffering': 'no',
  });
  res.write(`retry: ${reconnectMs}\n\n`);
  undo.push(app.clock.every(heartbeatMs, () => send({ event: 'heartbeat', data: {} })));
  const fail = (error: unknown) => {
    app.log.warn({ err: error, path: req.path }, 'live stream ended by an error');
    close();
  };
  const snapshot = async () => {
    for (const event of (await options.snapshot?.()) ?? []) send(event);
  };
  // One event after the other, also where `map` has to wait.
  let queue = Promise.resolve();
  for (const topic of options.topics)
    undo.push(
      app.bus.subscribe(topic, (payload, from) => {
        queue = queue
          .then(async () => {
            const event = open ? await options.map(payload, from) : null;
            if (event) send(event);
          })
          .catch(fail);
      }),
    );
  undo.push(app.bus.onReconnect(() => void (queue = queue.then(snapshot).catch(fail))));
  if (options.source)
    undo.push(options.source((event) => void (queue = queue.then(() => send(event)).catch(fail))));
  queue = queue.then(snapshot).catch(fail);
  await queue;
}

/** One event as the stream carries it: every line of its data in a field of its own. */
function eventText(event: string, data: unknown): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data ?? null);
  const lines = text.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `event: ${event}\n${lines.join('')}\n`;
}
