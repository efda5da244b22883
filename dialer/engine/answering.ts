import { CommandRefused } from '../../core/bus/bus.ts';
import { phoneUsable } from '../agents/agent.ts';
import { canBeTakenUp, isInFlight, type AnnounceReason, type EndedBy } from '../calls/call.ts';
import { chooseAgent, chooseCall } from '../router/router.ts';
import type { Actions } from './actions.ts';
import type { AgentPhones } from './agent-phones.ts';
import type { CallsInHand } from './calls-in-hand.ts';
import type { ConsultLegs } from './consult-legs.ts';
import type { DialerContext } from './context.ts';
import type { Detection } from './detection.ts';
import { bridgeOf } from './call-bridges.ts';
import { askAgainMs, isLinkAway } from './link-away.ts';
import { agentBridgeId, type LiveAgent } from './live-agents.ts';
import type { LateBlock } from './late-block.ts';
import type { LiveCall } from './live-calls.ts';
import { Music } from './music.ts';
import type { Recorder } from '../recordings/recorder.ts';
import type { Roster } from './roster.ts';
import type { Announcer } from './announcer.ts';

/** How long a customer hears music for an agent whose phone was lost in the middle of the talk. */
const phoneBackMs = 15_000;
/** How long somebody who has talked already waits, with music, for another agent. */
const talkedPatienceMs = 30_000;
const shortestChanceMs = 500;
/** Who was given away and comes back hears music for so long, until somebody is free. */
const recallPatienceMs = 60_000;
/** Who was parked and rings back, likewise; then they are told by the message that nobody is there. */
const parkedPatienceMs = 300_000;
const takeOutTries = 5;

export interface AnsweringParts {
  readonly phones: AgentPhones;
  readonly recorder: Recorder;
  readonly roster: Roster;
  readonly announcer: Announcer;
  readonly lateBlock: LateBlock;
  readonly legs: Pick<ConsultLegs, 'bringTo'>;
  readonly inHand: CallsInHand;
  readonly detection: Detection;
}

/** From the answer to the talk: router, the join of both legs, and what happens when no agent is there. */
export class Answering {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #parts: AnsweringParts;
  readonly #music: Music;

  constructor(ctx: DialerContext, actions: Actions, parts: AnsweringParts) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#parts = parts;
    this.#music = new Music(ctx);
  }

  answered(live: LiveCall, channelId: string): void {
    const { calls, channels } = this.#ctx;
    if (live.channelId !== channelId || live.call.state === 'ended') return channels.drop(channelId);
    if (live.call.state !== 'dialing' && live.call.state !== 'ringing') return;
    if (live.campaign.amd && live.forAgent === null) return this.#parts.detection.begin(live, channelId);
    if (calls.apply(live, { type: 'answer' }).ok) this.#actions.personWaits(live);
  }

  /** A person is on the line: an agent within the grace, or the identification message. */
  personWaits(live: LiveCall): void {
    const { clock } = this.#ctx.app;
    const { connectedAt, liveAt } = live.call;
    const now = clock.now();
    // Of a person taken up from an earlier run the grace may be over already; a free agent is better than a message.
    live.waitsSince = connectedAt === null ? (liveAt ?? now) : now;
    const left = Math.max(shortestChanceMs, live.waitsSince + patienceOf(live) - now);
    live.stopTimers.push(clock.after(left, () => this.#graceOver(live)));
    if (live.recallAloneUntil > now)
      live.stopTimers.push(clock.after(live.recallAloneUntil - now, () => this.#findAgent(live, new Set())));
    void this.#parts.announcer.prepare(live);
    // Who has talked already goes on talking.
    live.cleared ||= connectedAt !== null;
    if (live.cleared) this.#findAgent(live, new Set());
    else void this.#clear(live);
  }

  /** Asks whether the person may still be connected, again and again until it is known or the grace is over. */
  async #clear(live: LiveCall): Promise<void> {
    const { slowFacts } = this.#ctx;
    const may = await this.#parts.lateBlock.mayConnect(live, () => slowFacts.begin());
    if (may === 'unknown') slowFacts.begin();
    if (live.call.state !== 'waiting' || live.cleared) return;
    if (may === 'unknown') {
      live.stopTimers.push(this.#ctx.app.clock.after(askAgainMs, () => void this.#clear(live)));
      return;
    }
    live.cleared = may === 'yes';
    if (live.cleared) this.#findAgent(live, new Set());
  }

  /** Gives a free agent the call that has waited longest, if there is one. */
  agentFree(agent: LiveAgent): void {
    if (agent.agent.state !== 'ready' || !phoneUsable(agent.agent)) return;
    const waiting = [];
    for (const live of this.#ctx.calls.open())
      if (
        live.call.state === 'waiting' &&
        live.cleared &&
        live.bringing === null &&
        live.forAgent === null &&
        (!this.#ringsAlone(live) || live.recallTo === agent.agent.userId) &&
        this.#parts.roster.serves(agent.agent.userId, live.call.campaignId)
      )
        waiting.push({
          callId: live.call.id,
          waitingSince: live.call.answeredAt ?? live.call.createdAt,
          priority: live.campaign.priority,
          isCheck: isCheck(live),
          live,
        });
    const next = chooseCall(waiting);
    if (next) void this.#join(next.live, agent, new Set());
  }

  #findAgent(live: LiveCall, except: Set<number>): void {
    if (live.call.state !== 'waiting' || live.bringing !== null) return;
    if (live.forAgent !== null) {
      const agent = this.#ctx.agents.get(live.forAgent);
      if (agent?.agent.callId === live.call.id && !except.has(live.forAgent))
        return void this.#join(live, agent, except);
      return this.announce(live, 'no-agent');
    }
    const before = live.recallTo === null ? undefined : this.#ctx.agents.get(live.recallTo);
    if (before && !except.has(live.recallTo!)) {
      if (comesBackTo(live, before)) return void this.#join(live, before, except);
      if (this.#ringsAlone(live)) return;
    }
    const free = this.#parts.roster
      .agentsOf(live.call.campaignId)
      .filter(({ agent }) => agent.state === 'ready' && phoneUsable(agent))
      .map((agent) => ({ userId: agent.agent.userId, idleSince: agent.idleSince, agent }));
    const chosen = chooseAgent(free, { lastAgent: live.recallTo ?? live.lastAgent, except });
    if (chosen) void this.#join(live, chosen.agent, except);
  }

  /** It rings at who has parked it, who is told and may be on the way. */
  #ringsAlone({ recallAloneUntil }: LiveCall): boolean {
    return recallAloneUntil > this.#ctx.app.clock.now();
  }

  /** An agent fetches a customer who is parked, or rings back from there. @throws CommandRefused; they wait on then */
  async takeUp(live: LiveCall, agent: LiveAgent): Promise<void> {
    const { agents, app } = this.#ctx;
    const { userId } = agent.agent;
    const { id: callId } = live.call;
    if (!canBeTakenUp(live.call) || live.bringing !== null) throw new CommandRefused('parked-gone');
    const campaignId = live.campaign.id;
    const reserved = agents.apply(agent, { type: 'reserve', callId, campaignId });
    if (!reserved.ok) throw new CommandRefused(reserved.reason, { state: reserved.state });
    if (live.call.state === 'parked') live.waitsSince = app.clock.now();
    await this.#join(live, agent, new Set());
    const { state, userId: now } = live.call;
    if (state === 'connected' && now === userId) return;
    throw new CommandRefused(canBeTakenUp(live.call) ? 'phone-not-up' : 'parked-gone');
  }

  /** Joins customer and agent. After each await both are asked again whether they still want it. */
  async #join(live: LiveCall, agent: LiveAgent, except: Set<number>): Promise<void> {
    const { agents, calls, telephony, app } = this.#ctx;
    const { userId } = agent.agent;
    const callId = live.call.id;
    const channelId = live.channelId;
    const campaignId = live.campaign.id;
    const isReserved = agent.agent.callId === callId && agent.agent.state === 'reserved';
    if (!isReserved && !agents.apply(agent, { type: 'reserve', callId, campaignId }).ok) {
      except.add(userId);
      return this.#findAgent(live, except);
    }
    const { state } = live.call;
    const isWanted = (): boolean => live.call.state === state && live.channelId === channelId;
    const isTheirs = (): boolean => agent.agent.callId === callId && agent.agent.state === 'reserved';
    const isThere = (): boolean => isTheirs() && agent.agent.phone === 'up';
    let failure: unknown = null;
    let isAway = false;
    live.bringing = { userId, isJoining: false };
    do {
      // Without the link nothing is known of this agent's phone, and any other agent would be asked in vain as well.
      if (isAway) await new Promise<void>((resolve) => void app.clock.after(askAgainMs, resolve));
      if (isAway && !(isWanted() && isTheirs())) break;
      failure = null;
      try {
        await this.#parts.phones.ensureLeg(agent);
        if (channelId !== null && isWanted() && isThere()) {
          live.bringing = { userId, isJoining: true };
          await telephony.addToBridge(agentBridgeId(userId), [channelId]);
        }
      } catch (error) {
        failure = error;
      }
      isAway = failure !== null && isLinkAway(telephony, failure);
    } while (isAway && !this.#isGraceOver(live));
    const { isJoining } = live.bringing;
    live.bringing = null;
    if (!isWanted()) return this.#letGo(agent, callId);
    const graceMs = live.campaign.answerGraceMs;
    const waitedWithMusic = live.call.connectedAt !== null;
    if (!failure && isJoining && isThere() && calls.apply(live, { type: 'connect', userId, graceMs }).ok) {
      agents.apply(agent, { type: 'connect', callId });
      // Only who has asked is told what came of it.
      if (live.recallTo !== userId) live.consultEnded = null;
      live.recallTo = null;
      if (waitedWithMusic) void this.#music.follow(live);
      if (live.campaign.recording) this.#parts.recorder.start(live, userId);
      return;
    }
    app.log.info(
      { call: callId, user: userId, error: failure ? String(failure) : undefined },
      'agent was not there after all',
    );
    except.add(userId);
    // It may have been joined although the switch did not say so.
    if (isJoining) this.#takeOut(live, userId);
    if (failure && !isAway) this.#parts.phones.suspect(agent);
    this.#letGo(agent, callId);
    if (this.#isGraceOver(live)) this.#graceOver(live);
    else this.#findAgent(live, except);
  }

  #letGo(agent: LiveAgent, callId: string): void {
    if (agent.agent.callId !== callId || agent.agent.state !== 'reserved') return;
    this.#parts.phones.callOver(agent);
    this.#ctx.agents.apply(agent, { type: 'release' });
  }

  #isGraceOver(live: LiveCall): boolean {
    return this.#ctx.app.clock.now() - live.waitsSince >= patienceOf(live);
  }

  #graceOver(live: LiveCall): void {
    // An agent is being joined in this moment: what comes of it decides, and counts by when it came.
    if (live.call.state !== 'waiting' || live.bringing?.isJoining) return;
    if (live.call.connectedAt !== null) {
      // Who has talked already waits for the phone that rings, and no longer.
      if (live.bringing !== null) return;
      if (live.call.parkSlot !== null) this.announce(live, 'no-agent');
      else this.#actions.end(live, 'answered', 'system');
      return;
    }
    this.announce(live, live.cleared ? 'no-agent' : 'facts-unavailable');
  }

  /** The message for a person whom nobody will meet. A phone that rings for them stops, and its agent is free. */
  announce(live: LiveCall, reason: AnnounceReason): void {
    // A machine, as far as anybody knows: it is told nothing.
    if (isCheck(live)) return this.#actions.end(live, 'machine', 'system');
    if (!this.#parts.announcer.announce(live, reason)) return;
    const agent = this.#ctx.agents.byCall(live.call.id);
    if (agent) this.#letGo(agent, live.call.id);
  }

  /** The leg is gone: a talk waits for it with music, anything else is over or goes to another agent. */
  phoneLost(agent: LiveAgent, soundlessSince = Infinity): void {
    const { calls, app } = this.#ctx;
    const { userId, callId } = agent.agent;
    this.#dropOwn(userId, agent.agent.legMode === 'per-call' ? 'agent' : 'system');
    const live = callId === null ? undefined : calls.get(callId);
    if (!live) return;
    const by = agent.agent.legMode === 'per-call' ? 'agent' : 'system';
    // Who was asked beside a customer's call is gone; or who asked is, and the customer waits for nobody else.
    if (live.call.parentId !== null) return this.#actions.end(live, 'cancelled', by);
    const side = calls.aside(live.call.id);
    if (live.call.userId !== userId) return;
    const hasMet = side !== undefined || live.handedOnBy !== null || (live.call.connectedAt ?? 0) < soundlessSince; // prettier-ignore
    if (!hasMet && live.call.state === 'ended') calls.apply(live, { type: 'unmet' });
    if (agent.agent.state !== 'on-call') return;
    if (!hasMet) return this.#leadAway(live, agent, 'unmet');
    if (side) this.#actions.end(side, 'cancelled', by);
    if (live.call.state !== 'connected' && live.call.state !== 'held') return;
    if (agent.agent.legMode === 'per-call') return this.#actions.end(live, 'answered', 'agent');
    if (live.call.state === 'connected') calls.apply(live, { type: 'hold' });
    void this.#music.follow(live);
    // Nobody is heard meanwhile, and the switch ends it after some seconds.
    this.#parts.recorder.hold(live, true);
    // Who may not work any more does not come back.
    if (agent.agent.after.to === 'signed-out') return this.#giveToAnother(live, agent);
    live.stopTimers.push(app.clock.after(phoneBackMs, () => this.#giveToAnother(live, agent)));
  }

  /** What was dialled for this agent alone and has not been joined has nobody to talk to any more. */
  #dropOwn(userId: number, by: EndedBy): void {
    for (const live of [...this.#ctx.calls.open()]) {
      if (live.forAgent !== userId || live.call.connectedAt !== null || live.bringing !== null) continue;
      if (live.call.parentId !== null) continue;
      if (isInFlight(live.call.state)) this.#actions.end(live, 'cancelled', by);
      else if (live.call.state === 'waiting') this.announce(live, 'no-agent');
    }
  }

  /** The agent's leg is back: so is the customer, whom what was being done as it was lost may have taken elsewhere. */
  async phoneBack(agent: LiveAgent): Promise<void> {
    const { calls } = this.#ctx;
    const { inHand, legs, recorder } = this.#parts;
    const { callId, userId } = agent.agent;
    const live = callId === null ? undefined : calls.get(callId);
    if (callId === null) return this.#backToTheirs(agent);
    if (!live) return;
    const waits = () =>
      live.call.state === 'held' && live.call.userId === userId && agent.agent.phone === 'up';
    while (waits() && inHand.has(callId)) await inHand.idle(callId);
    if (!waits()) return;
    await inHand.alone(callId, async () => {
      if (!(await legs.bringTo(live, agentBridgeId(userId))) || !waits()) return;
      calls.apply(live, { type: 'resume' });
      void this.#music.follow(live);
      // The agent may have put the customer on hold before the phone was lost.
      recorder.hold(live, false);
    });
  }

  /** Away for too long, and nobody else has come: the customer whom this agent had is theirs again. */
  #backToTheirs(agent: LiveAgent): void {
    if (agent.agent.state !== 'paused') return;
    for (const live of this.#ctx.calls.open()) {
      const { state, userId, connectedAt, parkSlot } = live.call;
      const isTheirs = userId === agent.agent.userId && connectedAt !== null && parkSlot === null;
      if (state === 'waiting' && isTheirs && live.bringing === null)
        return void this.#join(live, agent, new Set());
    }
  }

  #giveToAnother(live: LiveCall, agent: LiveAgent): void {
    if (live.call.state !== 'held' || agent.agent.phone === 'up') return;
    this.#leadAway(live, agent, 'reroute');
  }

  /** The customer leaves the bridge before anything else, as the lost phone may come back to it at any moment. */
  #leadAway(live: LiveCall, agent: LiveAgent, type: 'reroute' | 'unmet'): void {
    const { agents, calls } = this.#ctx;
    this.#takeOut(live, agent.agent.userId);
    this.#parts.recorder.stop(live);
    agents.apply(agent, { type: 'call-lost' });
    // Also whom this agent alone has called goes to whoever is free.
    live.forAgent = null;
    if (!calls.apply(live, { type }).ok) return;
    // Who was on hold has met nobody: they are not to hear music, and the next agent is to hear them.
    if (type === 'unmet') void this.#music.follow(live);
    this.#actions.personWaits(live);
  }

  /** The switch says that a leg has come into a bridge: a customer is in that of their own agent, or in none. */
  bridged(live: LiveCall, channelId: string, bridgeId: string): void {
    if (live.channelId !== channelId || live.call.state === 'ended') return;
    const { bringing } = live;
    const theirs = bridgeOf(live, this.#ctx.calls) ?? (bringing && agentBridgeId(bringing.userId));
    if (bridgeId === theirs || bridgeId === live.movingTo) return;
    this.#ctx.app.log.warn(
      { call: live.call.id, bridgeId },
      'customer came into a bridge that is not theirs',
    );
    const moved =
      theirs === null
        ? this.#ctx.telephony.removeFromBridge(bridgeId, [channelId])
        : this.#ctx.telephony.addToBridge(theirs, [channelId]);
    moved.catch(() => this.#actions.end(live, 'failed', 'system'));
  }

  /**
   * Takes the customer out of an agent's bridge, and again until it is done or no longer needed. While the link is away no
   * try is counted.
   */
  #takeOut(live: LiveCall, userId: number, left = takeOutTries, isFirst = true): void {
    const { telephony, app } = this.#ctx;
    const { channelId } = live;
    // Joined again it has left the other bridge by itself.
    const isOut = (): boolean => !['waiting', 'parked', 'announcing'].includes(live.call.state);
    if (channelId === null || (!isFirst && isOut())) return;
    telephony.removeFromBridge(agentBridgeId(userId), [channelId]).catch((error: unknown) => {
      app.log.warn(
        { call: live.call.id, error: String(error) },
        'customer could not be taken out of a bridge',
      );
      const then = isLinkAway(telephony, error) ? left : left - 1;
      if (then > 0) app.clock.after(askAgainMs, () => this.#takeOut(live, userId, then, false));
      else if (!isOut()) this.#actions.end(live, 'failed', 'system');
    });
  }
}

/** Taken for a machine, and nobody has met it yet. */
function isCheck({ call }: LiveCall): boolean {
  return call.amd === 'machine' && call.connectedAt === null;
}

/** Who still writes about this very customer, or has parked them to be back at once. */
function comesBackTo({ call }: LiveCall, { agent }: LiveAgent): boolean {
  if (agent.state === 'wrapup') return agent.callId === call.id;
  if (call.parkSlot === null || !phoneUsable(agent)) return false;
  return agent.state === 'ready' || (agent.state === 'paused' && agent.pauseReason === 'call-parked');
}

/** From an answer on, an agent within the grace; later nobody counts it as abandoned. */
function patienceOf({ call, campaign, recallTo }: LiveCall): number {
  if (call.connectedAt === null) return campaign.answerGraceMs;
  if (call.parkSlot !== null) return parkedPatienceMs;
  return Math.max(campaign.answerGraceMs, recallTo === null ? talkedPatienceMs : recallPatienceMs);
}
