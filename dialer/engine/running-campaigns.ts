import { CommandRefused } from '../../core/bus/bus.ts';
import type { Campaign } from '../../campaigns/index.ts';
import { isInFlight, type Call, type CallEvent } from '../calls/call.ts';
import { HindsightKeeper } from '../hindsight/index.ts';
import type { LeadsWanted, PacingView } from '../protocol.ts';
import type { Actions } from './actions.ts';
import type { AgentCalls } from './agent-calls.ts';
import type { PacerFactory } from './campaign-pacer.ts';
import { CampaignRunner } from './campaign-runner.ts';
import type { DialerContext } from './context.ts';
import { LeadSweep } from './lead-sweep.ts';
import type { LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';
import { PacingFeed } from './pacing-feed.ts';
import { PreviewRunner } from './previews.ts';
import type { Roster, RosterEntry } from './roster.ts';

export interface RunningCampaignParts {
  readonly actions: Actions;
  readonly roster: Roster;
  readonly calls: AgentCalls;
  readonly isSwitchReady: () => boolean;
  readonly pacerFactory?: PacerFactory;
  /** Told of each campaign that runs, at every reading. */
  readonly campaignRuns?: (campaign: Campaign) => void;
  /** Something of an agent changed that is no transition. */
  onChange(agent: LiveAgent): void;
}

/** The campaigns that run, each with its runner: those that dial by themselves, and those whose agents do. */
export class RunningCampaigns {
  readonly #ctx: DialerContext;
  readonly #parts: RunningCampaignParts;
  readonly #runners = new Map<number, CampaignRunner>();
  readonly #previews = new Map<number, PreviewRunner>();
  readonly #feed: PacingFeed;
  readonly #hindsight: HindsightKeeper;
  readonly #lastViews = new Map<number, string>();

  constructor(ctx: DialerContext, parts: RunningCampaignParts) {
    this.#ctx = ctx;
    this.#parts = parts;
    this.#hindsight = new HindsightKeeper(ctx.app);
    this.#feed = new PacingFeed(ctx, parts.roster, {
      runners: () => this.#runners.values(),
      previews: () => this.#previews.values(),
    });
  }

  previewOf(campaignId: number): PreviewRunner | undefined {
    return this.#previews.get(campaignId);
  }

  callChanged(live: LiveCall, before: Call | null, event: CallEvent['type'] | 'create', at: number): void {
    const runner = this.#runners.get(live.campaign.id);
    if (live.forAgent === null) runner?.callChanged(live, before !== null && isInFlight(before.state));
    this.#feed.call(live, before, event, at);
  }

  agentFree(live: LiveAgent): void {
    this.#feed.agentFree(live);
  }

  /** Agents have come, gone, or become free. */
  agentsChanged(): void {
    this.#feed.agents();
    for (const runner of this.#runners.values()) runner.poke();
    for (const preview of this.#previews.values()) preview.tick();
  }

  /** Takes over which campaigns run now, and as they are now. */
  update(entries: ReadonlyMap<number, RosterEntry>): void {
    const { app } = this.#ctx;
    for (const [id, runner] of this.#runners) {
      const entry = entries.get(id);
      if (entry && entry.campaign.mode !== 'preview') continue;
      runner.stop();
      this.#runners.delete(id);
      this.#lastViews.delete(id);
    }
    for (const [id, preview] of this.#previews) {
      if (entries.get(id)?.campaign.mode === 'preview') continue;
      preview.stop();
      this.#previews.delete(id);
      this.#lastViews.delete(id);
    }
    const parts = { ...this.#parts, homeOf: (userId: number) => this.#feed.homeOf(userId) };
    for (const [id, entry] of entries) {
      this.#parts.campaignRuns?.(entry.campaign);
      if (entry.campaign.mode === 'preview') {
        const preview = this.#previews.get(id);
        if (preview) preview.update(entry);
        else this.#previews.set(id, new PreviewRunner(this.#ctx, parts, entry));
        continue;
      }
      const runner = this.#runners.get(id);
      if (runner) runner.update(entry);
      else {
        app.log.info({ campaign: id, mode: entry.campaign.mode }, 'campaign runs');
        this.#runners.set(id, new CampaignRunner(this.#ctx, parts, entry));
      }
    }
    this.#feed.agents();
  }

  /** Every quarter of a second: agents and lines are shared, calls decided, the views told where they changed. */
  tick(): void {
    this.#feed.agents();
    this.#feed.lines();
    for (const runner of this.#runners.values()) runner.tick();
    for (const preview of this.#previews.values()) preview.tick();
    this.#cancelUnattended();
    this.#hindsight.tick(() => [...this.#runners.values()].flatMap((runner) => runner.takeHindsight()));
    for (const { campaignId, view } of this.#views()) {
      const { at: _, ...content } = view;
      const text = JSON.stringify(content);
      if (this.#lastViews.get(campaignId) === text) continue;
      this.#lastViews.set(campaignId, text);
      this.#ctx.app.bus.publish(`campaign.pacing.${campaignId}`, view);
    }
  }

  /**
   * What rang when a campaign was paused or stopped rings on, and whoever answers is brought to an agent; no runner
   * is left to see that all of those have gone. Then nothing rings on for nobody.
   */
  #cancelUnattended(): void {
    for (const live of [...this.#ctx.calls.open()]) {
      const { campaignId, state } = live.call;
      if (live.forAgent !== null || campaignId === null || !isInFlight(state)) continue;
      if (this.#runners.has(campaignId)) continue;
      if (this.#parts.roster.agentsOf(campaignId).every(({ agent }) => agent.state === 'paused'))
        this.#parts.actions.end(live, 'cancelled', 'system');
    }
  }

  /** Returns what ends the listening. */
  listen(): () => void {
    const stops = [
      this.#ctx.app.bus.subscribe('calls.resumed', () => this.#resumed()),
      this.#ctx.app.bus.subscribe('leads.wanted', (payload) => this.#ofOther(payload)?.share()),
      this.#ctx.app.bus.subscribe('leads.freed', (payload) => this.#ofOther(payload)?.freed()),
      new LeadSweep(this.#ctx, () => this.#leadIds()).start(),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** Here, the campaign of which another dialer tells. */
  #ofOther(payload: unknown): CampaignRunner | PreviewRunner | undefined {
    const { campaignId, dialerId } = payload as LeadsWanted;
    if (dialerId === this.#ctx.dialerId) return undefined;
    return this.#runners.get(campaignId) ?? this.#previews.get(campaignId);
  }

  /** A suspension was lifted: who waited for that is called at once. */
  #resumed(): void {
    const { errands, stores, app } = this.#ctx;
    for (const [campaignId, runner] of [...this.#runners, ...this.#previews])
      errands.add('resume', { campaign: campaignId }, async () => {
        if ((await stores.leads.dueAgain(campaignId, 'EMERGENCY_SUPPRESSION', app.clock.now())) > 0)
          runner.lookAgain();
      });
  }

  /** Leads that wait in a hopper or stand before an agent. */
  *#leadIds(): Iterable<number> {
    for (const runner of [...this.#runners.values(), ...this.#previews.values()]) yield* runner.leadIds;
  }

  *#views(): Iterable<{ campaignId: number; view: PacingView }> {
    for (const runner of this.#runners.values()) yield { campaignId: runner.campaignId, view: runner.view() };
    for (const preview of this.#previews.values())
      yield { campaignId: preview.campaignId, view: preview.view() };
  }

  /** @throws CommandRefused */
  async pacingOf(campaignId: number): Promise<PacingView> {
    const running = this.#runners.get(campaignId) ?? this.#previews.get(campaignId);
    if (running) return running.view();
    const campaign = await this.#ctx.stores.campaigns.get(campaignId).catch(() => null);
    if (!campaign) throw new CommandRefused('invalid', { field: 'campaignId' });
    return {
      dialerId: this.#ctx.dialerId,
      campaignId,
      at: this.#ctx.app.clock.now(),
      mode: campaign.mode,
      launch: 0,
      reason: 'not-running',
      facts: {},
      linesInFlight: 0,
      hopper: 0,
      notDialing: { code: 'not-running', params: { state: campaign.state }, until: null },
    };
  }

  /** No new call; those under way go on. */
  stop(): void {
    for (const runner of this.#runners.values()) runner.stop();
    for (const preview of this.#previews.values()) preview.stop();
  }
}
