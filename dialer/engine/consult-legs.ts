import { CommandRefused } from '../../core/bus/bus.ts';
import type { MayConnect, Verdict } from '../../campaigns/compliance/index.ts';
import { isWithAgent } from '../calls/call.ts';
import type { Recorder } from '../recordings/recorder.ts';
import type { Actions } from './actions.ts';
import type { AgentPhones } from './agent-phones.ts';
import { bridgeOf, talkBridgeId } from './call-bridges.ts';
import type { DialerContext } from './context.ts';
import { databaseFault } from './refused-leads.ts';
import { mayLeaveUntil } from './leave.ts';
import { agentBridgeId, type LiveAgent } from './live-agents.ts';
import { newCallId, type LiveCall } from './live-calls.ts';
import { Music } from './music.ts';

/** Between attempts of the switch. */
const askAgainMs = 200;
const moveTries = 5;
/** A customer is not kept on hold for a database that is slow. */
const writtenWithinMs = 2_000;
/** So long somebody outside hears nobody while it is asked whether they still may be connected. */
const clearedWithinMs = 2_000;

export interface ConsultLegParts {
  readonly phones: AgentPhones;
  readonly recorder: Recorder;
  readonly isSwitchReady: () => boolean;
  /** As for a customer who has picked up: `no` has ended the call. */
  readonly mayConnect: (side: LiveCall) => Promise<MayConnect>;
}

/**
 * Calls beside a customer's: somebody outside or a colleague is asked, while the customer hears music outside of any
 * bridge. Whatever ends one of the two, the other comes to an end in order as well.
 */
export class ConsultLegs {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #parts: ConsultLegParts;
  readonly #music: Music;

  constructor(ctx: DialerContext, actions: Actions, parts: ConsultLegParts) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#parts = parts;
    this.#music = new Music(ctx);
    ctx.calls.onTransition((live, before) => {
      if (live.call.state !== 'ended' || before === null || before.state === 'ended') return;
      if (live.call.parentId !== null) this.#ended(live);
      else this.#customerGone(live, before.state === 'outside');
    });
  }

  /** Whether the agent still has this customer, asked again after each await. @throws CommandRefused */
  mustHave({ agent }: LiveAgent, { call }: LiveCall): void {
    if (agent.callId !== call.id || agent.state !== 'on-call' || !isWithAgent(call.state))
      throw new CommandRefused('wrong-state', { state: call.state });
  }

  /** Whether the two can hear each other: a customer whose agent's phone is lost waits for it. @throws CommandRefused */
  #mustReach(agent: LiveAgent, customer: LiveCall): void {
    this.mustHave(agent, customer);
    if (agent.agent.phone !== 'up') throw new CommandRefused('phone-not-up');
    mustHaveLeg(customer);
  }

  /** @throws CommandRefused where the switch does not do it */
  async ask(work: () => Promise<unknown>): Promise<void> {
    if (this.#ctx.telephony.state !== 'up') throw new CommandRefused('switch-down');
    try {
      await work();
    } catch (error) {
      this.#ctx.app.log.warn({ error: String(error) }, 'the switch did not do what an agent asked for');
      throw new CommandRefused('switch-refused');
    }
  }

  /** Calls a number outside beside this customer's call, over the campaign's trunks and through the gate. */
  async callOut(agent: LiveAgent, customer: LiveCall, e164: string): Promise<void> {
    const { journal, trunks, app } = this.#ctx;
    if (!this.#parts.isSwitchReady()) throw new CommandRefused('switch-down');
    if (!journal.healthy) throw new CommandRefused('database-down');
    if (!trunks.has(customer.trunkIds)) throw new CommandRefused('no-trunk');
    if (e164 === customer.call.e164) throw new CommandRefused('own-number');
    const callId = newCallId(app.clock.now());
    const leave = await this.#passGate(callId, customer, e164);
    this.mustHave(agent, customer);
    const wasTalking = customer.call.state === 'connected';
    try {
      await this.#putAside(agent, customer);
    } catch (error) {
      if (wasTalking) await this.#asBefore(agent, customer);
      throw error;
    }
    const side = this.#create(customer, { id: callId, direction: 'out', e164 }, leave);
    // In the database before the switch is told of it.
    const written = await this.#unlessOver(side, journal.flushed(), writtenWithinMs);
    if (written) return void this.#actions.dial(side);
    // Taken back, or the customer is gone.
    if (side.call.state === 'ended') return;
    this.#actions.end(side, 'failed', 'system');
    if (wasTalking) await this.#asBefore(agent, customer);
    throw new CommandRefused(journal.healthy ? 'database-slow' : 'database-down');
  }

  /** Whether `work` was done while the call was still wanted, and in time. */
  async #unlessOver(side: LiveCall, work: Promise<unknown>, ms?: number): Promise<boolean> {
    const { calls, app } = this.#ctx;
    const before = side.call.state;
    const over = new Promise<void>((resolve) => {
      side.stopTimers.push(resolve);
      if (ms !== undefined) side.stopTimers.push(app.clock.after(ms, resolve));
    });
    const done = await Promise.race([work.then(() => true, () => false), over.then(() => false)]); // prettier-ignore
    return done && calls.get(side.call.id) === side && side.call.state === before;
  }

  /** Brings a colleague who is free to the agent. @throws CommandRefused; the customer is as before then */
  async askColleague(agent: LiveAgent, customer: LiveCall, colleague: LiveAgent): Promise<void> {
    const { agents, calls, telephony, app } = this.#ctx;
    const { userId } = agent.agent;
    const id = newCallId(app.clock.now());
    const campaignId = customer.campaign.id;
    if (!agents.apply(colleague, { type: 'reserve', callId: id, campaignId }).ok)
      throw new CommandRefused('colleague-not-free');
    const side = this.#create(customer, { id, direction: 'internal', e164: '' });
    const wasTalking = customer.call.state === 'connected';
    try {
      await this.#putAside(agent, customer);
      const isUp = await this.#unlessOver(side, this.#parts.phones.ensureLeg(colleague));
      this.mustHave(agent, customer);
      if (!isUp) throw new CommandRefused('colleague-not-reached');
      const { channelId } = colleague.agent;
      await this.ask(() => telephony.addToBridge(agentBridgeId(userId), [channelId ?? '']));
      this.mustHave(agent, customer);
      const isThere = colleague.agent.callId === id && colleague.agent.phone === 'up';
      if (!isThere || !calls.apply(side, { type: 'consult', userId }).ok)
        throw new CommandRefused('colleague-not-reached');
      agents.apply(colleague, { type: 'connect', callId: id });
    } catch (error) {
      if (colleague.agent.phone === 'up') this.#sendHome(colleague);
      this.#actions.end(side, 'failed', 'system');
      // Taken back by who had asked: that brings the customer back as well, and there is nothing to tell them.
      if (side.call.endedBy === 'agent') return;
      if (wasTalking) await this.#asBefore(agent, customer);
      throw error;
    }
  }

  async #passGate(callId: string, customer: LiveCall, e164: string): Promise<Verdict> {
    const { gate } = this.#ctx;
    const request = { e164, stage: 'dial', path: 'transfer', campaignId: customer.campaign.id } as const;
    const verdict = await gate.mayCall({ ...request, leadId: null, customerId: null, callId });
    if (verdict.allowed) return verdict;
    const lost = databaseFault(verdict);
    if (lost) throw new CommandRefused(lost);
    const { reasonCode, nextAllowedAt } = verdict;
    throw new CommandRefused('blocked-by-gate', { reasonCode, nextAllowedAt });
  }

  #create(
    customer: LiveCall,
    given: { id: string; direction: 'out' | 'internal'; e164: string },
    leave?: Verdict,
  ): LiveCall {
    const { campaign, trunkIds, call } = customer;
    customer.consultEnded = null;
    return this.#ctx.calls.create(
      // Of no campaign: no figure of customers, and no cap, counts it.
      {
        ...given,
        path: 'transfer',
        campaignId: null,
        leadId: null,
        customerId: null,
        attempt: 1,
        parentId: call.id,
      },
      {
        campaign,
        trunkIds,
        forAgent: call.userId,
        holdsLead: false,
        leaveUntil: leave && mayLeaveUntil(leave),
      },
    );
  }

  /** Music for the customer, who leaves the agent's bridge. */
  async #putAside(agent: LiveAgent, customer: LiveCall): Promise<void> {
    const { telephony, calls } = this.#ctx;
    const { channelId } = customer;
    customer.movingTo = null;
    this.#mustReach(agent, customer);
    if (customer.call.state === 'connected') {
      await this.ask(() => telephony.hold(channelId ?? '', true));
      this.#mustReach(agent, customer);
      if (calls.apply(customer, { type: 'hold' }).ok) this.#parts.recorder.hold(customer, true);
    }
    const bridgeId = agentBridgeId(agent.agent.userId);
    await this.ask(() => telephony.removeFromBridge(bridgeId, [channelId ?? '']));
    this.#mustReach(agent, customer);
  }

  /** Customer, agent and who was asked in the agent's bridge. @throws CommandRefused; the customer is aside as before */
  async together(agent: LiveAgent, customer: LiveCall, side: LiveCall): Promise<void> {
    const { telephony, calls } = this.#ctx;
    const bridgeId = agentBridgeId(agent.agent.userId);
    try {
      if (!(await this.move([customer], bridgeId))) throw new CommandRefused('switch-refused');
      this.#mustReach(agent, customer);
      await this.ask(() => telephony.hold(customer.channelId ?? '', false));
      this.#mustReach(agent, customer);
    } catch (error) {
      await this.#stayAside(customer, bridgeId);
      throw error;
    }
    // Who has hung up meanwhile leaves the two to each other.
    const type = calls.aside(customer.call.id) === side ? 'conference' : 'resume';
    if (type === 'resume') customer.consultEnded = null;
    if (calls.apply(customer, { type }).ok) this.#parts.recorder.hold(customer, false);
  }

  /**
   * The customer alone on hold, and agent and who was asked to themselves. @throws CommandRefused; three talk on then, or
   * the customer is on hold where the switch does not do that either
   */
  async apart(agent: LiveAgent, customer: LiveCall): Promise<void> {
    const side = this.#ctx.calls.aside(customer.call.id);
    try {
      await this.#putAside(agent, customer);
    } catch (error) {
      // What was refused may have been done, and only its answer lost.
      if (side) await this.together(agent, customer, side).catch(() => {});
      throw error;
    }
  }

  /** What the call says is what the customer hears: on hold, and in no bridge where somebody is asked. */
  async #stayAside(customer: LiveCall, bridgeId: string): Promise<void> {
    const { telephony, calls } = this.#ctx;
    customer.movingTo = null;
    const { channelId } = customer;
    void this.#music.follow(customer);
    if (customer.call.state !== 'held' || channelId === null) return;
    if (bridgeOf(customer, calls) === null)
      await telephony.removeFromBridge(bridgeId, [channelId]).catch(() => {});
  }

  /** Whoever was called beside a customer's call has picked up. */
  answered(side: LiveCall, channelId: string): void {
    const { channels, calls } = this.#ctx;
    if (side.channelId !== channelId || side.call.state === 'ended') return channels.drop(channelId);
    if (side.call.state !== 'dialing' && side.call.state !== 'ringing') return;
    if (calls.apply(side, { type: 'answer' }).ok) void this.join(side);
  }

  /** To the agent who asked, or to the customer where that agent has left; nobody whose number was closed meanwhile. */
  async join(side: LiveCall): Promise<void> {
    const { calls, agents } = this.#ctx;
    if (side.call.direction === 'out' && !(await this.#isClear(side))) return;
    const customer = calls.get(side.call.parentId ?? '');
    const userId = customer?.call.userId;
    if (!customer || userId == null) return this.#actions.end(side, 'failed', 'system');
    if (customer.call.state !== 'transferring') {
      const moved = await this.move([side], agentBridgeId(userId));
      if (side.call.state !== 'waiting') return;
      const agent = agents.get(userId)?.agent;
      const isThere = customer.call.userId === userId && agent?.callId === customer.call.id;
      if (moved && isThere && customer.call.state === 'held' && agent.phone === 'up')
        return void calls.apply(side, { type: 'consult', userId });
    }
    const handedOut = customer.call.state === 'transferring' && (await this.handOut(customer, side));
    if (!handedOut) this.#actions.end(side, 'failed', 'system');
  }

  /** False where the call has ended, also as the database does not say in time whether the two may have each other. */
  async #isClear(side: LiveCall): Promise<boolean> {
    const { clock } = this.#ctx.app;
    const giveUpAt = clock.now() + clearedWithinMs;
    for (;;) {
      const may = await this.#parts.mayConnect(side);
      if (side.call.state !== 'waiting') return false;
      if (may === 'yes') return true;
      if (clock.now() >= giveUpAt) break;
      await new Promise<void>((resolve) => clock.after(askAgainMs, resolve));
      if (side.call.state !== 'waiting') return false;
    }
    this.#actions.end(side, 'failed', 'system');
    return false;
  }

  /** False where the switch did not do it. Its events are expected until the calls move on. */
  async move(lives: readonly LiveCall[], bridgeId: string): Promise<boolean> {
    const channelIds = lives.flatMap(({ channelId }) => channelId ?? []);
    for (const live of lives) live.movingTo = bridgeId;
    try {
      await this.#ctx.telephony.addToBridge(bridgeId, channelIds);
      return channelIds.length === lives.length;
    } catch (error) {
      this.#ctx.app.log.warn({ bridgeId, error: String(error) }, 'legs could not be brought into a bridge');
      return false;
    }
  }

  /** The customer and the number outside have each other, in a bridge without an agent. */
  async handOut(customer: LiveCall, side: LiveCall): Promise<boolean> {
    const { telephony, calls } = this.#ctx;
    const bridgeId = talkBridgeId(customer.call.id);
    const before = customer.call.state;
    const userId = customer.call.userId ?? 0;
    const done = await telephony
      .createBridge(bridgeId, 'mixing')
      .then(() => this.move([customer, side], bridgeId))
      .then(async (moved) => moved && (await telephony.hold(customer.channelId ?? '', false), true))
      .catch(() => false);
    const isWanted = customer.call.state === before && ['waiting', 'connected'].includes(side.call.state);
    if (done && isWanted && calls.apply(customer, { type: 'hand-out' }).ok) {
      if (side.call.state === 'waiting') calls.apply(side, { type: 'consult', userId });
      return true;
    }
    await this.#undo(customer, side);
    telephony.destroyBridge(bridgeId).catch(() => {});
    return false;
  }

  /** Where a move failed half-way: the customer hears music in no bridge, and the other side is with the agent. */
  async #undo(customer: LiveCall, side: LiveCall): Promise<void> {
    const { telephony, calls } = this.#ctx;
    customer.movingTo = null;
    if (customer.call.state === 'held' || customer.call.state === 'transferring') {
      const channelId = customer.channelId ?? '';
      await telephony.hold(channelId, true).catch(() => {});
      await telephony.removeFromBridge(talkBridgeId(customer.call.id), [channelId]).catch(() => {});
    }
    // In a talk of three both are.
    for (const live of [customer, side]) {
      const home = live.call.state === 'connected' ? bridgeOf(live, calls) : null;
      if (home) await this.bringTo(live, home);
    }
  }

  /** The customer is back with the agent, and the music ends. @throws CommandRefused; what they hear is as their call says */
  async resume(agent: LiveAgent, customer: LiveCall): Promise<void> {
    const { telephony, calls } = this.#ctx;
    const channelId = customer.channelId ?? '';
    try {
      this.#mustReach(agent, customer);
      // Whatever the call's state says, the leg may be elsewhere still.
      await this.ask(() => telephony.addToBridge(agentBridgeId(agent.agent.userId), [channelId]));
      this.#mustReach(agent, customer);
      await this.ask(() => telephony.hold(channelId, false));
      this.#mustReach(agent, customer);
    } catch (error) {
      void this.#music.follow(customer);
      throw error;
    }
    customer.consultEnded = null;
    if (customer.call.state === 'held' && calls.apply(customer, { type: 'resume' }).ok)
      this.#parts.recorder.hold(customer, false);
  }

  /** Who talked with the agent does so again, where the switch does it. */
  async #asBefore(agent: LiveAgent, customer: LiveCall): Promise<void> {
    await this.resume(agent, customer).catch(() => {});
  }

  #ended(side: LiveCall): void {
    const { calls, agents } = this.#ctx;
    const { id, parentId, e164, connectedAt, outcome, hangupCause } = side.call;
    const colleague = side.call.direction === 'internal' ? agents.byCall(id) : undefined;
    if (colleague && connectedAt !== null) this.#sendHome(colleague);
    const customer = calls.get(parentId ?? '');
    if (!customer) return;
    const userId = colleague?.agent.userId ?? null;
    // Given to them, they are no longer asked.
    if (!isWithAgent(customer.call.state) || customer.call.state === 'held')
      customer.consultEnded = {
        callId: id,
        e164,
        userId,
        connectedAt,
        outcome: outcome ?? 'failed',
        hangupCause,
      };
    const home = bridgeOf(customer, calls);
    // On hold, and with the agent again: as a hold without anybody beside it.
    if (customer.call.state === 'held' && home !== null) void this.bringTo(customer, home);
    else if (customer.call.state === 'transferring') this.recall(customer);
    else if (customer.call.state === 'outside') this.#actions.end(customer, 'answered', 'system');
  }

  #customerGone(customer: LiveCall, wasOutside: boolean): void {
    const side = this.#ctx.calls.aside(customer.call.id);
    if (side) this.#actions.end(side, 'cancelled', 'system');
    if (wasOutside) this.#ctx.telephony.destroyBridge(talkBridgeId(customer.call.id)).catch(() => {});
  }

  /** A colleague's leg back into its own bridge; one that cannot be brought there is rung anew. */
  #sendHome(colleague: LiveAgent): void {
    const { userId, channelId, legMode } = colleague.agent;
    // Rung for this talk alone it ends with it, and that it is not there any more is no fault of theirs.
    if (channelId === null || legMode === 'per-call') return;
    this.#ctx.telephony
      .addToBridge(agentBridgeId(userId), [channelId])
      .catch(() => this.#parts.phones.suspect(colleague));
  }

  /**
   * Into a bridge, and again until the leg is there or belongs elsewhere: left where it was, it would be heard by whoever
   * comes there next. With a switch that is away, the reconciliation sees to it. Resolves with whether it is there.
   */
  async bringTo(live: LiveCall, bridgeId: string): Promise<boolean> {
    const { telephony, app, calls } = this.#ctx;
    const isWanted = () => bridgeOf(live, calls) === bridgeId && telephony.state === 'up';
    for (let left = moveTries; left > 0 && isWanted(); left -= 1) {
      if (await this.move([live], bridgeId)) return true;
      await new Promise<void>((resolve) => void app.clock.after(askAgainMs, resolve));
    }
    if (isWanted()) this.#actions.end(live, 'failed', 'system');
    return false;
  }

  /** What the customer was given away to came to nothing: back to who had them, or else to somebody free. */
  recall(customer: LiveCall): void {
    if (!this.#ctx.calls.apply(customer, { type: 'reroute' }).ok) return;
    customer.recallTo = customer.call.userId;
    customer.forAgent = null;
    this.#actions.personWaits(customer);
  }
}

/** Taken up from an earlier run, a customer has no leg until the switch has told of it. @throws CommandRefused */
export function mustHaveLeg({ channelId }: LiveCall): void {
  if (channelId === null) throw new CommandRefused('switch-down');
}
