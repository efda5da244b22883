import type { App } from '../../core/app.ts';
import type { UnansweredEnd } from '../calls/cause.ts';
import type { Telephony, TelephonyFault } from '../telephony/telephony.ts';

/** Whose channel it is. Every channel of ours is registered here before the switch is told of it. */
export type ChannelOwner =
  | { readonly kind: 'call'; readonly callId: string; readonly trunkId: number }
  | { readonly kind: 'agent'; readonly userId: number }
  /** A supervisor's leg, or their ear on an agent's. */
  | { readonly kind: 'monitor'; readonly by: number }
  /** Left by an earlier process and of no use: it is only kept until it is gone. */
  | { readonly kind: 'stray' }
  | {
      readonly kind: 'test';
      readonly trunkId: number;
      ended(end: UnansweredEnd & { readonly cause: number }): void;
      answered(): void;
    };

const callPrefix = 'rw-call-';
const agentPrefix = 'rw-agent-';
const testPrefix = 'rw-test-';
const monitorPrefix = 'rw-monitor-';
const snoopPrefix = 'rw-snoop-';

export const channelNames = {
  call: (callId: string, attempt: number) => `${callPrefix}${callId}-${attempt}`,
  agent: (userId: number, unique: string) => `${agentPrefix}${userId}-${unique}`,
  test: (unique: string) => `${testPrefix}${unique}`,
  monitor: (by: number, unique: string) => `${monitorPrefix}${by}-${unique}`,
  snoop: (by: number, unique: string) => `${snoopPrefix}${by}-${unique}`,
};

/** What a channel's id says of it, for channels that an earlier process of ours has left. */
export function readChannelId(
  channelId: string,
):
  { kind: 'call'; callId: string } | { kind: 'agent'; userId: number } | { kind: 'test' | 'monitor' } | null {
  if (channelId.startsWith(callPrefix))
    return { kind: 'call', callId: channelId.slice(callPrefix.length).replace(/-\d+$/, '') };
  if (channelId.startsWith(testPrefix)) return { kind: 'test' };
  if (channelId.startsWith(monitorPrefix) || channelId.startsWith(snoopPrefix)) return { kind: 'monitor' };
  const agent = /^rw-agent-(\d+)-/.exec(channelId);
  return agent ? { kind: 'agent', userId: Number(agent[1]) } : null;
}

const againMs = 5_000;
const tries = 6;
/** A call that the switch has not answered for may turn up on it for so long. */
const doubtMs = 120_000;

/** Whether the switch may have taken a call for all that: it did not answer, or the connection went meanwhile. */
export function mayHaveLeft(fault: TelephonyFault): boolean {
  return fault === 'timeout' || fault === 'unavailable';
}

/** The channels of this dialer on the switch, by id, and the duty to end them. */
export class Channels {
  readonly #app: Pick<App, 'clock' | 'log'>;
  readonly #telephony: Telephony;
  readonly #owners = new Map<string, ChannelOwner>();
  /** Asked for, and not answered for yet. */
  readonly #asked = new Set<string>();
  readonly #onGone: (channelId: string, owner: ChannelOwner) => void;

  constructor(
    app: Pick<App, 'clock' | 'log'>,
    telephony: Telephony,
    onGone: (channelId: string, owner: ChannelOwner) => void,
  ) {
    this.#app = app;
    this.#telephony = telephony;
    this.#onGone = onGone;
  }

  register(channelId: string, owner: ChannelOwner): void {
    this.#owners.set(channelId, owner);
  }

  owner(channelId: string): ChannelOwner | undefined {
    return this.#owners.get(channelId);
  }

  get size(): number {
    return this.#owners.size;
  }

  ids(): string[] {
    return [...this.#owners.keys()];
  }

  /**
   * Waits for the answer of a switch that was asked for this channel. Until then a list of all that the switch has
   * proves nothing of it.
   */
  async whileAsked<T>(channelId: string, answer: Promise<T>): Promise<T> {
    this.#asked.add(channelId);
    try {
      return await answer;
    } finally {
      this.#asked.delete(channelId);
    }
  }

  isAsked(channelId: string | null): boolean {
    return channelId !== null && this.#asked.has(channelId);
  }

  /** The channel is gone. Returns whose it was, once. */
  gone(channelId: string): ChannelOwner | undefined {
    const owner = this.#owners.get(channelId);
    if (!owner) return undefined;
    this.#owners.delete(channelId);
    this.#onGone(channelId, owner);
    return owner;
  }

  /**
   * Nobody knows whether the switch has this channel: it counts as in use until the switch tells of its end, until a
   * look at all that the switch has shows that it is not there, or until so late that none turns up any more.
   */
  doubt(channelId: string): void {
    this.drop(channelId, 'normal', doubtMs / againMs);
  }

  /** Hangs up, and again until the switch says that the channel is gone. While the switch is away it waits. */
  drop(channelId: string, reason = 'normal', left = tries): void {
    if (!this.#owners.has(channelId)) return;
    const isUp = this.#telephony.state === 'up';
    if (isUp)
      this.#telephony.hangup(channelId, reason).catch((error: unknown) => {
        this.#app.log.debug({ channelId, error: String(error) }, 'hang-up was not taken; it is repeated');
      });
    this.#app.clock.after(againMs, () => {
      if (left > 1) this.drop(channelId, reason, isUp ? left - 1 : left);
      // It is asked for in vain; if it still is there, the next reconciliation ends it.
      else this.gone(channelId);
    });
  }
}
