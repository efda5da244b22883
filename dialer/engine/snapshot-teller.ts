import type { DialerContext } from './context.ts';
import type { LiveAgent } from './live-agents.ts';
import type { AgentSnapshot } from '../protocol.ts';
import type { Roster } from './roster.ts';
import { addressed } from './routing.ts';
import { snapshotOf } from './snapshot.ts';

const holderMs = 2_000;

/** Tells pages of their agent: once for all that happens to the agent in one turn. */
export class SnapshotTeller {
  readonly #ctx: DialerContext;
  readonly #roster: Roster;
  readonly #changed = new Set<LiveAgent>();

  constructor(ctx: DialerContext, roster: Roster) {
    this.#ctx = ctx;
    this.#roster = roster;
  }

  /** Of an agent whom another dialer works with, that one tells. */
  tell(live: LiveAgent): void {
    if (live.lost) return;
    if (this.#changed.size === 0) queueMicrotask(() => this.#tellAll());
    this.#changed.add(live);
  }

  /** Their pages may still show how it was here. */
  takenOver(userId: number, dialerId: string): void {
    const { bus, log } = this.#ctx.app;
    bus
      .request<AgentSnapshot>(addressed('agent.snapshot', dialerId), { userId }, { timeoutMs: holderMs })
      .then((snapshot) => bus.publish(`agent.snapshot.${userId}`, snapshot))
      .catch((error: unknown) => log.debug({ user: userId, error: String(error) }, 'holder does not answer'));
  }

  #tellAll(): void {
    const agents = [...this.#changed];
    this.#changed.clear();
    for (const live of agents.filter(({ lost }) => !lost))
      this.#ctx.app.bus.publish(
        `agent.snapshot.${live.agent.userId}`,
        snapshotOf(this.#ctx, this.#roster, live),
      );
  }
}
