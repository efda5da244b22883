import type { DraftNews } from '../../../dialer/drafts/draft.ts';
import type { UnreadMessage } from '../../../dialer/messages/message.ts';
import type { PhoneHolderNews } from '../../../dialer/phone-holders/phone-holder.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { isNewer } from '../../../dialer/workspace/bar.ts';
import { live } from '../shared/live.ts';
import { Refused, send } from '../shared/http.ts';

/** Even where no event is lost and no connection falls, the page asks again after this: a wrong screen must not stay. */
const askAgainMs = 20_000;

/** Why a snapshot was refused that is not to be had now. Its stream brings one as soon as it is. */
const dialerAway: ReadonlySet<string> = new Set(['bus-down', 'no-answer']);

type Listener = (snapshot: AgentSnapshot, before: AgentSnapshot | null) => void;

/** The agent's state as the dialer tells it. Only the newest snapshot is shown, however it came. */
export class Truth {
  #snapshot: AgentSnapshot | null = null;
  /** What the dialer's clock is ahead of this browser's. */
  #ahead = 0;
  readonly #listeners: Listener[] = [];
  readonly #silence: ((silent: boolean) => void)[] = [];
  readonly #drafts: ((news: DraftNews) => void)[] = [];
  readonly #campaigns: (() => void)[] = [];
  readonly #messages: ((unread: readonly UnreadMessage[]) => void)[] = [];
  readonly #holders: ((news: PhoneHolderNews) => void)[] = [];

  get snapshot(): AgentSnapshot | null {
    return this.#snapshot;
  }

  /** The dialer's time, epoch milliseconds. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  watch(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Told when the dialer stops answering, and when it is back. */
  watchSilence(listener: (silent: boolean) => void): void {
    this.#silence.push(listener);
  }

  /** Told what any page of this agent has saved beside a call. */
  watchDrafts(listener: (news: DraftNews) => void): void {
    this.#drafts.push(listener);
  }

  /** Told all that is not read yet, whenever that changes. */
  watchMessages(listener: (unread: readonly UnreadMessage[]) => void): void {
    this.#messages.push(listener);
  }

  /** Told which of the agent's browsers has the phone. */
  watchHolder(listener: (news: PhoneHolderNews) => void): void {
    this.#holders.push(listener);
  }

  /** Told when any campaign has changed, or who is on it. */
  watchCampaigns(listener: () => void): void {
    this.#campaigns.push(listener);
  }

  apply(snapshot: AgentSnapshot): void {
    for (const listener of this.#silence) listener(false);
    if (!isNewer(snapshot, this.#snapshot)) return;
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    this.#ahead = snapshot.now - Date.now();
    for (const listener of this.#listeners) listener(snapshot, before);
  }

  async ask(): Promise<void> {
    try {
      this.apply(await send<AgentSnapshot>('GET', '/workspace/snapshot'));
    } catch (error) {
      // The stream says so when the connection is away, but stays open where only the dialer cannot be reached.
      if (!(error instanceof Refused) || !dialerAway.has(error.problem.code)) return;
      for (const listener of this.#silence) listener(true);
    }
  }

  /** Listens until the page goes. */
  start(): void {
    live('/workspace/events')
      .on<AgentSnapshot>('snapshot', (snapshot) => this.apply(snapshot))
      .on<DraftNews>('draft', (news) => {
        for (const listener of this.#drafts) listener(news);
      })
      .on<UnreadMessage[]>('messages', (unread) => {
        for (const listener of this.#messages) listener(unread);
      })
      .on<PhoneHolderNews>('phone-holder', (news) => {
        for (const listener of this.#holders) listener(news);
      })
      .on('campaigns', () => {
        for (const listener of this.#campaigns) listener();
      })
      .on('dialer-silent', () => {
        for (const listener of this.#silence) listener(true);
      });
    setInterval(() => {
      if (!document.hidden) void this.ask();
    }, askAgainMs);
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void this.ask();
    });
  }
}
