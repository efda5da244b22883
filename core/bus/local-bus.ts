import type { Logger } from '../log/log.ts';
import { BusTimeout, BusUnavailable, CommandRefused, type Bus } from './bus.ts';
import { Subscriptions } from './subscriptions.ts';

const requestMs = 5_000;

/** The bus of a product that is one process. Payloads are copied as JSON, as they would be on Redis. */
export class LocalBus implements Bus {
  readonly #log: Logger;
  readonly #subscriptions: Subscriptions;
  readonly #handlers = new Map<string, (payload: unknown) => unknown>();
  readonly #pending = new Set<(error: Error) => void>();
  #closed = false;

  constructor({ log }: { log: Logger }) {
    this.#log = log;
    this.#subscriptions = new Subscriptions(log);
  }

  get isUp(): boolean {
    return !this.#closed;
  }

  publish(topic: string, payload: unknown): void {
    if (this.#closed || !this.#subscriptions.has(topic)) return;
    let text: string;
    try {
      text = encode(payload);
    } catch (error) {
      this.#log.error({ topic, err: error }, 'event could not be encoded');
      return;
    }
    queueMicrotask(() => {
      if (!this.#closed) this.#subscriptions.deliver(topic, text);
    });
  }

  subscribe(topic: string, listener: (payload: unknown, topic: string) => void): () => void {
    return this.#subscriptions.add(topic, listener);
  }

  async request<R = unknown>(
    command: string,
    payload: unknown,
    { timeoutMs = requestMs }: { timeoutMs?: number } = {},
  ): Promise<R> {
    if (this.#closed) throw new BusUnavailable('it is closed');
    const handler = this.#handlers.get(command);
    if (!handler) throw new BusUnavailable(`no process answers ${command}`);
    const text = encode(payload);
    return new Promise<R>((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#pending.delete(fail);
      };
      const fail = (error: Error) => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => fail(new BusTimeout(command, timeoutMs)), timeoutMs);
      this.#pending.add(fail);
      Promise.resolve()
        .then(() => handler(JSON.parse(text)))
        .then((answer) => {
          const copy = JSON.parse(encode(answer)) as R;
          settle();
          resolve(copy);
        })
        .catch((error: unknown) => fail(asRefusal(error, command, this.#log)));
    });
  }

  respond(command: string, handler: (payload: unknown) => unknown): () => void {
    if (this.#handlers.has(command)) throw new Error(`${command} has a handler in this process already`);
    this.#handlers.set(command, handler);
    return () => {
      if (this.#handlers.get(command) === handler) this.#handlers.delete(command);
    };
  }

  onReconnect(): () => void {
    return () => {};
  }

  async ping(): Promise<void> {
    if (this.#closed) throw new BusUnavailable('it is closed');
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#subscriptions.clear();
    this.#handlers.clear();
    for (const fail of [...this.#pending]) fail(new BusUnavailable('it was closed'));
  }
}

/** What a handler's error is to the asker. Only a refusal tells why; anything else stays in the log of its process. */
export function asRefusal(error: unknown, command: string, log: Logger): CommandRefused {
  if (error instanceof CommandRefused) return error;
  log.error({ command, err: error }, 'command failed');
  return new CommandRefused('internal');
}

/** JSON of a payload; `undefined` travels as null. */
export function encode(payload: unknown): string {
  return JSON.stringify(payload ?? null);
}
