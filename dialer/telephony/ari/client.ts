import http from 'node:http';
import https from 'node:https';
import { connect, type Client } from 'ari-client';
import type { WebSocket, RawData } from 'ws';
import { TelephonyError } from '../telephony.ts';
import './api-description.ts';
import type { AriAccess } from './http.ts';
import { AriStatusError } from './errors.ts';
import type { AriEvent } from './wire.ts';

export interface AriTimeouts {
  /** One operation. */
  callMs: number;
  /** Fetching the API description, and opening the socket: each. */
  connectMs: number;
  /** The socket is pinged this often, and given up when two pings in a row bring nothing back. */
  pingMs: number;
  /**
   * Between the taking of the application by another process and our taking it back. With all of a connect it ends before
   * the engine takes the calls to be over.
   */
  replacedMs: number;
}

export const usualTimeouts: AriTimeouts = {
  callMs: 5000,
  connectMs: 5000,
  pingMs: 10_000,
  replacedMs: 10_000,
};

export interface AriHandlers {
  event(event: AriEvent): void;
  /** Called once. The client is of no more use. `replaced`: another process has taken the application. */
  lost(why: string, replaced: boolean): void;
}

type SwaggerOperation = (params: object, done: unknown, failed: (answer: unknown) => void) => void;

/** What the types of ari-client leave out, and this file needs. */
interface ClientInside {
  _ws: WebSocket;
  _swagger: {
    apis: Record<
      string,
      Record<string, SwaggerOperation> & { operations: Record<string, { nickname: string }> }
    >;
  };
}

/** `connect` asks the proxy that the environment names for the API description, and nothing else does. */
function pastProxies(host: string): void {
  for (const name of ['NO_PROXY', 'no_proxy']) {
    const hosts = process.env[name]?.split(',').map((one) => one.trim()) ?? [];
    if (!hosts.includes(host)) process.env[name] = [...hosts.filter(Boolean), host].join(',');
  }
}

/**
 * One life of an ari-client: from the first connect to the loss of its socket, never reconnected. What is tamed here:
 * every operation has a time-out and is settled when the socket goes (ari-client leaves a request without an answer
 * pending for ever); errors carry their HTTP status; the event socket has our handlers only, since ari-client's own
 * throws at an event type it does not know, and reconnects behind our back ten times and then no more.
 */
export class AriClient {
  readonly #client: Client & ClientInside;
  readonly #timeouts: AriTimeouts;
  readonly #handlers: AriHandlers;
  readonly #pending = new Set<(error: TelephonyError) => void>();
  #pinger: NodeJS.Timeout | undefined;
  #socket: WebSocket | undefined;
  #over = false;

  private constructor(client: Client, timeouts: AriTimeouts, handlers: AriHandlers) {
    this.#client = client as Client & ClientInside;
    this.#timeouts = timeouts;
    this.#handlers = handlers;
  }

  static async open(
    access: AriAccess,
    app: string,
    timeouts: AriTimeouts,
    handlers: AriHandlers,
  ): Promise<AriClient> {
    // Without a limit, some of a burst of 200 originates are never answered; with it all are, in 0.3 s.
    http.globalAgent.maxSockets = 20;
    https.globalAgent.maxSockets = 20;
    const { url, user, password } = access;
    pastProxies(new URL(url).hostname);
    const client = await withoutNotice(() =>
      within(timeouts.connectMs, 'API description', connect(url, user, password)),
    );
    const life = new AriClient(client, timeouts, handlers);
    life.#keepStatusOfErrors();
    client.on('WebSocketConnected' as never, () => life.#adoptSocket());
    try {
      await within(timeouts.connectMs, 'event socket', client.start(app));
    } catch (error) {
      life.close();
      throw error;
    }
    return life;
  }

  /** One ARI operation by its resource and nickname, for example `('channels', 'hangup', {channelId})`. */
  call<T = void>(resource: string, operation: string, params: object = {}): Promise<T> {
    if (this.#over) return Promise.reject(new TelephonyError('unavailable', 'The connection is closed.'));
    const operations = (
      this.#client as unknown as Record<
        string,
        Record<string, ((p: object) => PromiseLike<unknown>) | undefined>
      >
    )[resource];
    const send = operations?.[operation];
    if (!send)
      return Promise.reject(new TelephonyError('refused', `This Asterisk has no ${resource}.${operation}.`));
    return new Promise<T>((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#pending.delete(fail);
      };
      const fail = (error: unknown) => {
        settle();
        reject(error as Error);
      };
      const timer = setTimeout(() => {
        const seconds = this.#timeouts.callMs / 1000;
        fail(
          new TelephonyError(
            'timeout',
            `Asterisk gave no answer to ${resource}.${operation} in ${seconds} s.`,
          ),
        );
      }, this.#timeouts.callMs);
      this.#pending.add(fail);
      send(params).then((result) => {
        settle();
        resolve(result as T);
      }, fail);
    });
  }

  close(): void {
    this.#end();
  }

  #adoptSocket(): void {
    const socket = this.#client._ws;
    if (this.#over) return;
    socket.removeAllListeners();
    socket.on('error', () => socket.terminate());
    this.#socket = socket;
    let heard = 2;
    socket.on('pong', () => (heard = 2));
    socket.on('message', (data: RawData) => {
      heard = 2;
      this.#receive(data);
    });
    socket.on('close', (code: number) => this.#lose(`the event socket closed (${code})`));
    this.#pinger = setInterval(() => {
      if (heard-- > 0) socket.ping();
      else this.#lose('the event socket is open but silent');
    }, this.#timeouts.pingMs);
  }

  #receive(data: RawData): void {
    let event: AriEvent;
    try {
      event = JSON.parse(String(data)) as AriEvent;
    } catch {
      return;
    }
    if (event.type === 'ApplicationReplaced')
      this.#lose('another process has connected with the same application name', true);
    else this.#handlers.event(event);
  }

  #lose(why: string, replaced = false): void {
    if (this.#over) return;
    this.#end();
    this.#handlers.lost(why, replaced);
  }

  #end(): void {
    this.#over = true;
    clearInterval(this.#pinger);
    this.#endTries();
    const socket = this.#socket;
    if (socket) {
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.close();
      // A half-open peer never answers the close.
      setTimeout(() => socket.terminate(), 1000).unref();
    }
    const error = new TelephonyError(
      'unavailable',
      'The connection to Asterisk was lost before it answered.',
    );
    for (const fail of [...this.#pending]) fail(error);
  }

  /**
   * ari-client would go on trying to open its socket for a hundred seconds, and Asterisk gives the application to whichever
   * socket opens last: what it is opening ends here, and so does what its timer still makes.
   */
  #endTries(): void {
    const client = this.#client;
    let latest: WebSocket | undefined = client._ws;
    if (latest !== this.#socket) latest?.terminate();
    Object.defineProperties(client, {
      _wsClosed: { configurable: true, get: () => true, set: () => {} },
      _ws: { configurable: true, get: () => latest, set: (late: WebSocket) => (latest = late).terminate() },
    });
  }

  /** ari-client turns a failed answer into an Error without its status, unless it is handed something without `data`. */
  #keepStatusOfErrors(): void {
    for (const api of Object.values(this.#client._swagger.apis))
      for (const { nickname } of Object.values(api.operations)) {
        const original = api[nickname] as SwaggerOperation;
        api[nickname] = (params, done, failed) =>
          original(params, done, (answer) => {
            const { status, data } = answer as { status?: number; data?: Buffer | string };
            failed(status ? new AriStatusError(status, String(data ?? '')) : answer);
          });
      }
  }
}

/** @throws TelephonyError `timeout` */
function within<T>(ms: number, what: string, work: PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new TelephonyError('timeout', `Asterisk gave no ${what} in ${ms / 1000} s.`)),
      ms,
    );
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error as Error);
      },
    );
  });
}

/** Swagger's reader tells the console each time that Asterisk's form of description is an old one: nobody can help it. */
async function withoutNotice<T>(work: () => Promise<T>): Promise<T> {
  const before = console.log;
  const filtered = (...words: unknown[]) => {
    if (!String(words[0]).includes('deprecated version of Swagger')) before(...words);
  };
  console.log = filtered;
  try {
    return await work();
  } finally {
    if (console.log === filtered) console.log = before;
  }
}
