import { CommandRefused } from '../../core/bus/bus.ts';
import { within } from '../../core/database/in-time.ts';
import type { Callback, ReservedLead } from '../../campaigns/index.ts';
import type { GatePath, GateStage, Verdict } from '../../campaigns/compliance/index.ts';
import type { AgentState } from '../agents/agent.ts';
import { advanceAgent } from '../agents/agent-transition.ts';
import type { Actions } from './actions.ts';
import type { AgentPhones } from './agent-phones.ts';
import { notCalledElsewhere, waitForOtherCall } from './called-elsewhere.ts';
import type { DialerContext } from './context.ts';
import { databaseFault, setAside } from './refused-leads.ts';
import { mayLeaveUntil } from './leave.ts';
import type { LiveAgent } from './live-agents.ts';
import { newCallId, type LiveCall } from './live-calls.ts';
import { askOtherNumbers } from './other-numbers.ts';
import type { Roster, RosterEntry } from './roster.ts';
import { unmarkDialing } from './settle-lead.ts';

const silentMs = 5_000;

export interface AgentDial {
  readonly campaignId: number;
  readonly e164: string;
  readonly customerId?: number;
  readonly callbackId?: number;
}

/** Whom to call for one agent: the lead where there is one that can be held, else only whose number it is. */
interface Target {
  readonly e164: string;
  readonly path: GatePath;
  readonly lead: ReservedLead | null;
  readonly leadId: number | null;
  readonly customerId: number | null;
}

export interface AgentCallParts {
  readonly roster: Roster;
  readonly phones: AgentPhones;
  readonly isSwitchReady: () => boolean;
}

/** Calls that an agent places: a number by hand, a callback, a preview. They pass the gate like any other. */
export class AgentCalls {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #parts: AgentCallParts;

  constructor(ctx: DialerContext, actions: Actions, parts: AgentCallParts) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#parts = parts;
  }

  /** All that can refuse it is asked first: a refusal leaves the agent as they were. @throws CommandRefused */
  async dial(agent: LiveAgent, request: AgentDial): Promise<void> {
    const entry = this.#parts.roster.entries.get(request.campaignId);
    if (!entry) throw new CommandRefused('campaign-not-running');
    if (!entry.agentIds.has(agent.agent.userId)) throw new CommandRefused('not-assigned-to-campaign');
    this.#mustBeFree(agent);
    const callId = newCallId(this.#ctx.app.clock.now());
    try {
      await this.#dial(agent, entry, callId, request);
    } finally {
      this.#ctx.calls.unclaim(callId);
    }
  }

  async #dial(agent: LiveAgent, entry: RosterEntry, callId: string, request: AgentDial): Promise<void> {
    const target = await this.#dialable(agent, entry, callId, request);
    const { state, since: at } = agent.agent;
    const { campaignId } = request;
    const reserved = this.#ctx.agents.apply(agent, { type: 'reserve', callId, campaignId });
    if (!reserved.ok) {
      const refusal = new CommandRefused(reserved.reason, { state: reserved.state });
      if (target.lead) this.#giveBack(target.lead, refusal);
      throw refusal;
    }
    await this.#orRelease(agent, callId, { state, at }, () => this.#place(agent, entry, callId, target));
  }

  /** Whom it calls, with the lead held and the gate's leave. Nothing is held after a refusal. */
  async #dialable(agent: LiveAgent, entry: RosterEntry, callId: string, request: AgentDial): Promise<Target> {
    let target: Target | null = null;
    try {
      this.#mustHaveLine(entry);
      target = await this.#targetOf(agent, request);
      if (!this.#ctx.calls.claim(callId, target)) throw new CommandRefused('number-in-call');
      await this.#askGate('reserve', callId, entry, target);
      return target;
    } catch (error) {
      if (target?.lead) this.#giveBack(target.lead, error);
      throw this.#inWords(callId, error);
    }
  }

  /** What a call cannot do without, and what nobody at the desk can help. @throws CommandRefused */
  mustStand(): void {
    if (!this.#parts.isSwitchReady()) throw new CommandRefused('switch-down');
    if (!this.#ctx.journal.healthy) throw new CommandRefused('database-down');
  }

  #mustHaveLine(entry: RosterEntry): void {
    const { trunks, callerNumbers } = this.#ctx;
    this.mustStand();
    if (!trunks.has(entry.trunkIds)) throw new CommandRefused('no-trunk');
    if (callerNumbers.lack(entry.campaign.numberPoolId)) throw new CommandRefused('numbers-used-up');
  }

  /** Asked without taking the agent anywhere. */
  #mustBeFree({ agent }: LiveAgent): void {
    const could = advanceAgent(agent, { type: 'reserve', callId: null, campaignId: 0 }, agent.since);
    if (!could.ok) throw new CommandRefused(could.reason, { state: could.state });
  }

  /** The agent has looked at the preview and wants the call. @throws CommandRefused */
  async dialPreview(agent: LiveAgent, entry: RosterEntry, lead: ReservedLead): Promise<void> {
    const callId = newCallId(this.#ctx.app.clock.now());
    const assigned = this.#ctx.agents.apply(agent, { type: 'assign', callId });
    if (!assigned.ok) throw new CommandRefused(assigned.reason, { state: assigned.state });
    const { e164, customerId, id: leadId } = lead;
    try {
      await this.#orRelease(agent, callId, undefined, async () => {
        if (!this.#ctx.calls.claim(callId, lead)) {
          await waitForOtherCall(this.#ctx, lead);
          throw new CommandRefused('number-in-call');
        }
        await this.#place(agent, entry, callId, { e164, path: 'preview', lead, leadId, customerId });
      });
    } finally {
      this.#ctx.calls.unclaim(callId);
    }
  }

  /**
   * Dials a callback that this free agent has promised, with the agent reserved for it. Whoever gave the lead has it
   * back after a refusal. @throws CommandRefused
   */
  async dialOwn(agent: LiveAgent, entry: RosterEntry, lead: ReservedLead): Promise<void> {
    const callId = newCallId(this.#ctx.app.clock.now());
    const { state, since: at } = agent.agent;
    const { e164, customerId, id: leadId } = lead;
    const campaignId = entry.campaign.id;
    const reserved = this.#ctx.agents.apply(agent, { type: 'reserve', callId, campaignId });
    if (!reserved.ok) throw new CommandRefused(reserved.reason, { state: reserved.state });
    try {
      await this.#orRelease(agent, callId, { state, at }, async () => {
        if (!this.#ctx.calls.claim(callId, lead)) {
          await waitForOtherCall(this.#ctx, lead);
          throw new CommandRefused('number-in-call');
        }
        await this.#place(agent, entry, callId, { e164, path: 'callback', lead, leadId, customerId });
      });
    } catch (error) {
      // A phone that rang for it and was not picked up would ring for the next one.
      const isPhones = error instanceof CommandRefused && error.reason === 'phone-not-up';
      if (isPhones && agent.agent.state === 'ready' && this.#ctx.telephony.state === 'up')
        this.#parts.phones.suspect(agent);
      throw error;
    } finally {
      this.#ctx.calls.unclaim(callId);
    }
  }

  async #orRelease(
    agent: LiveAgent,
    callId: string,
    since: { state: AgentState; at: number } | undefined,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      const live = this.#ctx.calls.get(callId);
      if (agent.agent.callId === callId && agent.agent.state === 'reserved') {
        if (live) this.#parts.phones.callOver(agent);
        this.#ctx.agents.apply(agent, { type: 'release', since });
      }
      // The agent is out of it: nothing of a call that was never dialled is wrapped up.
      if (live) this.#actions.end(live, 'cancelled', 'system');
      throw this.#inWords(callId, error);
    }
  }

  #inWords(callId: string, error: unknown): CommandRefused {
    if (error instanceof CommandRefused) return error;
    this.#ctx.app.log.warn({ call: callId, error: String(error) }, 'agent’s call could not be placed');
    return new CommandRefused('database-down');
  }

  async #targetOf(agent: LiveAgent, request: AgentDial): Promise<Target> {
    const { stores } = this.#ctx;
    let leadId: number | null = null;
    let { customerId = null }: { customerId?: number | null } = request;
    if (request.callbackId !== undefined)
      ({ leadId, customerId } = await this.#callbackOf(agent, request, request.callbackId));
    if (customerId !== null) await this.#mustBeTheirs(customerId, request.e164);
    if (leadId === null && customerId !== null)
      leadId = (await stores.leads.ofCustomer(request.campaignId, customerId))?.id ?? null;
    const path: GatePath = request.callbackId === undefined ? 'manual' : 'callback';
    if (leadId === null) return { e164: request.e164, path, lead: null, leadId, customerId };
    const held = await this.#reserve(leadId);
    if (held.moved) return { e164: request.e164, path, lead: held.lead, leadId, customerId };
    // In another call, or about to be; a finished lead may be called by hand, and stays finished.
    if (held.reason === 'wrong-state' && (held.state === 'reserved' || held.state === 'dialing'))
      throw new CommandRefused('lead-gone');
    return { e164: request.e164, path, lead: null, leadId, customerId };
  }

  /** Where the answer is lost, it may be held all the same. */
  async #reserve(leadId: number) {
    const { stores, app, dialerId } = this.#ctx;
    const now = app.clock.now();
    try {
      return await stores.leads.reserveOne(leadId, dialerId, now);
    } catch (error) {
      this.#release(leadId, now);
      throw error;
    }
  }

  /** The promise that is to be kept: the agent's own or anyone's, due or not. */
  async #callbackOf(agent: LiveAgent, request: AgentDial, callbackId: number): Promise<Callback> {
    const callback = await this.#ctx.stores.callbacks.get(callbackId);
    if (callback?.state !== 'open' || callback.campaignId !== request.campaignId)
      throw new CommandRefused('lead-gone');
    if (callback.userId !== null && callback.userId !== agent.agent.userId)
      throw new CommandRefused('callback-not-yours');
    return callback;
  }

  /** A call in a customer's name goes to a number of that customer's. */
  async #mustBeTheirs(customerId: number, e164: string): Promise<void> {
    const customer = await this.#ctx.stores.customers.get(customerId);
    if (!customer?.phones.some((phone) => phone.e164 === e164)) throw new CommandRefused('number-not-theirs');
  }

  async #place(agent: LiveAgent, entry: RosterEntry, callId: string, target: Target): Promise<void> {
    const { app, stores, calls, journal, dialerId } = this.#ctx;
    const { lead } = target;
    let live: LiveCall | null = null;
    let markedAt: number | null = null;
    try {
      this.#mustHaveLine(entry);
      await this.#parts.phones.ensureLeg(agent).catch(() => {
        throw new CommandRefused('phone-not-up');
      });
      const leave = await this.#askGate('dial', callId, entry, target);
      this.#mustWait(agent, callId);
      markedAt = app.clock.now();
      const dialing = lead ? await this.#inTime(stores.leads.toDialing(lead.id, dialerId, markedAt)) : null;
      if (dialing && !dialing.moved) throw new CommandRefused('lead-gone');
      live = calls.create(
        {
          id: callId,
          direction: 'out',
          path: target.path,
          campaignId: entry.campaign.id,
          leadId: target.leadId,
          customerId: target.customerId,
          e164: target.e164,
          attempt: lead ? lead.attempts + 1 : 1,
        },
        {
          campaign: entry.campaign,
          trunkIds: entry.trunkIds,
          forAgent: agent.agent.userId,
          holdsLead: lead !== null,
          leaveUntil: mayLeaveUntil(leave),
        },
      );
      await this.#inTime(journal.flushed());
      const clear = await notCalledElsewhere(this.#ctx, [live]);
      if (!clear?.has(live)) throw new CommandRefused(clear ? 'number-in-call' : 'database-down');
    } catch (error) {
      if (!live && lead) {
        if (markedAt !== null) unmarkDialing(this.#ctx, [lead.id], markedAt);
        this.#giveBack(lead, error);
      }
      throw error;
    }
    if (agent.agent.callId !== callId) return this.#actions.end(live, 'cancelled', 'agent');
    void this.#actions.dial(live);
  }

  /** An agent who is reserved can do nothing else, so not for as long as a database is silent. @throws CommandRefused */
  #inTime<T>(work: Promise<T>): Promise<T> {
    return within(this.#ctx.app.clock, work, silentMs, () => new CommandRefused('database-slow'));
  }

  async #askGate(stage: GateStage, callId: string, entry: RosterEntry, target: Target): Promise<Verdict> {
    const verdict = await this.#ctx.gate.mayCall({
      e164: target.e164,
      stage,
      path: target.path,
      campaignId: entry.campaign.id,
      leadId: target.leadId,
      customerId: target.customerId,
      callId,
    });
    if (verdict.allowed) return verdict;
    if (target.lead) await this.#setAside({ ...target.lead, e164: target.e164 }, verdict, entry, target.path);
    const lost = databaseFault(verdict);
    if (lost) throw new CommandRefused(lost);
    throw new CommandRefused('blocked-by-gate', {
      reasonCode: verdict.reasonCode,
      nextAllowedAt: verdict.nextAllowedAt,
    });
  }

  /** A number that may never be called is not all there is of a lead: nobody is dialled unasked, but it may come back. */
  async #setAside(lead: ReservedLead, verdict: Verdict, entry: RosterEntry, path: GatePath): Promise<void> {
    const { gate, stores, dialerId } = this.#ctx;
    const ask = (leads: readonly ReservedLead[]) =>
      gate.mayCallMany(
        leads.map(({ e164, id: leadId, customerId }) => ({
          ...{ e164, stage: 'reserve' as const, path, campaignId: entry.campaign.id, leadId, customerId },
        })),
      );
    const [judged] = await askOtherNumbers(this.#ctx, [{ lead, verdict }], ask);
    if (judged!.verdict.allowed) await stores.leads.release([lead.id], dialerId);
    else await setAside(this.#ctx, judged!.lead, judged!.verdict);
  }

  #mustWait(agent: LiveAgent, callId: string): void {
    if (agent.agent.callId !== callId || agent.agent.state !== 'reserved')
      throw new CommandRefused('wrong-state', { state: agent.agent.state });
  }

  #giveBack(lead: ReservedLead, error: unknown): void {
    const blocked = error instanceof CommandRefused && error.reason === 'blocked-by-gate';
    if (!blocked) this.#release(lead.id);
  }

  #release(lead: number, heldAt?: number): void {
    const { errands, stores, dialerId } = this.#ctx;
    errands.add('release', { lead }, () => stores.leads.release([lead], dialerId, heldAt));
  }
}
