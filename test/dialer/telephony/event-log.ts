import type { Telephony, TelephonyEvent } from '../../../dialer/telephony/index.ts';

type EventOf<T extends TelephonyEvent['type']> = Extract<TelephonyEvent, { type: T }>;

/** Everything a switch has told, with a way to wait for what it has not told yet. */
export class EventLog {
  readonly events: TelephonyEvent[] = [];
  readonly #waiting = new Set<() => void>();
  readonly stop: () => void;

  constructor(telephony: Telephony) {
    this.stop = telephony.on((event) => {
      this.events.push(event);
      for (const check of [...this.#waiting]) check();
    });
  }

  /** The first event of this type, past or to come, that has these values. */
  next<T extends TelephonyEvent['type']>(
    type: T,
    like: Partial<EventOf<T>> = {},
    timeoutMs = 15_000,
  ): Promise<EventOf<T>> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = this.events.find((event) => event.type === type && matches(event, like));
        if (!found) return;
        this.#waiting.delete(check);
        clearTimeout(timer);
        resolve(found as EventOf<T>);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        const seen = this.events.map((event) => JSON.stringify(event)).join('\n');
        reject(new Error(`No ${type} event like ${JSON.stringify(like)} came. Seen:\n${seen}`));
      }, timeoutMs);
      this.#waiting.add(check);
      check();
    });
  }

  typesOf(channelId: string): string[] {
    return this.events
      .filter((event) => 'channelId' in event && event.channelId === channelId)
      .map(({ type }) => type);
  }

  clear(): void {
    this.events.length = 0;
  }
}

function matches(event: object, like: object): boolean {
  return Object.entries(like).every(([key, value]) => (event as Record<string, unknown>)[key] === value);
}
