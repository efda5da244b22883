import type { DialerContext } from './context.ts';
import type { LiveAgent } from './live-agents.ts';
import type { Roster } from './roster.ts';
import { snapshotOf } from './snapshot.ts';

/** Tells pages of their agent: once for all that happens to the agent in one turn. */
export class SnapshotTeller {
  readonly #ctx: DialerContext;
  readonly #roster: Roster;
  readonly #changed = new Set<LiveAgent>();

  constructor(ctx: DialerContext, roster: Roster) {
    this.#ctx = ctx;
    this.#roster = roster;
  }

  tell(live: LiveAgent): void {
    if (this.#changed.size === 0) queueMicrotask(() => this.#tellAll());
    this.#changed.add(live);
  }

  #tellAll(): void {
    const agents = [...this.#changed];
    this.#changed.clear();
    for (const live of agents)
      this.#ctx.app.bus.publish(
        `agent.snapshot.${live.agent.userId}`,
        snapshotOf(this.#ctx, this.#roster, live),
      );
  }
}
