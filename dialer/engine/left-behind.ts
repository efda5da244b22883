import { advanceAgent, type Agent } from '../agents/agent.ts';
import type { AgentStore } from '../agents/agent-store.ts';
import { advanceCall, isInFlight, type Call } from '../calls/call.ts';
import { ringingCertainMs, talkCertainMs, type Cell } from '../cells/cell.ts';
import type { CellStore } from '../cells/cell-store.ts';
import type { DialerContext } from './context.ts';
import type { LiveAgent } from './live-agents.ts';
import { settleLead } from './settle-lead.ts';

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

  constructor(
    ctx: DialerContext,
    parts: { cells: CellStore; agents: AgentStore; tell: (live: LiveAgent) => void },
  ) {
    this.#ctx = ctx;
    this.#tell = parts.tell;
    this.#cells = parts.cells;
    this.#agents = parts.agents;
  }

  /** May be cut off and done again: each step is a compare-and-set of its own. */
  async take(cell: Cell): Promise<void> {
    const { app, stores, dialerId } = this.#ctx;
    const now = app.clock.now();
    const freed = await stores.leads.releaseAllOf(cell.id, now);
    const signedOut = await this.#signOut(cell);
    const { ended, left } = await this.#endCalls(cell, now);
    const settled = await this.#settleLeads(cell, now);
    if (freed + signedOut + ended + settled.done > 0)
      app.log.warn(
        { dialer: cell.id, freed, signedOut, ended, settled: settled.done },
        'a dialer is gone: its leads, agents and calls that are over are free',
      );
    if (left + settled.left === 0) await this.#cells.cleared(cell, dialerId, app.clock.now());
  }

  /** Agents who talk stay where they are until their call is over, or until they sign in elsewhere. */
  async #signOut(cell: Cell): Promise<number> {
    let count = 0;
    for (const agent of await this.#agents.heldBy(cell.id)) {
      if (agent.state === 'signed-out') continue;
      const call = agent.callId === null ? null : await this.#ctx.stores.calls.get(agent.callId);
      if (call && call.state !== 'ended') continue;
      if (!(await this.#cells.isHeir(cell, this.#ctx.dialerId))) return count;
      const after = await signOutGone(this.#ctx, this.#agents, agent);
      if (!after) continue;
      this.#tell(this.#ctx.agents.adopt(after));
      count += 1;
    }
    return count;
  }

  async #endCalls(cell: Cell, now: number): Promise<{ ended: number; left: number }> {
    const { stores } = this.#ctx;
    const silentFor = now - cell.seenAt;
    const counts = { ended: 0, left: 0 };
    for (const call of await stores.calls.openOf(cell.id)) {
      const certain = silentFor >= (isInFlight(call.state) ? ringingCertainMs : talkCertainMs);
      if (!certain || !(await this.#cells.isHeir(cell, this.#ctx.dialerId))) {
        counts.left += 1;
        continue;
      }
      if (await this.#end(call, now)) counts.ended += 1;
    }
    return counts;
  }

  async #end(call: Call, now: number): Promise<boolean> {
    const { campaigns } = this.#ctx.stores;
    const campaign = call.campaignId === null ? null : await campaigns.get(call.campaignId);
    const graceMs = campaign?.answerGraceMs ?? 0;
    const event = { type: 'end', reported: 'failed', by: 'system', cause: null, graceMs } as const;
    const advance = advanceCall(call, event, now);
    return advance.ok && this.#save(advance.call, call);
  }

  #save(call: Call, before: Call): Promise<boolean> {
    const { app, stores, dialerId } = this.#ctx;
    return app.db.transaction(async (trx) => {
      if ((await stores.calls.save(call, before.state, dialerId, trx)) !== 1) return false;
      await trx('call_events').insert({
        ...{ call_id: call.id, at: call.endedAt, from_state: before.state, to_state: 'ended', event: 'end' },
        ...{ campaign_id: call.campaignId, user_id: call.userId },
        data: JSON.stringify({ outcome: call.outcome, by: call.endedBy, cause: null }),
      });
      return true;
    });
  }

  /** Leads in a call that has ended get what it came to; those whose call may live wait. */
  async #settleLeads(cell: Cell, now: number): Promise<{ done: number; left: number }> {
    const counts = { done: 0, left: 0 };
    for (const lead of await this.#ctx.stores.leads.heldBy(cell.id)) {
      if (lead.state !== 'dialing') continue;
      if (!(await this.#cells.isHeir(cell, this.#ctx.dialerId))) counts.left += 1;
      else if (await settleLead(this.#ctx.stores, lead, now)) counts.done += 1;
      else counts.left += 1;
    }
    return counts;
  }
}

/** Closes the session of an agent whose dialer is gone; null when somebody else has moved it. */
export async function signOutGone(
  ctx: DialerContext,
  store: AgentStore,
  agent: Agent,
): Promise<Agent | null> {
  const { app, dialerId } = ctx;
  const at = app.clock.now();
  const result = advanceAgent(agent, { type: 'dialer-gone' }, at);
  if (!result.ok) return null;
  const after = result.agent;
  const moved = await app.db.transaction(async (trx) => {
    if ((await store.save(after, null, dialerId, trx)) !== 1) return false;
    await trx('agent_events').insert({
      ...{ user_id: agent.userId, at, from_state: agent.state, to_state: after.state, event: 'dialer-gone' },
      ...{ pause_code_id: null, campaign_id: agent.campaignId, call_id: agent.callId, data: null },
    });
    return true;
  });
  if (!moved) return null;
  app.bus.publish('agent.transition', {
    ...{ userId: agent.userId, at, from: agent.state, to: after.state, event: 'dialer-gone' },
    ...{ campaignId: agent.campaignId, callId: agent.callId, pauseCodeId: null },
  });
  return after;
}
