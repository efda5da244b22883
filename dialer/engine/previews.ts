import { CommandRefused } from '../../core/bus/bus.ts';
import type { ReservedLead } from '../../campaigns/index.ts';
import type { NotDialing, PacingView } from '../protocol.ts';
import type { AgentCalls } from './agent-calls.ts';
import type { DialerContext } from './context.ts';
import { Hopper } from './hopper.ts';
import type { LiveAgent } from './live-agents.ts';
import { agentsAt, whyNotDialing } from './not-dialing.ts';
import type { Roster, RosterEntry } from './roster.ts';

/** How long a lead that an agent has skipped is left alone. */
const skippedMs = 30 * 60_000;

/** One running preview campaign: puts a lead before each free agent, who dials it or passes it by. */
export class PreviewRunner {
  readonly #ctx: DialerContext;
  readonly #roster: Roster;
  readonly #calls: AgentCalls;
  readonly #hopper: Hopper;
  readonly #shown = new Map<number, ReservedLead>();
  readonly #onChange: (agent: LiveAgent) => void;
  readonly #homeOf: (userId: number) => number | null;
  readonly #isSwitchReady: () => boolean;
  /** Nobody could be dialled at the last look: whoever has a preview before them can do nothing. */
  #stoodStill = false;
  #entry: RosterEntry;
  #stopped = false;

  constructor(
    ctx: DialerContext,
    parts: {
      roster: Roster;
      calls: AgentCalls;
      onChange: (agent: LiveAgent) => void;
      /** The campaign that this agent is lent to now. */
      homeOf: (userId: number) => number | null;
      isSwitchReady: () => boolean;
    },
    entry: RosterEntry,
  ) {
    this.#ctx = ctx;
    this.#roster = parts.roster;
    this.#calls = parts.calls;
    this.#onChange = parts.onChange;
    this.#homeOf = parts.homeOf;
    this.#isSwitchReady = parts.isSwitchReady;
    this.#entry = entry;
    this.#hopper = new Hopper(
      ctx,
      entry.campaign.id,
      () => 'preview',
      () => this.#roster.agentsOf(this.campaignId).some(({ agent }) => agent.state === 'ready'),
    );
  }

  get campaignId(): number {
    return this.#entry.campaign.id;
  }

  get priority(): number {
    return this.#entry.campaign.priority;
  }

  get weight(): number {
    return this.#entry.campaign.weight;
  }

  /** How many agents are of use to it: `most`, where there are leads and a way to call them. */
  agentsWanted(most: number): number {
    const hasLeads = this.#hopper.size > 0 || this.#hopper.scarcity.kind === 'unknown';
    return hasLeads && this.#ctx.trunks.has(this.#entry.trunkIds) ? most : 0;
  }

  /** Also what stands before agents. */
  get leadIds(): Iterable<number> {
    return [...this.#hopper.leadIds, ...[...this.#shown.values()].map(({ id }) => id)];
  }

  /** Another dialer has agents for it and no lead. */
  share(): void {
    this.#hopper.share();
  }

  /** Another dialer has given leads back. */
  freed(): void {
    this.#hopper.freed();
    this.tick();
  }

  /** Leads have become due out of their time. */
  lookAgain(): void {
    this.#hopper.lookAgain();
    this.tick();
  }

  update(entry: RosterEntry): void {
    this.#entry = entry;
    this.lookAgain();
  }

  tick(): void {
    if (this.#stopped) return;
    this.#lookWhetherItStands();
    const here = this.#roster.agentsOf(this.campaignId);
    const working = here.filter(({ agent }) => agent.state !== 'paused').length;
    if (working === 0) return this.#hopper.release();
    this.#hopper.releaseStale();
    if (this.#stoodStill) return;
    const atWork = here.flatMap(({ agent }) => (agent.state === 'paused' ? [] : agent.userId));
    this.#hopper.releaseOwnOfOthers(new Set(atWork));
    this.#hopper.fill(Math.max(4, working), atWork, () => this.tick());
    for (const agent of here) {
      if (agent.agent.state !== 'ready') continue;
      // On the others another campaign counts, and may have lines ringing for them; only a promise of their own comes first.
      const { userId } = agent.agent;
      const isHome = this.#homeOf(userId) === this.campaignId;
      const next = this.#hopper.takeOwn(userId) ?? (isHome ? this.#hopper.take(1)[0] : undefined);
      if (!next) continue;
      this.#show(agent, next.lead);
    }
  }

  /** Who waited meanwhile has the whole time again. */
  #lookWhetherItStands(): void {
    const { journal, app, agents } = this.#ctx;
    const standsStill = !this.#isSwitchReady() || !journal.healthy || !app.bus.isUp;
    if (this.#stoodStill && !standsStill)
      for (const [userId, { id }] of this.#shown) {
        const agent = agents.get(userId);
        if (agent) this.#beginTime(agent, id);
      }
    this.#stoodStill = standsStill;
  }

  #beginTime(agent: LiveAgent, leadId: number): void {
    if (agent.preview?.leadId !== leadId) return;
    const { clock } = this.#ctx.app;
    const { previewLimitMs } = this.#entry.campaign;
    for (const stop of agent.stopTimers.splice(0)) stop();
    agent.preview = { ...agent.preview, until: clock.now() + previewLimitMs };
    agent.stopTimers.push(clock.after(previewLimitMs, () => this.#missed(agent, leadId)));
    this.#onChange(agent);
  }

  #show(agent: LiveAgent, lead: ReservedLead): void {
    const { campaign } = this.#entry;
    const { agents, app } = this.#ctx;
    if (!agents.apply(agent, { type: 'reserve', callId: null, campaignId: campaign.id }).ok)
      return this.#hopper.giveBack(lead);
    const { id: leadId, customerId, e164 } = lead;
    this.#shown.set(agent.agent.userId, lead);
    agent.preview = { leadId, campaignId: campaign.id, customerId, e164, until: app.clock.now() };
    this.#beginTime(agent, leadId);
  }

  /** Nobody looked at it in time: the agent is taken to be away. */
  #missed(agent: LiveAgent, leadId: number): void {
    this.#lookWhetherItStands();
    if (this.#stoodStill) return this.#beginTime(agent, leadId);
    const lead = this.#taken(agent, leadId);
    if (!lead) return;
    this.#hopper.giveBack(lead);
    this.#ctx.agents.apply(agent, { type: 'pause', pauseCodeId: null, reason: 'preview-missed' });
    this.#ctx.agents.apply(agent, { type: 'release' });
  }

  /** A fault of ours leaves it before the agent, to be dialled once that is over. @throws CommandRefused */
  async dial(agent: LiveAgent, leadId: number): Promise<void> {
    this.#calls.mustStand();
    const lead = this.#taken(agent, leadId);
    if (!lead) throw new CommandRefused('lead-gone');
    for (const stop of agent.stopTimers.splice(0)) stop();
    try {
      await this.#calls.dialPreview(agent, this.#entry, lead);
    } catch (error) {
      // Refused before the call was: nobody else would give it back. Where it has gone its way, this moves nothing.
      this.#hopper.giveBack(lead);
      throw error;
    }
  }

  /** @throws CommandRefused */
  skip(agent: LiveAgent, leadId: number, reason: string): void {
    const lead = this.#taken(agent, leadId);
    if (!lead) throw new CommandRefused('lead-gone');
    const { errands, stores, app, dialerId } = this.#ctx;
    const now = app.clock.now();
    errands.add('skip', { lead: leadId }, async () => {
      await stores.leads.defer(leadId, dialerId, now + skippedMs, 'skipped', now);
      const { customerId } = lead;
      const note = {
        customerId,
        at: now,
        kind: 'note',
        userId: agent.agent.userId,
        data: { text: reason },
      } as const;
      if (!(await stores.timeline.has(note))) await stores.timeline.append(note);
    });
    this.#ctx.agents.apply(agent, { type: 'release' });
    this.tick();
  }

  /** The agent cannot use the preview any more (phone lost, signed out). */
  withdrawn(agent: LiveAgent): void {
    const shown = this.#shown.get(agent.agent.userId);
    const lead = shown ? this.#taken(agent, shown.id) : null;
    if (lead) this.#hopper.giveBack(lead);
  }

  #taken(agent: LiveAgent, leadId: number): ReservedLead | null {
    const lead = this.#shown.get(agent.agent.userId);
    if (lead?.id !== leadId) return null;
    this.#shown.delete(agent.agent.userId);
    agent.preview = null;
    return lead;
  }

  notDialing(): NotDialing | null {
    const { trunks, app, journal } = this.#ctx;
    const now = app.clock.now();
    for (const live of this.#ctx.calls.open()) if (live.call.campaignId === this.campaignId) return null;
    return whyNotDialing({
      switchUp: this.#isSwitchReady(),
      databaseUp: journal.healthy,
      busUp: app.bus.isUp,
      // An agent who dials by hand decides: nobody is dialled ahead.
      databaseSlowUntil: null,
      preview: true,
      hasTrunk: trunks.has(this.#entry.trunkIds),
      trunksRestUntil: trunks.allRestUntil(this.#entry.trunkIds, now),
      refusingTrunk: trunks.thatRefusesUs(this.#entry.trunkIds)?.name ?? null,
      uselessRule: trunks.withUselessRule(this.#entry.trunkIds)?.name ?? null,
      noNumber: this.#ctx.callerNumbers.lack(this.#entry.campaign.numberPoolId),
      lineCapacity: trunks.capacity(this.#entry.trunkIds, now),
      agents: this.#roster.agentsOf(this.campaignId).map(({ agent }) => agent.state),
      agentsAt: agentsAt(this.campaignId, this.#roster, this.#homeOf),
      // What stands before an agent has been taken out already.
      hopper: this.#hopper.sizeWithOwn + this.#shown.size,
      scarcity: this.#hopper.scarcity,
      decision: null,
    });
  }

  view(): PacingView {
    return {
      dialerId: this.#ctx.dialerId,
      campaignId: this.campaignId,
      at: this.#ctx.app.clock.now(),
      mode: 'preview',
      launch: 0,
      reason: 'preview',
      facts: { shown: this.#shown.size },
      linesInFlight: 0,
      hopper: this.#hopper.size,
      notDialing: this.notDialing(),
    };
  }

  stop(): void {
    this.#stopped = true;
    this.#hopper.close();
    for (const userId of [...this.#shown.keys()]) {
      const agent = this.#ctx.agents.get(userId);
      if (!agent) continue;
      this.withdrawn(agent);
      this.#ctx.agents.apply(agent, { type: 'release' });
    }
  }
}
