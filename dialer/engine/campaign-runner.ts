import type { GatePath } from '../../campaigns/compliance/index.ts';
import { phoneUsable, type AgentState } from '../agents/agent.ts';
import { isInFlight } from '../calls/call.ts';
import { Hindsight, type HindsightRow } from '../hindsight/index.ts';
import type { AgentPacingState, PacingDecision, PacingEvent } from '../pacing/index.ts';
import type { NotDialing, PacingView } from '../protocol.ts';
import type { Actions } from './actions.ts';
import type { AgentCalls } from './agent-calls.ts';
import { CampaignPacer, type PacerFactory } from './campaign-pacer.ts';
import { capHoldMs, heldToCap } from './cap-hold.ts';
import type { DialerContext } from './context.ts';
import { ForAWhile } from './for-a-while.ts';
import { Hopper, type HopperLead } from './hopper.ts';
import { launchCalls, type Launch } from './launch.ts';
import { lineCapacity } from './line-capacity.ts';
import type { LiveCall } from './live-calls.ts';
import { agentsAt, because, whyNotDialing } from './not-dialing.ts';
import type { Roster, RosterEntry } from './roster.ts';

const smallestHopper = 20;
/** Calls are placed in less, where the database answers. */
const slowLaunchMs = 3_000;
/** After a promised call that could not be placed. */
const ownRestMs = 5_000;

/** One running campaign that dials by itself: fills its hopper, asks the pacer, and places calls. */
export class CampaignRunner {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #roster: Roster;
  readonly #calls: AgentCalls;
  readonly #isSwitchReady: () => boolean;
  readonly #homeOf: (userId: number) => number | null;
  #entry: RosterEntry;
  readonly #pacer: CampaignPacer;
  readonly #hopper: Hopper;
  readonly #hindsight: Hindsight;
  readonly #capHold: ForAWhile;
  readonly #agentStates = new Map<number, AgentPacingState>();
  #inFlight = 0;
  /** Calls made and not dialled yet. */
  readonly #notLeft = new Set<string>();
  /** Since when calls are being placed; null: none are. */
  #launchingSince: number | null = null;
  #ownRestsUntil = 0;
  #stopped = false;
  #poked = false;
  #decision: PacingDecision | null = null;
  /** Its part of lines that several campaigns share, until the next tick; null: they are its own. */
  #granted: number | null = null;

  constructor(
    ctx: DialerContext,
    parts: {
      actions: Actions;
      roster: Roster;
      calls: AgentCalls;
      isSwitchReady: () => boolean;
      /** The campaign that this agent is lent to now. */
      homeOf: (userId: number) => number | null;
      pacerFactory?: PacerFactory;
    },
    entry: RosterEntry,
  ) {
    this.#ctx = ctx;
    this.#actions = parts.actions;
    this.#roster = parts.roster;
    this.#calls = parts.calls;
    this.#isSwitchReady = parts.isSwitchReady;
    this.#homeOf = parts.homeOf;
    this.#entry = entry;
    this.#hindsight = new Hindsight(entry.campaign.id);
    this.#capHold = new ForAWhile(ctx.app.clock, capHoldMs);
    this.#hopper = new Hopper(
      ctx,
      entry.campaign.id,
      () => this.#path,
      () => this.#agentStatesNow().includes('ready'),
      () => this.#capHold.begin(),
    );
    this.#pacer = new CampaignPacer(ctx, entry, {
      makePacer: parts.pacerFactory,
      agents: () => this.#agentsNow(),
      learnt: () => this.poke(),
    });
    // Lines that rang on through a pause, or through a restart of the dialer.
    for (const { call, forAgent } of ctx.calls.open())
      if (call.campaignId === this.campaignId && forAgent === null && isInFlight(call.state))
        this.#inFlight += 1;
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

  get trunkIds(): readonly number[] {
    return this.#entry.trunkIds;
  }

  /** How many lines it could use at once, as far as leads and agents go. */
  get linesWanted(): number {
    const most = Math.ceil(this.#entry.campaign.maxLinesPerAgent) * this.#agentStates.size;
    return Math.max(0, Math.min(this.#hopper.size, most - this.#inFlight));
  }

  grantLines(granted: number | null): void {
    this.#granted = granted;
  }

  /** How many agents are of use to it: where there are leads and a way to call them, `most`; else those its lines ring for. */
  agentsWanted(most: number): number {
    const hasLeads = this.#hopper.size > 0 || this.#hopper.scarcity.kind === 'unknown';
    if (hasLeads && this.#ctx.trunks.has(this.#entry.trunkIds)) return most;
    return Math.min(most, this.#inFlight);
  }

  /** Calls that wait for a free agent are progressive ones, whatever the campaign is set to. */
  get #path(): GatePath {
    if (this.#capHold.isOn || this.#decision?.mode === 'progressive') return 'progressive';
    return this.#entry.campaign.mode === 'preview' ? 'predictive' : this.#entry.campaign.mode;
  }

  get leadIds(): Iterable<number> {
    return this.#hopper.leadIds;
  }

  /** Another dialer has agents for it and no lead. */
  share(): void {
    this.#hopper.share();
  }

  /** Another dialer has given leads back. */
  freed(): void {
    this.#hopper.freed();
    this.poke();
  }

  /** Leads have become due out of their time. */
  lookAgain(): void {
    this.#hopper.lookAgain();
    this.poke();
  }

  update(entry: RosterEntry): void {
    this.#entry = entry;
    this.#pacer.update(entry);
    this.lookAgain();
  }

  /** For a pacer that was made anew: who is at work now, and who is not. */
  *#agentsNow(): Iterable<PacingEvent> {
    const at = this.#ctx.app.clock.now();
    for (const userId of new Set([...this.#entry.agentIds, ...this.#agentStates.keys()]))
      yield { type: 'agent', at, agentId: String(userId), state: this.#agentStates.get(userId) ?? 'away' };
  }

  observe(event: PacingEvent): void {
    this.#pacer.observe(event);
    this.#hindsight.observe(event);
    this.poke();
  }

  /** What the pacer is to believe of an agent; told once. */
  agent(userId: number, state: AgentPacingState): void {
    if ((this.#agentStates.get(userId) ?? 'away') === state) return;
    if (state === 'away') this.#agentStates.delete(userId);
    else this.#agentStates.set(userId, state);
    this.observe({ type: 'agent', at: this.#ctx.app.clock.now(), agentId: String(userId), state });
  }

  agentsKnown(): Iterable<number> {
    return [...this.#agentStates.keys()];
  }

  callChanged(live: LiveCall, wasInFlight: boolean): void {
    if (live.call.state === 'created') this.#notLeft.add(live.call.id);
    else this.#notLeft.delete(live.call.id);
    const is = isInFlight(live.call.state);
    if (is !== wasInFlight) this.#inFlight += is ? 1 : -1;
  }

  /** Decides soon: several events of one turn share a decision. */
  poke(): void {
    if (this.#poked || this.#stopped) return;
    this.#poked = true;
    setImmediate(() => {
      this.#poked = false;
      this.tick();
    });
  }

  tick(): void {
    if (this.#stopped) return;
    const { app, journal } = this.#ctx;
    const now = app.clock.now();
    const working = this.#workingAgents();
    if (working === 0) {
      // Nobody to talk: nothing rings on, and the leads are for others.
      this.#hopper.release();
      this.#cancelRinging();
      this.#decision = null;
      return;
    }
    if (this.#launchingSince !== null) return;
    const { maxLinesPerAgent } = this.#entry.campaign;
    this.#hopper.releaseStale();
    const isSwitchReady = this.#isSwitchReady();
    if (isSwitchReady && journal.healthy)
      this.#hopper.fill(
        Math.max(smallestHopper, 2 * working * Math.ceil(maxLinesPerAgent)),
        this.#agentsWithCallbacks(),
        () => this.poke(),
      );
    const mayDial = isSwitchReady && journal.healthy && app.bus.isUp && !this.#ctx.slowFacts.isOn;
    if (mayDial) this.#dialOwn(now);
    const lines = mayDial
      ? Math.min(lineCapacity(this.#ctx, this.#entry, now), this.#granted ?? Infinity)
      : 0;
    const asked = this.#pacer.decide(now, { lines, leads: this.#hopper.size });
    if (!asked) return;
    const decision = this.#capHold.isOn ? heldToCap(asked) : asked;
    this.#decision = decision;
    this.#hindsight.decided(now, decision, this.#entry.campaign.ringTimeoutMs);
    // The pacer knows a call once it has left; those that wait for their trunk's pace are launched already.
    const count = Math.max(0, Math.min(decision.launch - this.#notLeft.size, lines, this.#hopper.size));
    if (this.#granted !== null) this.#granted -= count;
    if (count > 0) void this.#launch(this.#hopper.take(count));
  }

  /** A promise is kept by who gave it: that agent waits for the answer, and gets no other call meanwhile. */
  #dialOwn(now: number): void {
    const here = this.#roster.agentsOf(this.campaignId);
    this.#hopper.releaseOwnOfOthers(new Set(this.#agentsWithCallbacks()));
    if (now < this.#ownRestsUntil || lineCapacity(this.#ctx, this.#entry, now) <= 0) return;
    for (const agent of here) {
      if (agent.agent.state !== 'ready' || !phoneUsable(agent.agent)) continue;
      const lead = this.#hopper.takeOwn(agent.agent.userId)?.lead;
      if (!lead) continue;
      this.#calls.dialOwn(agent, this.#entry, lead).catch((error: unknown) => {
        this.#ownRestsUntil = this.#ctx.app.clock.now() + ownRestMs;
        this.#hopper.giveBack(lead);
        this.#ctx.app.log.info({ lead: lead.id, error: String(error) }, 'a callback could not be dialled');
      });
    }
  }

  /**
   * Whose own callbacks may be taken now: who works here, and who is free. An agent is lent only to a campaign that has
   * something to dial, which may be nothing but that callback.
   */
  #agentsWithCallbacks(): number[] {
    return this.#roster.agentsOf(this.campaignId).flatMap(({ agent: { userId, state } }) => {
      return this.#agentStates.has(userId) || state === 'ready' ? userId : [];
    });
  }

  /** Agents of this campaign who are at work: free, talking, or writing. */
  #workingAgents(): number {
    return this.#agentStatesNow().filter((state) => state !== 'paused').length;
  }

  /** Of those who are lent to this campaign: another one rings for the others. */
  #freeAgents(): number {
    return [...this.#agentStates.values()].filter((state) => state === 'idle').length;
  }

  #agentStatesNow(): AgentState[] {
    return this.#roster.agentsOf(this.campaignId).map(({ agent }) => agent.state);
  }

  #cancelRinging(): void {
    if (this.#inFlight === 0) return;
    for (const live of this.#ctx.calls.open())
      if (live.call.campaignId === this.campaignId && live.forAgent === null && isInFlight(live.call.state))
        this.#actions.end(live, 'cancelled', 'system');
  }

  async #launch(batch: readonly HopperLead[]): Promise<void> {
    this.#launchingSince = this.#ctx.app.clock.now();
    const launch: Launch = {
      entry: this.#entry,
      path: this.#path,
      stillWanted: () => this.#stillWanted(),
      freeFor: (calls) => this.#freeAgents() - (this.#inFlight - calls),
      giveBack: (lead) => this.#hopper.giveBack(lead),
      overCap: () => this.#capHold.begin(),
    };
    try {
      await launchCalls(this.#ctx, this.#actions, launch, batch);
    } finally {
      this.#launchingSince = null;
    }
    this.poke();
  }

  #stillWanted(): boolean {
    return !this.#stopped && this.#isSwitchReady() && this.#ctx.app.bus.isUp && this.#workingAgents() > 0;
  }

  /** Why no call is placed; null while lines ring. */
  notDialing(): NotDialing | null {
    const { trunks, callerNumbers, app, journal } = this.#ctx;
    const now = app.clock.now();
    if (this.#inFlight > this.#notLeft.size) return null;
    if (this.#launchingSince !== null)
      return now - this.#launchingSince < slowLaunchMs ? null : because('database-slow');
    if (this.#inFlight > 0) return null;
    return whyNotDialing({
      switchUp: this.#isSwitchReady(),
      databaseUp: journal.healthy,
      busUp: app.bus.isUp,
      databaseSlowUntil: this.#ctx.slowFacts.until,
      preview: false,
      hasTrunk: trunks.has(this.#entry.trunkIds),
      trunksRestUntil: trunks.allRestUntil(this.#entry.trunkIds, now),
      refusingTrunk: trunks.thatRefusesUs(this.#entry.trunkIds)?.name ?? null,
      uselessRule: trunks.withUselessRule(this.#entry.trunkIds)?.name ?? null,
      noNumber: callerNumbers.lack(this.#entry.campaign.numberPoolId),
      lineCapacity: trunks.capacity(this.#entry.trunkIds, now),
      agents: this.#agentStatesNow(),
      agentsAt: agentsAt(this.campaignId, this.#roster, this.#homeOf),
      hopper: this.#hopper.sizeWithOwn,
      scarcity: this.#hopper.scarcity,
      decision: this.#decision,
    });
  }

  /** What has come of its forecasts since the last time. */
  takeHindsight(): HindsightRow[] {
    return this.#hindsight.take();
  }

  view(): PacingView {
    const decision = this.#decision;
    // To the pacer there are none then.
    const { isLooking } = this.#hopper;
    return {
      dialerId: this.#ctx.dialerId,
      campaignId: this.campaignId,
      at: this.#ctx.app.clock.now(),
      mode: decision?.mode ?? this.#entry.campaign.mode,
      launch: decision?.launch ?? 0,
      reason: isLooking && decision?.code === 'no-leads' ? 'looking-for-leads' : (decision?.code ?? ''),
      facts: {
        ...decision?.facts,
        ...(isLooking && decision?.facts.limit === 'leads' ? { limit: null } : {}),
      },
      linesInFlight: this.#inFlight,
      hopper: this.#hopper.size,
      notDialing: this.notDialing(),
    };
  }

  /** The campaign runs no more: no new call; those under way go on. */
  stop(): void {
    this.#stopped = true;
    this.#pacer.stop();
    this.#hopper.close();
  }
}
