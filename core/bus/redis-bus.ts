import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from '../log/log.ts';
import { connectRedis, redisNamespace, type Heartbeat } from '../redis/connect.ts';
import { BusTimeout, BusUnavailable, CommandRefused, type Bus } from './bus.ts';
import { asRefusal, encode } from './local-bus.ts';
import { Subscriptions } from './subscriptions.ts';

export interface RedisBusOptions {
  url: string;
  log: Logger;
  heartbeat?: Heartbeat;
}

interface Question {
  id: string;
  replyTo: string;
  payload: unknown;
}

type Answer =
  { id: string; value: unknown } | { id: string; refused: string; details: Record<string, unknown> };

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const requestMs = 5_000;
const pingMs = 2_000;
/** A command that two processes hear is done by the one that claims it; claims are kept this long. */
const claimMs = 60_000;

/**
 * The bus over Redis publish/subscribe, on two connections: one that talks and one that listens. It is up while both
 * are and the listening one has its subscriptions; when either goes, all pending requests are rejected.
 */
export class RedisBus implements Bus {
  readonly #log: Logger;
  readonly #prefix: string;
  readonly #replyChannel: string;
  readonly #talking: Redis;
  readonly #listening: Redis;
  readonly #subscriptions: Subscriptions;
  readonly #handlers = new Map<string, (payload: unknown) => unknown>();
  readonly #pending = new Map<string, Pending>();
  readonly #reconnected = new Set<() => void>();
  readonly #waiting = new Set<() => void>();
  /** Subscriptions to commands that Redis has not confirmed yet. */
  readonly #unconfirmed = new Set<Promise<unknown>>();
  #subscribed = false;
  #wasUp = false;
  #up = false;
  #closed = false;

  constructor({ url, log, heartbeat }: RedisBusOptions) {
    this.#log = log;
    this.#prefix = `${redisNamespace(url)}:bus:`;
    this.#replyChannel = `${this.#prefix}reply:${randomUUID()}`;
    this.#subscriptions = new Subscriptions(log);
    const common = { log, heartbeat, enableOfflineQueue: false, autoResendUnfulfilledCommands: false };
    this.#talking = connectRedis(url, { ...common, name: 'bus', maxRetriesPerRequest: 0 });
    this.#listening = connectRedis(url, { ...common, name: 'bus-listener', autoResubscribe: false });
    this.#talking.on('ready', () => this.#noticeUp());
    this.#listening.on('ready', () => void this.#listen());
    this.#talking.on('close', () => this.#noticeDown());
    this.#listening.on('close', () => {
      this.#subscribed = false;
      this.#noticeDown();
    });
    this.#listening.on('message', (channel: string, text: string) => this.#heard(channel, text));
    this.#listening.on('pmessage', (_pattern: string, channel: string, text: string) => {
      this.#subscriptions.deliver(channel.slice(this.#eventChannel('').length), text);
    });
  }

  get isUp(): boolean {
    return this.#up;
  }

  publish(topic: string, payload: unknown): void {
    if (!this.#up) return;
    try {
      this.#talking.publish(this.#eventChannel(topic), encode(payload)).catch(() => {});
    } catch (error) {
      this.#log.error({ topic, err: error }, 'event could not be encoded');
    }
  }

  subscribe(topic: string, listener: (payload: unknown, topic: string) => void): () => void {
    return this.#subscriptions.add(topic, listener);
  }

  async request<R = unknown>(
    command: string,
    payload: unknown,
    { timeoutMs = requestMs }: { timeoutMs?: number } = {},
  ): Promise<R> {
    if (!this.#up) throw new BusUnavailable(this.#closed ? 'it is closed' : 'no connection to Redis');
    // Else a command could overtake the subscription of its own process.
    if (this.#unconfirmed.size > 0) await Promise.all(this.#unconfirmed);
    const id = randomUUID();
    const question: Question = { id, replyTo: this.#replyChannel, payload: payload ?? null };
    const text = encode(question);
    return new Promise<R>((resolve, reject) => {
      const settle = (end: () => void) => {
        clearTimeout(timer);
        if (this.#pending.delete(id)) end();
      };
      const pending: Pending = {
        resolve: (value) => settle(() => resolve(value as R)),
        reject: (error) => settle(() => reject(error)),
      };
      const timer = setTimeout(() => pending.reject(new BusTimeout(command, timeoutMs)), timeoutMs);
      this.#pending.set(id, pending);
      this.#talking.publish(this.#commandChannel(command), text).then(
        (receivers) => {
          if (receivers === 0) pending.reject(new BusUnavailable(`no process answers ${command}`));
        },
        (error: Error) => pending.reject(new BusUnavailable(error.message)),
      );
    });
  }

  respond(command: string, handler: (payload: unknown) => unknown): () => void {
    if (this.#handlers.has(command)) throw new Error(`${command} has a handler in this process already`);
    this.#handlers.set(command, handler);
    const channel = this.#commandChannel(command);
    // Without a connection it is subscribed with all others as soon as there is one.
    if (this.#subscribed) {
      const confirmed = this.#listening.subscribe(channel).catch(() => {});
      this.#unconfirmed.add(confirmed);
      void confirmed.then(() => this.#unconfirmed.delete(confirmed));
    }
    return () => {
      if (this.#handlers.get(command) !== handler) return;
      this.#handlers.delete(command);
      if (this.#subscribed) this.#listening.unsubscribe(channel).catch(() => {});
    };
  }

  onReconnect(listener: () => void): () => void {
    const own = () => listener();
    this.#reconnected.add(own);
    return () => void this.#reconnected.delete(own);
  }

  async ping(): Promise<void> {
    await within(pingMs, async () => {
      await this.#whenUp();
      await Promise.all([this.#talking.ping(), this.#listening.ping(), ...this.#unconfirmed]);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#noticeDown();
    for (const wake of [...this.#waiting]) wake();
    this.#subscriptions.clear();
    this.#handlers.clear();
    this.#reconnected.clear();
    this.#talking.disconnect();
    this.#listening.disconnect();
  }

  /** Subscribes to everything anew; only then does a lost connection count as found again. */
  async #listen(): Promise<void> {
    try {
      await this.#listening.psubscribe(`${escapeGlob(this.#eventChannel(''))}*`);
      const commands = [...this.#handlers.keys()].map((command) => this.#commandChannel(command));
      await this.#listening.subscribe(this.#replyChannel, ...commands);
      this.#subscribed = true;
      // A handler that was added in between has found nothing to subscribe on.
      const late = [...this.#handlers.keys()].map((it) => this.#commandChannel(it));
      if (late.length > commands.length) await this.#listening.subscribe(...late);
      this.#noticeUp();
    } catch {
      this.#listening.disconnect(true); // Broke off in between: once more.
    }
  }

  #noticeUp(): void {
    if (this.#closed || this.#up || !this.#subscribed || this.#talking.status !== 'ready') return;
    this.#up = true;
    for (const wake of [...this.#waiting]) wake();
    if (this.#wasUp) for (const listener of [...this.#reconnected]) this.#contained('reconnect', listener);
    this.#wasUp = true;
  }

  #noticeDown(): void {
    this.#up = false;
    const why = this.#closed ? 'it was closed' : 'the connection to Redis was lost';
    for (const pending of [...this.#pending.values()]) pending.reject(new BusUnavailable(why));
  }

  #whenUp(): Promise<void> {
    if (this.#up) return Promise.resolve();
    if (this.#closed) return Promise.reject(new BusUnavailable('it is closed'));
    return new Promise((resolve, reject) => {
      const wake = () => {
        this.#waiting.delete(wake);
        if (this.#up) resolve();
        else reject(new BusUnavailable('it was closed'));
      };
      this.#waiting.add(wake);
    });
  }

  #heard(channel: string, text: string): void {
    if (channel === this.#replyChannel) {
      const answer = JSON.parse(text) as Answer;
      const pending = this.#pending.get(answer.id);
      if ('refused' in answer) pending?.reject(new CommandRefused(answer.refused, answer.details));
      else pending?.resolve(answer.value);
      return;
    }
    const command = channel.slice(this.#commandChannel('').length);
    void this.#answer(command, JSON.parse(text) as Question);
  }

  async #answer(command: string, { id, replyTo, payload }: Question): Promise<void> {
    const handler = this.#handlers.get(command);
    if (!handler) return;
    let answer: Answer;
    try {
      const claim = await this.#talking.set(`${this.#prefix}claim:${id}`, '1', 'PX', claimMs, 'NX');
      if (claim === null) return;
      answer = { id, value: (await handler(payload)) ?? null };
      await this.#talking.publish(replyTo, encode(answer));
    } catch (error) {
      if (!this.#up) return; // The asker has been told by its own connection, or will time out.
      const { reason, details } = asRefusal(error, command, this.#log);
      answer = { id, refused: reason, details };
      await this.#talking.publish(replyTo, encode(answer)).catch(() => {});
    }
  }

  #contained(what: string, listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#log.error({ topic: what, err: error }, 'listener failed');
    }
  }

  #eventChannel(topic: string): string {
    return `${this.#prefix}event:${topic}`;
  }

  #commandChannel(command: string): string {
    return `${this.#prefix}command:${command}`;
  }
}

function escapeGlob(text: string): string {
  return text.replace(/[[\]*?\\]/g, '\\$&');
}

async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BusUnavailable(`Redis did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
