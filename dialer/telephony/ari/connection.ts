import type { Logger } from '../../../core/log/log.ts';
import { TelephonyError, type Telephony } from '../telephony.ts';
import { AriClient, type AriTimeouts } from './client.ts';
import { accessError } from './access.ts';
import { toTelephonyError } from './errors.ts';
import { ariJson, type AriAccess } from './http.ts';
import type { AriEvent } from './wire.ts';

export interface ConnectionListener {
  event(event: AriEvent): void;
  up(): void;
  /** Told at a loss, and at a failed attempt whose reason is a new one. */
  down(why: string, notRunning: boolean): void;
}

const firstRetryMs = 250;
const slowestRetryMs = 5000;

/** Holds one AriClient at a time, and makes the next when it is lost, until closed. */
export class AriConnection {
  readonly #access: AriAccess;
  readonly #app: string;
  readonly #timeouts: AriTimeouts;
  readonly #log: Logger;
  readonly #listener: ConnectionListener;
  #state: Telephony['state'] = 'down';
  #client: AriClient | null = null;
  #failure = new TelephonyError('unavailable', 'Not connected to Asterisk yet.');
  #told = '';
  #retryMs = firstRetryMs;
  #timer: NodeJS.Timeout | undefined;
  #first: { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(
    access: AriAccess,
    app: string,
    timeouts: AriTimeouts,
    log: Logger,
    listener: ConnectionListener,
  ) {
    this.#access = access;
    this.#app = app;
    this.#timeouts = timeouts;
    this.#log = log;
    this.#listener = listener;
  }

  get state(): Telephony['state'] {
    return this.#state;
  }

  connect(): Promise<void> {
    if (this.#state === 'closed') return Promise.reject(closedError());
    if (!this.#first) {
      this.#first = deferred();
      void this.#attempt();
    }
    return this.#first.promise;
  }

  call<T = void>(resource: string, operation: string, params: object = {}): Promise<T> {
    if (this.#state === 'closed') return Promise.reject(closedError());
    if (!this.#client) return Promise.reject(this.#failure);
    return this.#client.call<T>(resource, operation, params);
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#client?.close();
    this.#client = null;
    this.#first?.reject(closedError());
    this.#first?.promise.catch(() => {});
  }

  async #attempt(): Promise<void> {
    this.#state = 'connecting';
    try {
      await this.#checkAccess();
      const client = await this.#open();
      if (this.#wasClosed()) client.close();
    } catch (error) {
      if (!this.#wasClosed()) this.#failed(toTelephonyError(error, 'connecting'));
    }
  }

  /** The socket's first event may come right behind its opening, so "up" is told before `open` has returned. */
  async #open(): Promise<AriClient> {
    const early: AriEvent[] = [];
    let live = false;
    let lostEarly = '';
    const client = await AriClient.open(this.#access, this.#app, this.#timeouts, {
      event: (event) => (live ? this.#listener.event(event) : early.push(event)),
      lost: (why, replaced) => (live ? this.#lost(why, replaced) : (lostEarly = why)),
    });
    if (this.#wasClosed()) return client;
    if (lostEarly)
      throw new TelephonyError('unavailable', `The connection to Asterisk is lost: ${lostEarly}.`);
    this.#client = client;
    this.#state = 'up';
    this.#retryMs = firstRetryMs;
    this.#told = '';
    this.#listener.up();
    for (const event of early) this.#listener.event(event);
    live = true;
    this.#first?.resolve();
    return client;
  }

  /** Says in words what keeps us out, which ari-client cannot. */
  async #checkAccess(): Promise<void> {
    const path = '/asterisk/info?only=system';
    await ariJson(this.#access, { path, timeoutMs: this.#timeouts.connectMs }).catch((error: unknown) => {
      throw accessError(error, this.#access);
    });
  }

  #failed(error: TelephonyError): void {
    this.#state = 'down';
    this.#failure = error;
    this.#tell(error.message, error.fault === 'not-running');
    this.#later();
  }

  #lost(why: string, replaced: boolean): void {
    this.#client = null;
    if (this.#wasClosed()) return;
    this.#state = 'down';
    this.#failure = new TelephonyError('unavailable', `The connection to Asterisk is lost: ${why}.`);
    // Two processes of one application name would take it from each other without end.
    if (replaced) this.#retryMs = this.#timeouts.replacedMs;
    this.#tell(this.#failure.message, false);
    this.#later();
  }

  #tell(why: string, notRunning: boolean): void {
    if (why === this.#told) return;
    this.#told = why;
    this.#log.warn({ why }, 'telephony is down');
    this.#listener.down(why, notRunning);
  }

  #later(): void {
    this.#timer = setTimeout(() => void this.#attempt(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, slowestRetryMs);
  }

  #wasClosed(): boolean {
    return this.#state === 'closed';
  }
}

function closedError(): TelephonyError {
  return new TelephonyError('unavailable', 'The connection to Asterisk has been closed.');
}

function deferred() {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
