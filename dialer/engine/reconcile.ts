import type { GatePath } from '../../campaigns/compliance/index.ts';
import { advanceCall, isWithAgent, type Call } from '../calls/call.ts';
import { endedAsTest } from '../calls/trunk-test-call.ts';
import type { Recorder } from '../recordings/recorder.ts';
import { amdCauseVariable, amdResults, amdStatusVariable } from '../telephony/dialplan.ts';
import type { BridgeInfo, ChannelInfo } from '../telephony/telephony.ts';
import type { Actions } from './actions.ts';
import type { Announcer } from './announcer.ts';
import type { AgentDesk } from './agent-desk.ts';
import type { AgentPhones } from './agent-phones.ts';
import { goneMs } from '../cells/cell.ts';
import type { DialerContext } from './context.ts';
import { HandOn } from './hand-on.ts';
import { keepTyped } from './keep-typed.ts';
import { LegsFound } from './legs-found.ts';
import { bridgeOf, talkBridgeId } from './call-bridges.ts';
import type { ConsultLegs } from './consult-legs.ts';
import type { LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';
import type { Monitors } from './monitors.ts';
import { Music } from './music.ts';
import type { Parking } from './parking.ts';
import { OptOuts } from './opt-outs.ts';
import { settleLead } from './settle-lead.ts';
import { TalksFound } from './talks-found.ts';

const againMs = 1_000;
/** Paths of calls that belong to the agent who placed them. */
const placedByAgent: ReadonlySet<GatePath> = new Set(['preview', 'manual', 'callback']);

export interface ReconcilerParts {
  readonly phones: AgentPhones;
  readonly desk: AgentDesk;
  readonly recorder: Recorder;
  readonly monitors: Monitors;
  readonly legs: ConsultLegs;
  readonly parking: Pick<Parking, 'takenUp'>;
  readonly announcer: Pick<Announcer, 'linkBack'>;
}

/** The agent who placed it and has it; none where it has been given away since. */
function forAgentOf(
  { path, leftAt, userId, parentId }: Call,
  holder: number | null,
  asks: number | null,
): number | null {
  if (parentId !== null) return asks;
  return placedByAgent.has(path) && leftAt === null ? (holder ?? userId) : null;
}

/** Puts what the dialer believes and what the switch has in agreement, whenever the connection comes (again). */
export class Reconciler {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #phones: AgentPhones;
  readonly #desk: AgentDesk;
  readonly #recorder: Recorder;
  readonly #monitors: Monitors;
  readonly #legs: ConsultLegs;
  readonly #parking: ReconcilerParts['parking'];
  readonly #announcer: ReconcilerParts['announcer'];
  readonly #handOn: HandOn;
  readonly #found: LegsFound;
  readonly #talks: TalksFound;
  readonly #music: Music;
  /**
   * Calls of an earlier run that have neither moved since nor been compared with the switch: their timers are gone. Until
   * when they are known to have lived, by that run's last sign of life or theirs.
   */
  readonly #takenUp = new Map<string, number>();
  /** The run before has been gone for so long that its agents are: since when, else null. */
  #goneSince: number | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(ctx: DialerContext, actions: Actions, parts: ReconcilerParts) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#phones = parts.phones;
    this.#desk = parts.desk;
    this.#recorder = parts.recorder;
    this.#monitors = parts.monitors;
    this.#legs = parts.legs;
    this.#parking = parts.parking;
    this.#announcer = parts.announcer;
    this.#handOn = new HandOn(ctx);
    this.#found = new LegsFound(ctx, parts.phones);
    this.#talks = new TalksFound(ctx, parts.recorder);
    this.#music = new Music(ctx);
    ctx.calls.onTransition(({ call }) => void this.#takenUp.delete(call.id));
  }

  /** Takes up what an earlier process of this dialer has left in the database. Before the switch is asked. */
  async takeUpRows(agents: readonly LiveAgent[], seenAt: number | null): Promise<void> {
    const { stores, calls, dialerId, app } = this.#ctx;
    const now = app.clock.now();
    if (seenAt !== null && now - seenAt >= goneMs) this.#goneSince = seenAt;
    for (const call of await stores.calls.openOf(dialerId)) {
      const livedUntil = Math.max(seenAt ?? now, await stores.calls.lastEventAt(call.id));
      await this.#takeUp(call, agents, Math.min(livedUntil, now));
    }
    for (const { agent } of agents) {
      if (agent.callId === null || calls.get(agent.callId)) continue;
      const ended = await stores.calls.get(agent.callId);
      if (ended) await this.#takeUp(ended, agents, ended.endedAt ?? now);
    }
    this.#recorder.left(await stores.recordings.leftBy(dialerId));
    await new OptOuts(this.#ctx).addKept(dialerId);
    if (seenAt !== null) await keepTyped(this.#ctx, { id: dialerId, seenAt, isGone: false });
    // Also of calls that end here: what becomes of their lead is written behind them.
    const { leadIds: held } = await this.#handOn.addKept(dialerId);
    if (seenAt !== null) await stores.calls.leaveAll(dialerId, seenAt);
    for (const live of calls.open()) if (live.call.leadId) held.add(live.call.leadId);
    this.#endOrphans();
    for (const live of agents) {
      const call = live.agent.callId === null ? undefined : calls.get(live.agent.callId);
      if (call?.call.leadId) held.add(call.call.leadId);
      this.#resumeAgent(live);
    }
    await this.#freeLeads(held);
  }

  async #takeUp(call: Call, agents: readonly LiveAgent[], livedUntil: number): Promise<void> {
    const { stores, calls, dialerId } = this.#ctx;
    const campaignId = call.campaignId ?? calls.get(call.parentId ?? '')?.campaign.id ?? null;
    const campaign = campaignId === null ? null : await stores.campaigns.get(campaignId);
    if (!campaign) return this.#endLeft(call, livedUntil);
    const holder = agents.find(({ agent }) => agent.callId === call.id)?.agent.userId ?? null;
    const lead = call.leadId === null ? null : await stores.leads.get(call.leadId);
    const live = calls.adopt(call, null, {
      campaign,
      // Dialled by hand, its lead may have been finished before, and stays so.
      holdsLead: lead?.state === 'dialing' && lead.reservedBy === dialerId,
      trunkIds: await stores.campaigns.trunksOf(campaign.id),
      forAgent: forAgentOf(call, holder, calls.get(call.parentId ?? '')?.call.userId ?? null),
    });
    if (call.state === 'ended') return;
    this.#takenUp.set(call.id, livedUntil);
    this.#recorder.takeUp(live, await stores.recordings.ofCall(call.id));
  }

  /** Beside a customer's call that has ended since, or of a campaign that is gone: nobody would take it any further. */
  async #endLeft(call: Call, livedUntil: number): Promise<void> {
    const end = { type: 'end', reported: 'failed', by: 'system', cause: null, graceMs: 0 } as const;
    const advance = advanceCall(call, end, livedUntil);
    if (advance.ok) await this.#ctx.stores.calls.endLeft(endedAsTest(advance.call), advance.from);
  }

  /** Never given to the switch, or placed for an agent who is in it no more: nobody would bring these to an end. */
  #endOrphans(): void {
    for (const live of [...this.#ctx.calls.open()]) {
      const { call } = live;
      // A person who waits gets whoever is free, or hears who called.
      const isPerson = call.state === 'waiting' && call.liveAt !== null;
      const isPlaced = placedByAgent.has(call.path) && call.leftAt === null;
      const nobodys = isPlaced && live.forAgent === null && !isPerson;
      const alone = call.parentId !== null && !this.#ctx.calls.get(call.parentId);
      if (call.state === 'created' || nobodys || alone) this.#endUnheard(live);
    }
  }

  /** Ended where nobody heard it: at once, or in the time of an earlier run. */
  #endUnheard(live: LiveCall): void {
    const livedUntil = this.#takenUp.get(live.call.id);
    const agent = this.#ctx.agents.byCall(live.call.id);
    // Whoever had it went home while no dialer ran.
    if (livedUntil !== undefined && agent && this.#goneSince !== null) this.#signOut(agent, livedUntil);
    this.#actions.end(live, 'failed', 'system', null, { at: livedUntil });
  }

  #signOut(live: LiveAgent, at: number): void {
    this.#ctx.agents.apply(live, { type: 'dialer-gone' }, { at: Math.max(at, live.agent.since) });
  }

  #resumeAgent(live: LiveAgent): void {
    const { agents, calls, app } = this.#ctx;
    const { state, callId, userId } = live.agent;
    const call = callId === null ? undefined : calls.get(callId);
    if (this.#goneSince !== null && (!call || call.call.state === 'ended')) {
      this.#signOut(live, this.#goneSince);
      if (call?.call.connectedAt != null) this.#desk.keepTyped(call, userId, 'left');
      else if (call) this.#actions.settle(call, null);
      return;
    }
    if (state === 'wrapup') return this.#desk.watchWrapup(live);
    // Was to be joined to whoever waits there: the router begins anew, and may take another agent.
    const unjoined = call?.call.state === 'waiting' && call.forAgent !== userId;
    const isParked = call?.call.state === 'parked';
    // Or was about to be given a customer whom another agent has still.
    const isOthers = call && isWithAgent(call.call.state) && call.call.userId !== userId;
    if (state === 'reserved' && (!call || unjoined || isParked || isOthers))
      agents.apply(live, { type: 'release' });
    // It died between what parking is for the call and what it is for the agent.
    else if (state === 'on-call' && isParked) agents.apply(live, { type: 'call-parked' });
    else if ((state === 'on-call' || state === 'reserved') && (!call || call.call.state === 'ended')) {
      const wrapupUntil = app.clock.now() + (call?.campaign.wrapupLimitMs ?? 0);
      const at = Math.max(live.agent.since, call?.call.endedAt ?? app.clock.now());
      agents.apply(live, { type: 'call-ended', wrapupUntil }, { at });
    }
  }

  /** What was reserved goes back; a lead whose call had ended gets that call's outcome. */
  async #freeLeads(held: ReadonlySet<number>): Promise<void> {
    const { stores, app, dialerId } = this.#ctx;
    const now = app.clock.now();
    const mine = (await stores.leads.heldBy(dialerId)).filter(({ id }) => !held.has(id));
    const reserved = mine.flatMap(({ id, state }) => (state === 'reserved' ? id : []));
    const released = await stores.leads.release(reserved, dialerId);
    const dialing = mine.filter(({ state }) => state === 'dialing');
    for (const lead of dialing) await settleLead(stores, lead, dialerId, now);
    if (released + dialing.length > 0)
      app.log.info({ released, settled: dialing.length }, 'leads of an earlier run went back');
  }

  /** One after the other, however often the connection comes and goes; what is cut off is done again. */
  withSwitch(): Promise<void> {
    const { app, telephony } = this.#ctx;
    this.#running = this.#running
      .then(() => this.#withSwitch())
      .catch((error: unknown) => {
        app.log.warn({ error: String(error) }, 'reconciliation was cut off; it is done again');
        // Without a connection there is nobody to ask, and the next one begins with this.
        if (telephony.state === 'up') app.clock.after(againMs, () => void this.withSwitch());
      });
    return this.#running;
  }

  async #withSwitch(): Promise<void> {
    const { channels, app } = this.#ctx;
    const { known, open, present, bridges } = await this.#look();
    const byId = new Map(present.map((channel) => [channel.channelId, channel]));
    for (const channelId of known) if (!byId.has(channelId)) this.vanished(channelId);
    await this.#found.bridgeAgents();
    for (const channel of present) {
      const owner = channels.owner(channel.channelId);
      if (owner?.kind === 'agent') this.#pickedUpUnheard(owner.userId, channel);
    }
    const talks = await this.#takeUpTalks(open, byId, bridges);
    // Before anybody who waits is brought to one of them.
    this.#phones.ringLost('of-the-free');
    for (const { live, channelId } of open) {
      // Dialled over another trunk since, on a leg that is too new for the list.
      if (live.call.state === 'ended' || live.channelId !== channelId) continue;
      // It has no leg of its own: it is over with the process that had brought two agents together, and not before.
      if (live.call.direction === 'internal' && !this.#takenUp.has(live.call.id)) continue;
      const channel = channelId === null ? undefined : byId.get(channelId);
      if (!channel) this.#endUnheard(live);
      else await this.#agree(live, channel, bridges, talks.has(live));
    }
    await this.#monitors.clearBridges(bridges.map(({ bridgeId }) => bridgeId));
    await this.#recorder.stopLeft();
    this.#phones.ringLost();
    app.log.info({ channels: present.length, calls: open.length }, 'reconciled with the switch');
  }

  /**
   * What the switch has, and what of ours is to be in it. Asked again where legs were found that nobody had: whatever
   * happened to one between the answer and its registration was told to nobody.
   */
  async #look() {
    const { telephony, channels, calls } = this.#ctx;
    for (;;) {
      // What is dialled from now on, or is being asked for at this moment, is too new for the list that is asked for.
      const known = channels.ids().filter((channelId) => !channels.isAsked(channelId));
      const open = [...calls.open()]
        .filter((live) => live.call.state !== 'created' && !channels.isAsked(live.channelId))
        .map((live) => ({ live, channelId: live.channelId }));
      const [present, bridges] = await Promise.all([telephony.channels(), telephony.bridges()]);
      if (!this.#found.register(present)) return { known, open, present, bridges };
    }
  }

  /** The switch does not have it any more, and has not told so. */
  vanished(channelId: string): void {
    const { channels, calls, agents } = this.#ctx;
    const owner = channels.gone(channelId);
    if (!owner) return;
    if (owner.kind === 'agent') {
      const live = agents.get(owner.userId);
      if (live) this.#phones.lost(live, channelId);
    } else if (owner.kind === 'call') {
      const live = calls.get(owner.callId);
      if (live?.channelId === channelId) this.#actions.end(live, 'failed', 'system');
    } else if (owner.kind === 'monitor') this.#monitors.ended(owner.by, channelId);
    else if (owner.kind === 'test') owner.ended({ cause: 0, dialStatus: null });
  }

  #pickedUpUnheard(userId: number, { channelId, up }: ChannelInfo): void {
    const live = this.#ctx.agents.get(userId);
    if (up && live?.agent.channelId === channelId && live.agent.phone === 'ringing')
      this.#phones.answered(live, channelId);
  }

  /** All of them before anybody who waits is given an agent: whoever is in a talk is not free for it. */
  async #takeUpTalks(
    open: readonly { live: LiveCall; channelId: string | null }[],
    present: ReadonlyMap<string, ChannelInfo>,
    bridges: readonly BridgeInfo[],
  ): Promise<Set<LiveCall>> {
    const talks = new Set<LiveCall>();
    for (const { live, channelId } of open) {
      const livedUntil = this.#takenUp.get(live.call.id);
      if (livedUntil === undefined || channelId === null || !present.has(channelId)) continue;
      if (live.channelId === channelId && (await this.#talks.takeUp(live, bridges, livedUntil)))
        talks.add(live);
    }
    return talks;
  }

  /** Both know the call: what happened to it unheard is made up for, and what was asked for in vain is asked for again. */
  async #agree(
    live: LiveCall,
    channel: ChannelInfo,
    bridges: readonly BridgeInfo[],
    isTalk: boolean,
  ): Promise<void> {
    const before = live.call.state;
    if (!isTalk) await this.#makeUpFor(live, channel, this.#takenUp.delete(live.call.id));
    if (live.call.liveAt !== null && live.call.parentId === null) void this.#music.follow(live);
    const isIn = bridges.find(({ channelIds }) => channelIds.includes(channel.channelId))?.bridgeId ?? null;
    await this.bringHome(live, isIn, live.call.state === before);
  }

  async #makeUpFor(live: LiveCall, channel: ChannelInfo, isTakenUp: boolean): Promise<void> {
    const { calls } = this.#ctx;
    const { state, parentId, id } = live.call;
    if (isTakenUp && state === 'waiting')
      return parentId === null ? this.#actions.personWaits(live) : this.#legs.join(live);
    if (isTakenUp && state === 'transferring' && !calls.aside(id)) return this.#legs.recall(live);
    if (isTakenUp && state === 'parked') return this.#parking.takenUp(live);
    if (isTakenUp && state === 'outside' && !calls.aside(id))
      return this.#actions.end(live, 'answered', 'system');
    if (state === 'announcing')
      return isTakenUp ? this.#actions.end(live, 'abandoned', 'system') : this.#announcer.linkBack(live);
    // Answered unheard: nobody has greeted this person, and the grace has gone by.
    // Silence, or the end of the message, may have been told to nobody.
    if (state === 'messaging') return this.#actions.end(live, 'machine', 'system');
    if (state === 'detecting') return this.detecting(live, channel, isTakenUp);
    if (channel.up && (state === 'dialing' || state === 'ringing')) {
      calls.apply(live, { type: 'answer' });
      if (parentId !== null) return this.#legs.join(live);
      // The agent who dialled by hand still wants to talk; anybody else has been left waiting, and is counted so.
      return live.forAgent === null
        ? this.#actions.announce(live, 'unheard')
        : this.#actions.personWaits(live);
    }
    if (isTakenUp && isWithAgent(state) && parentId === null) this.#resumeTalk(live);
  }

  #resumeTalk(live: LiveCall): void {
    const { agents, calls } = this.#ctx;
    const { id: callId, userId } = live.call;
    const agent = userId === null ? undefined : agents.get(userId);
    const isTheirs = agent?.agent.callId === callId;
    // It died between what the join is for the call and what it is for the agent.
    if (isTheirs && agent.agent.state === 'reserved') agents.apply(agent, { type: 'connect', callId });
    if (isTheirs && agent.agent.state === 'on-call') {
      // The clock that waited for this phone has gone with the earlier run.
      if (agent.agent.phone !== 'up') this.#actions.phoneLost(agent);
      return;
    }
    // They work at another dialer since this one was taken for gone, or have left: the customer hears nobody.
    this.#recorder.stop(live);
    const side = calls.aside(callId);
    this.#legs.recall(live);
    if (side) this.#actions.end(side, 'cancelled', 'system');
  }

  /** A call that has moved on since the switch was asked is where that brought it, unless that is nowhere. */
  async bringHome(live: LiveCall, isIn: string | null, isAsListed = true): Promise<void> {
    const { calls, telephony } = this.#ctx;
    const { channelId, call } = live;
    if (channelId === null || call.state === 'ended') return;
    const bridgeId = bridgeOf(live, calls);
    if (bridgeId === null) {
      if (isIn !== null && live.bringing === null && live.movingTo === null)
        await telephony.removeFromBridge(isIn, [channelId]).catch(() => {});
    } else if (isAsListed) {
      if (bridgeId === talkBridgeId(call.parentId ?? call.id))
        await telephony.createBridge(bridgeId, 'mixing').catch(() => {});
      if (bridgeId !== isIn) await telephony.addToBridge(bridgeId, [channelId]).catch(() => {});
    }
  }

  /** While the dialplan listens its word is to come yet; back from there, it was not heard. */
  async detecting(live: LiveCall, { channelId, inApp }: ChannelInfo, isTakenUp: boolean): Promise<void> {
    const { telephony } = this.#ctx;
    if (!inApp) {
      if (isTakenUp) this.#actions.watchDetection(live);
      return;
    }
    const said = await telephony.getVariable(channelId, amdStatusVariable).catch(() => null);
    if (live.call.state !== 'detecting') return;
    // Not listened to yet: the request was lost with the link, or is on its way and this one is refused.
    if (said === null && !isTakenUp) return telephony.detectMachine(channelId).catch(() => {});
    const cause = (await telephony.getVariable(channelId, amdCauseVariable).catch(() => null)) ?? '';
    // How long ago it was said nobody knows: they count as having waited since they picked up.
    const at = live.call.answeredAt ?? undefined;
    this.#actions.detected(live, amdResults[said ?? ''] ?? 'unsure', cause, at);
  }

  /** A leg of ours that nobody here has. */
  async adoptStray(channel: ChannelInfo): Promise<void> {
    if (this.#found.register([channel])) await this.#found.bridgeAgents();
  }

  /** The switch has been away for too long: no call can still be alive that we could answer for. */
  giveUp(): void {
    for (const channelId of this.#ctx.channels.ids()) this.vanished(channelId);
    for (const live of [...this.#ctx.calls.open()]) this.#endUnheard(live);
  }
}
