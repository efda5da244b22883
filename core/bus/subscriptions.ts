import type { Logger } from '../log/log.ts';

type Listener = (payload: unknown, topic: string) => void;

/** Who listens to which topic in this process: exact topics, and prefixes (`campaign.*`). */
export class Subscriptions {
  readonly #log: Logger;
  readonly #exact = new Map<string, Set<Listener>>();
  readonly #prefixes = new Map<string, Set<Listener>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  add(topic: string, listener: Listener): () => void {
    const map = topic.endsWith('*') ? this.#prefixes : this.#exact;
    const key = topic.endsWith('*') ? topic.slice(0, -1) : topic;
    // One listener given twice is two subscriptions.
    const own: Listener = (payload, at) => listener(payload, at);
    let set = map.get(key);
    if (!set) map.set(key, (set = new Set()));
    set.add(own);
    return () => {
      set.delete(own);
      if (set.size === 0 && map.get(key) === set) map.delete(key);
    };
  }

  has(topic: string): boolean {
    if (this.#exact.has(topic)) return true;
    for (const prefix of this.#prefixes.keys()) if (topic.startsWith(prefix)) return true;
    return false;
  }

  /** Hands each listener its own copy of the payload; one that throws does not keep it from the others. */
  deliver(topic: string, json: string): void {
    const listeners = [...(this.#exact.get(topic) ?? [])];
    for (const [prefix, set] of this.#prefixes) if (topic.startsWith(prefix)) listeners.push(...set);
    for (const listener of listeners) {
      try {
        const result: unknown = listener(JSON.parse(json), topic);
        if (result instanceof Promise) result.catch((error: unknown) => this.#failed(topic, error));
      } catch (error) {
        this.#failed(topic, error);
      }
    }
  }

  clear(): void {
    this.#exact.clear();
    this.#prefixes.clear();
  }

  #failed(topic: string, error: unknown): void {
    this.#log.error({ topic, err: error }, 'listener failed');
  }
}
