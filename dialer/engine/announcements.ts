import { CommandRefused } from '../../core/bus/bus.ts';
import { inTime } from '../../core/database/in-time.ts';
import { createMessageStore, messagesChanged, type MessageStore } from '../messages/index.ts';
import { isBusy } from '../agents/agent.ts';
import type { DialerContext } from './context.ts';
import { KeptCurrent } from './kept-current.ts';
import type { LiveAgent } from './live-agents.ts';

/**
 * Announcements are read before the next call: nobody becomes ready over one, and who is in a call when it comes is
 * paused after it, unless it has been read by then. Robots read nothing.
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

  async #read(): Promise<void> {
    const { agents, app } = this.#ctx;
    const people = agents.signedIn().filter(({ robot }) => !robot);
    const ids = people.map(({ agent }) => agent.userId);
    this.#unread = await this.#messages.withAnnouncement(ids, app.clock.now());
    for (const live of people) this.#apply(live);
  }

  #apply(live: LiveAgent): void {
    const { agents } = this.#ctx;
    const { userId, state, after } = live.agent;
    if (live.robot || !isBusy(state)) return;
    if (this.#unread.has(userId)) {
      if (after.to === 'ready')
        agents.apply(live, { type: 'pause', pauseCodeId: null, reason: 'announcement' });
    } else if (after.to === 'paused' && after.reason === 'announcement')
      agents.apply(live, { type: 'ready', anyway: true });
  }
}
