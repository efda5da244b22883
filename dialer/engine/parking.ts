import { CommandRefused } from '../../core/bus/bus.ts';
import { inTime } from '../../core/database/in-time.ts';
import { isWithAgent, type Call } from '../calls/call.ts';
import { phoneUsable } from '../agents/agent.ts';
import { parkLimitSetting } from '../parking/parking-settings.ts';
import type { Recorder } from '../recordings/recorder.ts';
import type { Actions } from './actions.ts';
import type { AgentDesk } from './agent-desk.ts';
import type { AgentPhones } from './agent-phones.ts';
import type { Answering } from './answering.ts';
import type { CallsInHand } from './calls-in-hand.ts';
import type { ConsultLegs } from './consult-legs.ts';
import type { DialerContext } from './context.ts';
import { agentBridgeId, type LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';
import { Music } from './music.ts';
import type { Roster } from './roster.ts';

/** So long it rings at whoever has parked it before anybody else is asked. */
const ringsAloneMs = 20_000;
/** A dialer that was started anew gives people and phones so long to be there again. */
const takenUpMs = 5_000;

export interface ParkingParts {
  readonly answering: Pick<Answering, 'takeUp'>;
  readonly desk: Pick<AgentDesk, 'keepNote'>;
  readonly inHand: CallsInHand;
  readonly legs: ConsultLegs;
  readonly phones: AgentPhones;
  readonly recorder: Recorder;
  readonly roster: Pick<Roster, 'serves'>;
}

/** Who has parked it, and who works on its campaign. */
export function mayTakeUp(roster: Pick<Roster, 'serves'>, userId: number, { call }: LiveCall): boolean {
  return call.userId === userId || roster.serves(userId, call.campaignId);
}

/**
 * Customers whom an agent has put aside to be free for something else: with music, in no bridge, under a number of their
 * own. Whoever may takes them up; who is left there for too long rings back to who has parked them, then to anybody.
 */
export class Parking {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #parts: ParkingParts;
  readonly #music: Music;

  constructor(ctx: DialerContext, actions: Actions, parts: ParkingParts) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#parts = parts;
    this.#music = new Music(ctx);
    ctx.calls.onTransition((live, before, event) => {
      if (before?.parkSlot != null && event.type === 'connect') this.#taken(live, before);
    });
  }

  /** @throws CommandRefused; the customer is with the agent as before then */
  async park(agent: LiveAgent, customer: LiveCall): Promise<void> {
    this.#mustDo(agent, customer);
    await this.#parts.inHand.alone(customer.call.id, async () => {
      if (this.#ctx.calls.aside(customer.call.id)) throw new CommandRefused('consult-goes-on');
      const { legs, phones, recorder } = this.#parts;
      const { telephony, calls, agents } = this.#ctx;
      const channelId = customer.channelId ?? '';
      try {
        const limitMs = await this.#limitMs();
        this.#mustDo(agent, customer);
        await legs.ask(() => telephony.hold(channelId, true));
        this.#mustDo(agent, customer);
        await legs.ask(() => telephony.removeFromBridge(agentBridgeId(agent.agent.userId), [channelId]));
        this.#mustDo(agent, customer);
        if (!calls.apply(customer, { type: 'park', slot: this.#freeSlot() }).ok)
          throw new CommandRefused('wrong-state', { state: customer.call.state });
        this.#watch(customer, limitMs);
      } catch (error) {
        await this.#keep(agent, customer);
        throw error;
      }
      customer.forAgent = null;
      customer.consultEnded = null;
      recorder.stop(customer);
      agents.apply(agent, { type: 'call-parked' });
      phones.callOver(agent);
    });
  }

  /** @throws CommandRefused; the customer stays parked then, or rings on */
  async takeUp(agent: LiveAgent, callId: string): Promise<void> {
    const { calls, telephony } = this.#ctx;
    const customer = calls.get(callId);
    if (!customer || customer.call.parkSlot === null) throw new CommandRefused('parked-gone');
    if (!mayTakeUp(this.#parts.roster, agent.agent.userId, customer))
      throw new CommandRefused('not-assigned-to-campaign');
    if (telephony.state !== 'up') throw new CommandRefused('switch-down');
    await this.#parts.inHand.alone(callId, () => this.#parts.answering.takeUp(customer, agent));
  }

  /** Of an earlier run: its clock is gone with that. */
  takenUp(customer: LiveCall): void {
    void this.#limitMs().then((limitMs) => {
      if (customer.call.state === 'parked') this.#watch(customer, limitMs);
    });
  }

  #watch(customer: LiveCall, limitMs: number): void {
    const { clock } = this.#ctx.app;
    const now = clock.now();
    const at = (customer.call.leftAt ?? now) + limitMs;
    customer.ringsBackAt = Math.max(at, now + takenUpMs);
    customer.stopTimers.push(clock.after(customer.ringsBackAt - now, () => void this.#ringBack(customer)));
  }

  /** Somebody who is taking it up at this moment comes first. */
  async #ringBack(customer: LiveCall): Promise<void> {
    const { agents, calls, app } = this.#ctx;
    await this.#parts.inHand.idle(customer.call.id);
    const { userId, state } = customer.call;
    if (state !== 'parked' || !calls.apply(customer, { type: 'reroute' }).ok) return;
    const parker = userId === null ? undefined : agents.get(userId)?.agent;
    const isThere = parker !== undefined && parker.state !== 'signed-out' && phoneUsable(parker);
    customer.recallTo = userId;
    customer.recallAloneUntil = isThere ? app.clock.now() + ringsAloneMs : 0;
    this.#actions.personWaits(customer);
  }

  /** Who has them now says what came of it; who had parked them may have typed something. */
  #taken(customer: LiveCall, { userId: parker }: Call): void {
    const { agents, calls } = this.#ctx;
    const { userId } = customer.call;
    customer.recallAloneUntil = 0;
    customer.ringsBackAt = null;
    if (parker !== null && parker !== userId) {
      customer.handedOnBy = parker;
      this.#parts.desk.keepNote(customer, parker);
    }
    const taker = userId === null ? undefined : agents.get(userId);
    const { after } = taker?.agent ?? {};
    const isPause = after?.to === 'paused' && after.reason === 'call-parked';
    const others = [...calls.parked()].some(({ call }) => call.userId === userId);
    // The pause was for this customer alone.
    if (taker && isPause && !others) agents.apply(taker, { type: 'ready' });
  }

  /** What it is set to; while the database is away, what it was, or what it is everywhere. */
  #limitMs(): Promise<number> {
    const { clock, settings } = this.#ctx.app;
    const usual = () => parkLimitSetting.fallback;
    return inTime(clock, settings.get(parkLimitSetting), usual).catch(usual);
  }

  #freeSlot(): number {
    const taken = new Set([...this.#ctx.calls.parked()].map(({ call }) => call.parkSlot));
    let slot = 1;
    while (taken.has(slot)) slot += 1;
    return slot;
  }

  #mustDo(agent: LiveAgent, customer: LiveCall): void {
    this.#parts.legs.mustHave(agent, customer);
    if (agent.agent.phone !== 'up') throw new CommandRefused('phone-not-up');
  }

  /** Nothing came of it: back in the agent's bridge, with music where they are on hold. */
  async #keep({ agent }: LiveAgent, customer: LiveCall): Promise<void> {
    const { state, userId, id } = customer.call;
    if (agent.callId !== id || userId !== agent.userId || !isWithAgent(state)) return;
    void this.#music.follow(customer);
    await this.#parts.legs.bringTo(customer, agentBridgeId(agent.userId));
  }
}
