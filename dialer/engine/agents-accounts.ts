import type { AgentPhones } from './agent-phones.ts';
import type { DialerContext } from './context.ts';
import { KeptCurrent } from './kept-current.ts';

/** What the accounts of the agents who are signed in say of them: their phones, and whether they may go on. */
export class AgentsAccounts {
  readonly #ctx: DialerContext;
  readonly #phones: AgentPhones;
  readonly #current: KeptCurrent;

  constructor(ctx: DialerContext, phones: AgentPhones) {
    this.#ctx = ctx;
    this.#phones = phones;
    this.#current = new KeptCurrent(ctx.app, 'users', () => this.#forceOutDisabled());
  }

  /** Returns what ends the listening. */
  listen(): () => void {
    this.#current.listen('user.changed');
    return () => this.#current.stop();
  }

  /** Agents of an earlier run: their phones are known again, and adopted or rung when the switch is there. */
  async knowPhones(): Promise<void> {
    for (const live of this.#ctx.agents.signedIn()) {
      const user = await this.#ctx.stores.users.byId(live.agent.userId);
      if (user && user.disabledAt === null) await this.#phones.know(live, user);
      else this.#ctx.agents.apply(live, { type: 'force-out' });
    }
  }

  /** Whose account was disabled gets no more calls; a talk that is under way is the last one. */
  async #forceOutDisabled(): Promise<void> {
    const { agents, stores } = this.#ctx;
    const known = agents.signedIn();
    const users = await stores.users.byIds(known.map(({ agent }) => agent.userId));
    for (const live of known) {
      const { userId, state, after } = live.agent;
      const user = users.get(userId);
      const isDisabled = !user || user.disabledAt !== null;
      const isOut = state === 'signed-out' || after?.to === 'signed-out';
      if (isDisabled && !isOut && !live.lost) agents.apply(live, { type: 'force-out' });
    }
  }
}
