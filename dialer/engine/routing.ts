import { BusTimeout, BusUnavailable, CommandRefused } from '../../core/bus/bus.ts';
import type { AgentStore } from '../agents/agent-store.ts';
import { cellOf } from '../cells/cell.ts';
import type { Heartbeat } from '../cells/heartbeat.ts';
import type { CellStore } from '../cells/cell-store.ts';
import type { DialerCommands } from '../protocol.ts';
import type { DialerContext } from './context.ts';
import { signOutGone } from './left-behind.ts';

/** The name under which one dialer, and no other, answers a command. */
export function addressed(command: string, dialerId: string): string {
  return `${command}@${dialerId}`;
}

/** The asker's own patience ends before. */
const forwardMs = 30_000;

/**
 * Brings each command about an agent to the dialer that holds the agent. A signed-in agent belongs to one dialer; one
 * who is signed out goes, at sign-in, to the one that their name falls to among those that run.
 */
export class Routing {
  readonly #ctx: DialerContext;
  readonly #cells: CellStore;
  readonly #agents: AgentStore;
  readonly #heartbeat: Pick<Heartbeat, 'isGone' | 'isAlive'>;

  constructor(
    ctx: DialerContext,
    parts: { cells: CellStore; agents: AgentStore; heartbeat: Pick<Heartbeat, 'isGone' | 'isAlive'> },
  ) {
    this.#ctx = ctx;
    this.#heartbeat = parts.heartbeat;
    this.#cells = parts.cells;
    this.#agents = parts.agents;
  }

  /** Hands the command on where another dialer is meant, else does it here. */
  async answer<Name extends keyof DialerCommands>(
    command: Name,
    payload: DialerCommands[Name][0],
    here: () => unknown,
  ): Promise<unknown> {
    const userId = 'userId' in payload ? payload.userId : null;
    if (userId === null) return here();
    const live = this.#ctx.agents.get(userId);
    if (live && live.agent.state !== 'signed-out') return here();
    // Without a database the command is refused here, or needs none.
    const elsewhere = await this.#whose(userId, command === 'agent.sign-in').catch(() => null);
    return elsewhere === null ? here() : this.#forward(command, payload, elsewhere);
  }

  async #whose(userId: number, signsIn: boolean): Promise<string | null> {
    const { app, dialerId } = this.#ctx;
    const session = await this.#agents.find(userId);
    const cells = await this.#cells.all();
    const now = app.clock.now();
    const isIn = session !== null && session.agent.state !== 'signed-out';
    if (isIn && session.dialerId !== dialerId) {
      const holder = cells.find(({ id }) => id === session.dialerId);
      if (holder && !this.#heartbeat.isGone(holder)) return holder.id;
      if (signsIn) await signOutGone(this.#ctx, this.#agents, session.agent, holder?.seenAt ?? now);
    }
    if (!signsIn) return null;
    const cell = cellOf(userId, cells.filter((each) => this.#heartbeat.isAlive(each))); // prettier-ignore
    return cell && cell.id !== dialerId ? cell.id : null;
  }

  /** The agent is to be signed in here: what another dialer has written since is taken over. */
  async refresh(userId: number): Promise<void> {
    const { agents } = this.#ctx;
    const session = await this.#agents.find(userId);
    const known = agents.get(userId)?.agent;
    if (session && session.agent.state === 'signed-out' && session.agent.revision > (known?.revision ?? 0))
      agents.adopt(session.agent);
  }

  async #forward(command: string, payload: object, dialerId: string): Promise<unknown> {
    try {
      return await this.#ctx.app.bus.request(addressed(command, dialerId), payload, {
        timeoutMs: forwardMs,
      });
    } catch (error) {
      if (error instanceof BusTimeout || error instanceof BusUnavailable)
        throw new CommandRefused('dialer-away', { dialer: dialerId });
      throw error;
    }
  }
}
