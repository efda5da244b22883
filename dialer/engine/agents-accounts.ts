import { mayWork, type AgentEndpoints } from './agent-endpoints.ts';
import type { AgentPhones } from './agent-phones.ts';
import type { DialerContext } from './context.ts';
import { KeptCurrent } from './kept-current.ts';
import type { LiveAgent } from './live-agents.ts';

/** Who signs in anew, or changes the password, is between two sessions for a moment. */
const betweenSessionsMs = 1_000;

/** What the accounts of the agents who are signed in say of them: their phones, and whether they may go on. */
export class AgentsAccounts {
  readonly #ctx: DialerContext;
  readonly #phones: AgentPhones;
  readonly #current: KeptCurrent;
  /** Who was found without a session, and when. */
  readonly #gone = new Map<number, number>();
  #stopLooking: (() => void) | null = null;

  constructor(ctx: DialerContext, phones: AgentPhones, endpoints: AgentEndpoints) {
    this.#ctx = ctx;
    this.#phones = phones;
    this.#current = new KeptCurrent(ctx.app, 'users', async () => {
      await this.#forceOut();
      await endpoints.bringUpToDate();
    });
  }

  /** Returns what ends the listening. */
  listen(): () => void {
    const { bus } = this.#ctx.app;
    this.#current.listen('user.changed', 'user.signed-out');
    const unhear = bus.subscribe('user.signed-out', (payload) => this.#leaves(payload));
    // What was told while no dialer ran.
    void this.#current.read();
    return () => {
      unhear();
      this.#current.stop();
      this.#stopLooking?.();
    };
  }

  /** Who presses "Sign out" goes home, though a browser that was closed elsewhere has left a session that would last for hours. */
  #leaves(payload: unknown): void {
    const { userId, session } = payload as { userId: number; session?: string };
    const live = session === undefined ? undefined : this.#ctx.agents.get(userId);
    if (live && !live.robot) this.#out(live);
  }

  #out(live: LiveAgent): void {
    const { state, after } = live.agent;
    if (state === 'signed-out' || after.to === 'signed-out' || live.lost) return;
    this.#ctx.agents.apply(live, { type: 'force-out' });
  }

  /** What was put off while the switch was away. */
  switchCame(): void {
    void this.#current.read();
  }

  /** Agents of an earlier run: their phones are known again, and adopted or rung when the switch is there. */
  async knowPhones(): Promise<void> {
    for (const live of this.#ctx.agents.signedIn()) {
      const user = await this.#ctx.stores.users.byId(live.agent.userId);
      if (user && mayWork(user)) await this.#phones.know(live, user);
      else this.#ctx.agents.apply(live, { type: 'force-out' });
    }
  }

  /**
   * Who may not work as an agent any more, or has no session of the product left, gets no more calls: nobody would sit
   * at that phone. A talk that is under way is the last one.
   */
  async #forceOut(): Promise<void> {
    const { agents, stores, app } = this.#ctx;
    const known = agents.signedIn();
    const ids = known.map(({ agent }) => agent.userId);
    const [users, present] = await Promise.all([
      stores.users.byIds(ids),
      stores.users.withSession(ids, app.clock.now()),
    ]);
    for (const live of known) {
      const user = users.get(live.agent.userId);
      if (user && mayWork(user) && !this.#hasLeft(live, present)) continue;
      this.#out(live);
    }
    for (const userId of this.#gone.keys()) if (!ids.includes(userId)) this.#gone.delete(userId);
  }

  /** Found without a session twice. */
  #hasLeft({ agent: { userId }, robot }: LiveAgent, present: ReadonlySet<number>): boolean {
    const { clock } = this.#ctx.app;
    if (robot || present.has(userId)) {
      this.#gone.delete(userId);
      return false;
    }
    const since = this.#gone.get(userId) ?? clock.now();
    this.#gone.set(userId, since);
    if (clock.now() - since >= betweenSessionsMs) return true;
    this.#stopLooking ??= clock.after(betweenSessionsMs, () => {
      this.#stopLooking = null;
      void this.#current.read();
    });
    return false;
  }
}
