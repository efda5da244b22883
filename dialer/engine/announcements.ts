import { CommandRefused } from '../../core/bus/bus.ts';
import { inTime } from '../../core/database/in-time.ts';
import { createMessageStore, messagesChanged, type MessageStore } from '../messages/index.ts';
import { isBusy } from '../agents/agent.ts';
import type { DialerContext } from './context.ts';
import { KeptCurrent } from './kept-current.ts';
import type { LiveAgent } from './live-agents.ts';

/**
 * Announcements are read before the next call: nobody becomes ready over one, who is ready as it comes is paused, and so
 * is who would be after the call in which it comes, unless it has been read by then. A pause of their own is left as it is. Robots read nothing.
 */
export class Announcements {
  readonly #ctx: DialerContext;
  readonly #messages: MessageStore;
  readonly #current: KeptCurrent;
  #unread: ReadonlySet<number> = new Set();

  constructor(ctx: DialerContext) {
    this.#ctx = ctx;
    this.#messages = createMessageStore(ctx.app);
    this.#current = new KeptCurrent(ctx.app, 'announcements', () => this.#read());
  }

  /** Returns what ends the listening. */
  listen(): () => void {
    this.#current.listen(messagesChanged);
    this.#ctx.agents.onTransition((live, before) => {
      if (live.agent.state !== before.state) this.#apply(live);
    });
    void this.#current.read();
    return () => this.#current.stop();
  }

  /** While the database is away nobody is kept from work. @throws CommandRefused `announcement-unread` */
  async mustHaveRead(live: LiveAgent): Promise<void> {
    if (live.robot) return;
    const { userId } = live.agent;
    const { clock } = this.#ctx.app;
    const found = this.#messages.withAnnouncement([userId], clock.now());
    const unread = await inTime(clock, found, () => new Set<number>()).catch(() => new Set<number>());
    if (unread.has(userId)) throw new CommandRefused('announcement-unread');
  }

  /** As it was when it was read last. */
  hasToRead({ robot, agent }: LiveAgent): boolean {
    return !robot && this.#unread.has(agent.userId);
  }

  async #read(): Promise<void> {
    const { agents, app } = this.#ctx;
    const people = agents.signedIn().filter(({ robot }) => !robot);
    const ids = people.map(({ agent }) => agent.userId);
    this.#unread = await this.#messages.withAnnouncement(ids, app.clock.now());
    for (const live of people) {
      // Whoever waits for a call would get it over what is to be read first.
      if (live.agent.state === 'ready' && this.hasToRead(live))
        agents.apply(live, { type: 'pause', pauseCodeId: null, reason: 'announcement' });
      else this.#apply(live);
    }
  }

  #apply(live: LiveAgent): void {
    const { state, mustRead } = live.agent;
    if (!isBusy(state) || this.hasToRead(live) === mustRead) return;
    this.#ctx.agents.apply(live, { type: 'must-read', mustRead: !mustRead });
  }
}
