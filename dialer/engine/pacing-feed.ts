import { pacedPaths } from '../calls/pacing-history-store.ts';
import type { Call, CallEvent } from '../calls/call.ts';
import { AgentShares, shareOut, type AgentPacingState } from '../pacing/index.ts';
import { phoneUsable } from '../agents/agent.ts';
import type { CampaignRunner } from './campaign-runner.ts';
import type { DialerContext } from './context.ts';
import type { LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';
import { pacingEvents } from './pacing-events.ts';
import type { PreviewRunner } from './previews.ts';
import type { Roster } from './roster.ts';

/** Tells each campaign's pacer which agents it may count on, and how many lines it may use. */
export class PacingFeed {
  readonly #ctx: DialerContext;
  readonly #roster: Roster;
  readonly #runners: () => Iterable<CampaignRunner>;
  readonly #previews: () => Iterable<PreviewRunner>;
  /** Which campaign counts on which agent; the router may give them any call of any of theirs. */
  #homes = new Map<number, number>();
  readonly #agentShares = new AgentShares();
  #credits = new Map<number, number>();

  constructor(
    ctx: DialerContext,
    roster: Roster,
    running: { runners: () => Iterable<CampaignRunner>; previews: () => Iterable<PreviewRunner> },
  ) {
    this.#ctx = ctx;
    this.#roster = roster;
    this.#runners = running.runners;
    this.#previews = running.previews;
  }

  call(live: LiveCall, before: Call | null, event: CallEvent['type'] | 'create', at: number): void {
    const { call } = live;
    // Whom an agent had called alone may have gone to whoever is free.
    if (live.forAgent !== null || !pacedPaths.includes(call.path)) return;
    const told = pacingEvents({
      callId: call.id,
      at,
      event,
      from: before?.state ?? null,
      userId: call.userId,
      outcome: call.outcome,
      isAbandoned: call.abandonedAt !== null,
      wasDialed: (before?.dialedAt ?? null) !== null,
      wasConnected: (before?.connectedAt ?? null) !== null,
      isCheck: event === 'check' || event === 'message' || before?.amd === 'machine',
    });
    for (const runner of this.#runners())
      if (runner.campaignId === call.campaignId) for (const one of told) runner.observe(one);
  }

  /** Whose wrap-up ends is free at that instant, also where the same turn gives them the next call: it ends their handle time. */
  agentFree({ agent }: LiveAgent): void {
    if (agent.state !== 'ready' || !phoneUsable(agent)) return;
    const home = this.#homes.get(agent.userId);
    for (const runner of this.#runners()) if (runner.campaignId === home) runner.agent(agent.userId, 'idle');
  }

  /** The campaign that counts on this agent. */
  homeOf(userId: number): number | null {
    return this.#homes.get(userId) ?? null;
  }

  /** Free agents are shared anew; busy ones count where their call is. */
  agents(): void {
    const runners = [...this.#runners()];
    const claimants = [...runners, ...this.#previews()];
    const known = new Set(claimants.map(({ campaignId }) => campaignId));
    const here = this.#ctx.agents.signedIn();
    const campaignsOf = new Map(
      here.map(({ agent }) => [
        agent.userId,
        this.#roster
          .campaignsOf(agent.userId)
          .flatMap(({ campaign }) => (known.has(campaign.id) ? campaign.id : [])),
      ]),
    );
    const lent = this.#agentShares.share(
      this.#ctx.app.clock.now(),
      here
        .filter(({ agent }) => agent.state !== 'paused' && phoneUsable(agent))
        .map(({ agent: { userId, state, campaignId } }) => {
          // Who is in a call stays with its campaign until it is wrapped up.
          const bound = state !== 'ready' && campaignId !== null && known.has(campaignId) ? campaignId : null;
          const ids = bound === null ? (campaignsOf.get(userId) ?? []) : [bound];
          const home = bound ?? this.#homes.get(userId) ?? null;
          return {
            id: String(userId),
            campaignIds: ids.map(String),
            campaignId: home === null ? null : String(home),
          };
        }),
      claimants.map((claimant) => ({
        id: String(claimant.campaignId),
        priority: -claimant.priority,
        weight: claimant.weight,
        wanted: claimant.agentsWanted(here.length),
      })),
    );
    this.#homes = new Map(
      [...lent].flatMap(([id, home]) => (home === null ? [] : [[Number(id), Number(home)]])),
    );
    const present = new Set(here.map(({ agent }) => agent.userId));
    for (const runner of runners) {
      for (const userId of runner.agentsKnown())
        if (!present.has(userId) || !this.#roster.serves(userId, runner.campaignId))
          runner.agent(userId, 'away');
      for (const live of here) {
        if (!this.#roster.serves(live.agent.userId, runner.campaignId)) continue;
        const state = this.#stateFor(live, runner.campaignId);
        if (state) runner.agent(live.agent.userId, state);
      }
    }
  }

  /** Campaigns that use the same trunks share their lines, until the next tick. */
  lines(): void {
    const runners = [...this.#runners()];
    const now = this.#ctx.app.clock.now();
    const rivals = runners.filter((runner) =>
      runners.some((other) => other !== runner && other.trunkIds.some((id) => runner.trunkIds.includes(id))),
    );
    for (const runner of runners) runner.grantLines(null);
    if (rivals.length === 0) return;
    const all = [...new Set(rivals.flatMap(({ trunkIds }) => trunkIds))];
    const shares = shareOut(
      this.#ctx.trunks.capacity(all, now),
      rivals.map((runner) => ({
        id: String(runner.campaignId),
        priority: -runner.priority,
        weight: runner.weight,
        wanted: runner.linesWanted,
        credit: this.#credits.get(runner.campaignId) ?? 0,
      })),
    );
    for (const { id, granted, credit } of shares) {
      this.#credits.set(Number(id), credit);
      rivals.find(({ campaignId }) => campaignId === Number(id))?.grantLines(granted);
    }
  }

  #stateFor({ agent }: LiveAgent, campaignId: number): AgentPacingState | null {
    const here = agent.campaignId === campaignId;
    switch (agent.state) {
      case 'ready':
        return this.#homes.get(agent.userId) === campaignId ? 'idle' : 'away';
      case 'reserved': {
        const call = agent.callId === null ? undefined : this.#ctx.calls.get(agent.callId);
        // In a moment they talk, and the pacer is told so then.
        return here && call && call.forAgent === null ? null : 'away';
      }
      case 'on-call':
        return here ? 'talking' : 'away';
      case 'wrapup':
        return here ? 'wrapup' : 'away';
      case 'paused':
      case 'signed-out':
        return 'away';
    }
  }
}
