import { CommandRefused } from '../../core/bus/bus.ts';
import { phoneUsable } from '../agents/agent.ts';
import type { Colleague, TransferTarget } from '../protocol.ts';
import type { Recorder } from '../recordings/recorder.ts';
import type { Actions } from './actions.ts';
import type { AgentPhones } from './agent-phones.ts';
import type { CallsInHand } from './calls-in-hand.ts';
import type { ConsultLegs } from './consult-legs.ts';
import type { DialerContext } from './context.ts';
import { agentBridgeId, type LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';
import type { Roster } from './roster.ts';

export interface TransferParts {
  readonly phones: AgentPhones;
  readonly recorder: Recorder;
  readonly legs: ConsultLegs;
  readonly inHand: CallsInHand;
  readonly roster: Pick<Roster, 'serves'>;
}

/** What an agent does to give a customer to somebody else: at once, or after having asked. */
export class Transfers {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #parts: TransferParts;

  constructor(ctx: DialerContext, actions: Actions, parts: TransferParts) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#parts = parts;
  }

  /** Who could be asked or given the customer: at this switch, as no voice goes from one to another. */
  colleagues(agent: LiveAgent, customer: LiveCall): Colleague[] {
    return this.#ctx.agents
      .signedIn()
      .filter((one) => one !== agent)
      .map(({ agent: { userId, state }, agent: one, name }) => ({
        ...{ userId, name, state, isFree: state === 'ready' && phoneUsable(one) },
        isOnCampaign: this.#parts.roster.serves(userId, customer.campaign.id),
      }))
      .sort((a, b) => Number(b.isFree) - Number(a.isFree) || Number(b.isOnCampaign) - Number(a.isOnCampaign) || a.name.localeCompare(b.name)); // prettier-ignore
  }

  /** The customer goes to somebody else at once. @throws CommandRefused; the customer stays then */
  transfer(agent: LiveAgent, customer: LiveCall, target: TransferTarget): Promise<void> {
    return this.#alone(agent, customer, async () => {
      this.#mustBeAlone(customer);
      if ('userId' in target) return this.#give(agent, customer, this.#free(agent, target.userId));
      await this.#parts.legs.callOut(agent, customer, target.e164);
      this.#sendOut(agent, customer);
    });
  }

  /** The customer hears music while somebody is asked. @throws CommandRefused */
  consult(agent: LiveAgent, customer: LiveCall, target: TransferTarget): Promise<void> {
    return this.#alone(agent, customer, async () => {
      this.#mustBeAlone(customer);
      const { legs } = this.#parts;
      if ('userId' in target) await legs.askColleague(agent, customer, this.#free(agent, target.userId));
      else await legs.callOut(agent, customer, target.e164);
    });
  }

  /**
   * Whoever was asked is let go, and the customer is back; also whoever is still being fetched, as what fetches them sees
   * then that they are not wanted any more. @throws CommandRefused
   */
  async takeBack(agent: LiveAgent, customer: LiveCall): Promise<void> {
    this.#mustDo(agent, customer);
    this.#letGoOfAsked(customer);
    await this.#parts.inHand.idle(customer.call.id);
    await this.#alone(agent, customer, () => {
      this.#letGoOfAsked(customer);
      return this.#parts.legs.resume(agent, customer);
    });
  }

  #letGoOfAsked(customer: LiveCall): void {
    const side = this.#ctx.calls.aside(customer.call.id);
    if (side) this.#actions.end(side, 'cancelled', 'agent');
  }

  /** The customer comes to the agent and who was asked, or is put aside again. @throws CommandRefused */
  conference(agent: LiveAgent, customer: LiveCall, on: boolean): Promise<void> {
    return this.#alone(agent, customer, async () => {
      const side = this.#ctx.calls.aside(customer.call.id);
      if (!side) throw new CommandRefused('nobody-asked');
      if (side.call.state !== 'connected') throw new CommandRefused('not-picked-up');
      if ((customer.call.state === 'connected') === on) return;
      if (on) await this.#parts.legs.together(agent, customer, side);
      else await this.#parts.legs.apart(agent, customer);
    });
  }

  /** Whoever was asked gets the customer, and the agent leaves. @throws CommandRefused */
  complete(agent: LiveAgent, customer: LiveCall): Promise<void> {
    return this.#alone(agent, customer, async () => {
      const side = this.#ctx.calls.aside(customer.call.id);
      if (!side) throw new CommandRefused('nobody-asked');
      if (side.call.direction === 'internal') return this.#giveToAsked(agent, customer, side);
      // One that rings still: the customer waits for it without the agent.
      if (side.call.state !== 'connected') return this.#sendOut(agent, customer);
      if (!(await this.#parts.legs.handOut(customer, side))) throw new CommandRefused('switch-refused');
      this.#leave(agent, customer);
    });
  }

  async #alone(agent: LiveAgent, customer: LiveCall, work: () => Promise<void>): Promise<void> {
    this.#mustDo(agent, customer);
    await this.#parts.inHand.alone(customer.call.id, work);
  }

  #mustDo(agent: LiveAgent, customer: LiveCall): void {
    this.#parts.legs.mustHave(agent, customer);
    if (agent.agent.phone !== 'up') throw new CommandRefused('phone-not-up');
  }

  #mustBeAlone({ call }: LiveCall): void {
    if (this.#ctx.calls.aside(call.id)) throw new CommandRefused('consult-goes-on');
  }

  #free(agent: LiveAgent, userId: number): LiveAgent {
    const colleague = this.#ctx.agents.get(userId);
    const isFree = colleague?.agent.state === 'ready' && phoneUsable(colleague.agent);
    if (!colleague || !isFree || colleague === agent) throw new CommandRefused('colleague-not-free');
    return colleague;
  }

  /** The customer is with the agent until the colleague's phone is there. */
  async #give(agent: LiveAgent, customer: LiveCall, colleague: LiveAgent): Promise<void> {
    const { agents, telephony } = this.#ctx;
    const { id: callId } = customer.call;
    const { userId } = colleague.agent;
    const { legs, phones } = this.#parts;
    const campaignId = customer.campaign.id;
    if (!agents.apply(colleague, { type: 'reserve', callId, campaignId }).ok)
      throw new CommandRefused('colleague-not-free');
    try {
      await phones.ensureLeg(colleague).catch(() => {
        throw new CommandRefused('colleague-not-reached');
      });
      legs.mustHave(agent, customer);
      if (!(await legs.move([customer], agentBridgeId(userId)))) throw new CommandRefused('switch-refused');
      if (customer.call.state === 'held')
        await legs.ask(() => telephony.hold(customer.channelId ?? '', false));
      legs.mustHave(agent, customer);
      if (colleague.agent.callId !== callId || colleague.agent.phone !== 'up')
        throw new CommandRefused('colleague-not-reached');
    } catch (error) {
      await this.#keep(agent, customer);
      if (colleague.agent.callId === callId && colleague.agent.state === 'reserved') {
        phones.callOver(colleague);
        agents.apply(colleague, { type: 'release' });
      }
      throw error;
    }
    this.#handOver(agent, customer, colleague);
    agents.apply(colleague, { type: 'connect', callId });
    this.#record(customer, userId);
  }

  /** The colleague who was asked goes back to their own bridge, and the customer comes there. */
  async #giveToAsked(agent: LiveAgent, customer: LiveCall, side: LiveCall): Promise<void> {
    const { agents, telephony } = this.#ctx;
    const { legs } = this.#parts;
    const colleague = agents.byCall(side.call.id);
    if (!colleague || side.call.state !== 'connected') throw new CommandRefused('colleague-not-reached');
    const { userId, channelId } = colleague.agent;
    const bridgeId = agentBridgeId(userId);
    try {
      await legs.ask(() => telephony.addToBridge(bridgeId, [channelId ?? '']));
      if (!(await legs.move([customer], bridgeId))) throw new CommandRefused('switch-refused');
      await legs.ask(() => telephony.hold(customer.channelId ?? '', false));
      legs.mustHave(agent, customer);
      if (side.call.state !== 'connected' || colleague.agent.phone !== 'up')
        throw new CommandRefused('colleague-not-reached');
    } catch (error) {
      await this.#keep(agent, customer);
      // The talk with the colleague is over; the customer is on hold with the agent.
      this.#actions.end(side, 'failed', 'system');
      throw error;
    }
    this.#handOver(agent, customer, colleague);
    agents.apply(colleague, { type: 'take-over', callId: customer.call.id });
    this.#actions.end(side, 'answered', 'agent');
    this.#record(customer, userId);
  }

  /** The customer has been given to nobody: with the agent as before. */
  async #keep({ agent }: LiveAgent, customer: LiveCall): Promise<void> {
    const { telephony } = this.#ctx;
    const { state, userId, id } = customer.call;
    if (agent.callId !== id || userId !== agent.userId || (state !== 'held' && state !== 'connected')) return;
    if (state === 'held') await telephony.hold(customer.channelId ?? '', true).catch(() => {});
    await this.#parts.legs.bringTo(customer, agentBridgeId(agent.userId));
  }

  #handOver(agent: LiveAgent, customer: LiveCall, colleague: LiveAgent): void {
    this.#ctx.calls.apply(customer, { type: 'transfer', userId: colleague.agent.userId });
    customer.handedOnBy = agent.agent.userId;
    customer.consultEnded = null;
    this.#leave(agent, customer);
  }

  /** Nobody is with the customer until the number that is being called picks up. */
  #sendOut(agent: LiveAgent, customer: LiveCall): void {
    this.#parts.legs.mustHave(agent, customer);
    const side = this.#ctx.calls.aside(customer.call.id);
    if (!side || !this.#ctx.calls.apply(customer, { type: 'send-out' }).ok)
      throw new CommandRefused('nobody-asked');
    this.#leave(agent, customer);
  }

  #leave(agent: LiveAgent, customer: LiveCall): void {
    const { agents, app } = this.#ctx;
    customer.forAgent = null;
    this.#parts.recorder.stop(customer);
    const wrapupUntil = app.clock.now() + customer.campaign.wrapupLimitMs;
    agents.apply(agent, { type: 'call-ended', wrapupUntil });
    this.#parts.phones.callOver(agent);
  }

  #record(customer: LiveCall, userId: number): void {
    if (customer.campaign.recording) this.#parts.recorder.start(customer, userId);
  }
}
