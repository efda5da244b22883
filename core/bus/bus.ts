/**
 * Events and commands between processes. An event may be lost: whoever reconnects reads the state anew.
 * A command has an answer, a refusal, or a time-out.
 */
export interface Bus {
  /** Whether events and commands get through, as far as this process knows. */
  readonly isUp: boolean;
  /** Tells every subscriber of `topic`, here and in other processes. Never throws; a failing listener is contained. */
  publish(topic: string, payload: unknown): void;
  /** `topic` is exact, or ends in `*` for a prefix. The result ends the subscription. */
  subscribe(topic: string, listener: (payload: unknown, topic: string) => void): () => void;
  /**
   * Sends a command to the one process that answers it.
   * @throws CommandRefused with the handler's reason code; BusTimeout when no answer comes in `timeoutMs` (5,000);
   * BusUnavailable when the connection is down, the bus is closed, or no process answers this command.
   */
  request<R = unknown>(command: string, payload: unknown, options?: { timeoutMs?: number }): Promise<R>;
  /** Answers a command, at most once each even where two processes would. A thrown CommandRefused reaches the asker with its reason; any other error as `internal`. */
  respond(command: string, handler: (payload: unknown) => unknown): () => void;
  /** Calls back whenever a lost connection is there again, so that the state can be read anew. */
  onReconnect(listener: () => void): () => void;
  /** Rejects when the connection does not answer. */
  ping(): Promise<void>;
  /** Ends all subscriptions, rejects what is pending with BusUnavailable. May be called twice. */
  close(): Promise<void>;
}

/** The process that was asked says no; `reason` is a stable code with a text in the locales. */
export class CommandRefused extends Error {
  readonly reason: string;
  readonly details: Record<string, unknown>;
  constructor(reason: string, details: Record<string, unknown> = {}) {
    super(`command refused: ${reason}`);
    this.name = 'CommandRefused';
    this.reason = reason;
    this.details = details;
  }
}

export class BusTimeout extends Error {
  constructor(command: string, ms: number) {
    super(`no answer to ${command} within ${ms} ms`);
    this.name = 'BusTimeout';
  }
}

export class BusUnavailable extends Error {
  constructor(why: string) {
    super(`message bus unavailable: ${why}`);
    this.name = 'BusUnavailable';
  }
}
