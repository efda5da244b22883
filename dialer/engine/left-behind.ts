import type { Agent } from '../agents/agent.ts';
import { advanceAgent } from '../agents/agent-transition.ts';
import type { AgentStore } from '../agents/agent-store.ts';
import { advanceCall, hasMet, type Call } from '../calls/call.ts';
import { endedAsTest } from '../calls/trunk-test-call.ts';
import { ringingCertainMs, talkCertainMs, type Cell } from '../cells/cell.ts';
import type { CellStore } from '../cells/cell-store.ts';
import type { DialerContext } from './context.ts';
import { HandOn } from './hand-on.ts';
import { keepTyped } from './keep-typed.ts';
import { transitionOf } from './write-transition.ts';
import type { LiveAgent } from './live-agents.ts';
import { OptOuts } from './opt-outs.ts';
import { settleLead } from './settle-lead.ts';

interface Counts {
  done: number;
  /** Not yet: the call may live on, or another heir has come. */
  left: number;
}

/**
 * What a dialer that is gone has left in the common database, for the survivor that takes care of it. Leads that it had
 * only reserved, and agents without a call, are free at once. A call may live on at its switch, where nobody here can
 * look: it and its lead are left alone until it is certain to be over.
 */
export class LeftBehind {
  readonly #ctx: DialerContext;
  readonly #cells: CellStore;
  readonly #agents: AgentStore;
  readonly #tell: (live: LiveAgent) => void;
  readonly #handOn: HandOn;
  readonly #optOuts: OptOuts;

  constructor(
    ctx: DialerContext,
    parts: { cells: CellStore; agents: AgentStore; tell: (live: LiveAgent) => void },
  ) {
    this.#ctx = ctx;
    this.#tell = parts.tell;
    this.#cells = parts.cells;
    this.#agents = parts.agents;
    this.#handOn = new HandOn(ctx);
    this.#optOuts = new OptOuts(ctx);
  }

  /** May be cut off and done again: each step is a compare-and-set of its own. */
  async take(cell: Cell): Promise<void> {
    const { app, stores, dialerId } = this.#ctx;
    const now = app.clock.now();
    const freed = await stores.leads.releaseAllOf(cell.id);
    const calls = await this.#endCalls(cell, now);
    await keepTyped(this.#ctx, { id: cell.id, seenAt: cell.seenAt, isGone: true });
    // Behind the calls: whose talk has just been ended is free as well.
    const agents = await this.#signOut(cell);
    const optOuts = await this.#optOuts.addKept(cell.id);
    const kept = await this.#handOn.addKept(cell.id);
    const leads = await this.#settleLeads(cell, kept.leadIds, now);
    if (freed + agents.done + calls.done + leads.done > 0)
      app.log.warn(
        { dialer: cell.id, freed, signedOut: agents.done, ended: calls.done, settled: leads.done },
        'a dialer is gone: its leads, agents and calls that are over are free',
      );
    // What was said is under way from here; should this heir end before it is done, the next one finds it.
    if (calls.left + agents.left + leads.left + optOuts + kept.count > 0) return;
    await stores.calls.leaveAll(cell.id, cell.seenAt);
    await this.#cells.cleared(cell, dialerId, app.clock.now());
  }

  /** Agents who talk stay where they are until their call is over, or until they sign in elsewhere. */
  async #signOut(cell: Cell): Promise<Counts> {
    const counts = { done: 0, left: 0 };
    for (const agent of await this.#agents.heldBy(cell.id)) {
      if (agent.state === 'signed-out') continue;
      const call = agent.callId === null ? null : await this.#ctx.stores.calls.get(agent.callId);
      const isBusy = call !== null && call.state !== 'ended';
      if (isBusy || !(await this.#cells.isHeir(cell, this.#ctx.dialerId))) {
        counts.left += 1;
        continue;
      }
      const after = await signOutGone(this.#ctx, this.#agents, agent, cell.seenAt);
      // Whoever has moved it meanwhile holds the agent now.
      if (!after) continue;
      this.#tell(this.#ctx.agents.adopt(after));
      counts.done += 1;
    }
    return counts;
  }

  async #endCalls(cell: Cell, now: number): Promise<Counts> {
    const { stores } = this.#ctx;
    const silentFor = now - cell.seenAt;
    const counts = { done: 0, left: 0 };
    for (const call of await stores.calls.openOf(cell.id)) {
      const certain = silentFor >= (hasMet(call.state) ? talkCertainMs : ringingCertainMs);
      if (!certain || !(await this.#cells.isHeir(cell, this.#ctx.dialerId))) {
        counts.left += 1;
        continue;
      }
      if (await this.#end(call, cell)) counts.done += 1;
    }
    return counts;
  }

  /** With the last sign of life of the dialer or of the call: what was after it, nobody knows. */
  async #end(call: Call, cell: Cell): Promise<boolean> {
    const { stores, app } = this.#ctx;
    const campaign = call.campaignId === null ? null : await stores.campaigns.get(call.campaignId);
    const graceMs = campaign?.answerGraceMs ?? 0;
    const at = Math.max(cell.seenAt, call.connectedAt ?? call.answeredAt ?? call.createdAt, await stores.calls.lastEventAt(call.id)); // prettier-ignore
    const event = { type: 'end', reported: 'failed', by: 'system', cause: null, graceMs } as const;
    const advance = advanceCall(call, event, at);
    if (!advance.ok) return false;
    const ended = endedAsTest(advance.call);
    if (!(await stores.calls.endLeft(ended, advance.from))) return false;
    app.bus.publish('call.transition', transitionOf(ended, advance.from, 'end', at));
    return true;
  }

  /** Leads in a call that has ended get what it came to; those whose call may live wait. */
  async #settleLeads(cell: Cell, kept: ReadonlySet<number>, now: number): Promise<Counts> {
    const counts = { done: 0, left: 0 };
    for (const lead of await this.#ctx.stores.leads.heldBy(cell.id)) {
      if (lead.state !== 'dialing') continue;
      if (kept.has(lead.id) || !(await this.#cells.isHeir(cell, this.#ctx.dialerId))) counts.left += 1;
      else if (await settleLead(this.#ctx.stores, lead, cell.id, now)) counts.done += 1;
      else counts.left += 1;
    }
    return counts;
  }
}

/**
 * Closes the session of an agent whose dialer is gone, with that dialer's last sign of life; null when somebody else
 * has moved it.
 */
export async function signOutGone(
  ctx: DialerContext,
  store: AgentStore,
  agent: Agent,
  seenAt: number,
): Promise<Agent | null> {
  const { app, dialerId } = ctx;
  const at = Math.max(agent.since, seenAt);
  if (agent.callId !== null) await ctx.stores.calls.leave(agent.callId, at);
  const result = advanceAgent(agent, { type: 'dialer-gone' }, at);
  if (!result.ok || !(await store.signOutLeft(agent, result.agent, dialerId))) return null;
  app.bus.publish('agent.transition', {
    ...{ userId: agent.userId, at, from: agent.state, to: result.agent.state, event: 'dialer-gone' },
    ...{ campaignId: agent.campaignId, callId: agent.callId, pauseCodeId: null },
  });
  return result.agent;
}
