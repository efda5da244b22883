import { CommandRefused } from '../../core/bus/bus.ts';
import { isRefusedForGood } from '../../core/database/errors.ts';
import { inTime } from '../../core/database/in-time.ts';
import type { Disposition } from '../../campaigns/index.ts';
import { mayBePromised } from '../../campaigns/leads/index.ts';
import { comesNext, type AfterCall, type Agent } from '../agents/agent.ts';
import {
  checkCallback,
  givenByAgent,
  type GivenDisposition,
  type MissedBy,
} from '../calls/given-disposition.ts';
import type { KeptDisposition } from '../calls/given-disposition-store.ts';
import { missedWrapup } from '../missed-wrapups/missed-wrapup.ts';
import type { Knex } from 'knex';
import type { DispositionGiven, NoteGiven } from '../protocol.ts';
import type { Actions } from './actions.ts';
import type { DialerContext } from './context.ts';
import type { ApplyOptions, LiveAgent } from './live-agents.ts';
import type { LiveCall } from './live-calls.ts';

const extensionMs = 60_000;
const extensionsAllowed = 5;
const longestNote = 2_000;

/** What an agent does after a call: wrap-up within its limit, disposition, callback. */
export class AgentDesk {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  /** Kept, so that agents can go on while the database is away. */
  readonly #dispositions = new Map<number, Disposition[]>();
  readonly #extensions = new Map<string, number>();

  constructor(ctx: DialerContext, actions: Actions) {
    this.#ctx = ctx;
    this.#actions = actions;
  }

  /** Starts the clock of a wrap-up that has just begun or been extended. */
  watchWrapup(live: LiveAgent): void {
    const { agent } = live;
    if (agent.state !== 'wrapup' || agent.wrapupUntil === null) return;
    for (const stop of live.stopTimers.splice(0)) stop();
    const left = Math.max(0, agent.wrapupUntil - this.#ctx.app.clock.now());
    live.stopTimers.push(this.#ctx.app.clock.after(left, () => this.#wrapupOver(live)));
  }

  #wrapupOver(live: LiveAgent): void {
    const { agents, calls } = this.#ctx;
    const { callId, after } = live.agent;
    const call = callId === null ? undefined : calls.get(callId);
    if (call && isLeftBy(call, live.agent)) return this.#noteOver(live, call);
    // There was nobody to talk to: no disposition is missing.
    const nobody = call !== undefined && call.call.connectedAt === null;
    agents.apply(live, nobody ? { type: 'disposed', after } : { type: 'wrapup-over' });
    if (call && !nobody) this.keepTyped(call, live.agent.userId, 'limit');
    else this.#finish(callId, null);
  }

  /** Nobody waits for this agent's word: what was typed is kept as their note, or as the draft of a call that may come back. */
  #noteOver(live: LiveAgent, call: LiveCall): void {
    const { userId, after } = live.agent;
    this.#ctx.agents.apply(live, { type: 'disposed', after });
    if (call.call.userId !== userId) this.keepNote(call, userId);
  }

  /** What was typed by an agent who has left the call to somebody else. */
  keepNote(call: LiveCall, userId: number): void {
    const { errands, stores, app } = this.#ctx;
    const { id } = call.call;
    const at = app.clock.now();
    errands.add('note of who left', { call: id }, async () => {
      const { form } = await stores.drafts.get(userId, id);
      const text = (form.note ?? '').trim().slice(0, longestNote);
      await app.db.transaction((trx) => this.#addNote(call, userId, text, at, trx));
    });
  }

  async #addNote({ call }: LiveCall, userId: number, text: string, at: number, trx: Knex.Transaction) {
    const { timeline } = this.#ctx.stores;
    const { customerId, id: callId } = call;
    if (customerId === null || text === '') return;
    const entry = { customerId, at, kind: 'note', userId, callId, data: { text } } as const;
    if (!(await timeline.has(entry, trx))) await timeline.append(entry, trx);
  }

  /** What an agent adds who has left the call to somebody else. @throws CommandRefused */
  note(live: LiveAgent, given: NoteGiven): void {
    this.#mustHave(live, given.callId);
    const call = this.#ctx.calls.get(given.callId);
    if (!call || !isLeftBy(call, live.agent)) throw new CommandRefused('disposition-wanted');
    const { userId, note } = given;
    const at = this.#ctx.app.clock.now();
    const also = (trx: Knex.Transaction) => this.#addNote(call, userId, note, at, trx);
    const after = afterOf(given, live.agent);
    const done = this.#ctx.agents.apply(live, { type: 'disposed', after }, { also });
    if (!done.ok) throw new CommandRefused(done.reason);
    this.#extensions.delete(given.callId);
  }

  /**
   * What the agent had chosen and typed stands for the call, though it was never handed in. The draft stays, for the
   * agent to say after all what came of it.
   */
  keepTyped(call: LiveCall, userId: number, missed: MissedBy): void {
    const { followUps, stores, app } = this.#ctx;
    const { id, leadId } = call.call;
    // It may wait for the database, and longer than an errand is tried: nothing else would settle the call.
    const at = app.clock.now();
    const settle = async () => {
      const { form: draft } = await stores.drafts.get(userId, id);
      const offered = await this.#offeredBy(call.campaign.id);
      const { customerId } = call.call;
      const given = missedWrapup({ userId, customerId, draft, offered, missed, at });
      if (!call.settled) await this.#keepMissed({ callId: id, given, holdsLead: call.holdsLead, at });
      this.#finish(id, given, at);
    };
    followUps.add({
      ...{ key: `missed wrap-up ${id}`, about: { call: id, lead: leadId }, once: true },
      leadId: call.holdsLead ? leadId : null,
      steps: [['missed wrap-up', settle]],
    });
  }

  /** As what was handed in is: who had asked not to be called must not be, whatever happens to this process. */
  async #keepMissed(kept: KeptDisposition): Promise<void> {
    const { stores, dialerId, app } = this.#ctx;
    try {
      await app.db.transaction((trx) => stores.givenDispositions.keep(kept, dialerId, trx));
    } catch (error) {
      if (!isRefusedForGood(error)) throw error;
      app.log.error({ call: kept.callId, error: String(error) }, 'a missed wrap-up could not be kept');
    }
  }

  #finish(callId: string | null, given: GivenDisposition | null, at = this.#ctx.app.clock.now()): void {
    if (callId === null) return;
    this.#extensions.delete(callId);
    const call = this.#ctx.calls.get(callId);
    if (call) this.#actions.settle(call, given, at);
  }

  /** @throws CommandRefused */
  async dispose(live: LiveAgent, given: DispositionGiven): Promise<void> {
    this.#mustHave(live, given.callId);
    const call = this.#ctx.calls.get(given.callId);
    if (call && isLeftBy(call, live.agent)) throw new CommandRefused('call-goes-on');
    const disposition = (await this.#dispositionsOf(call?.campaign.id ?? live.agent.campaignId)).find(
      ({ id }) => id === given.dispositionId,
    );
    if (!disposition) throw new CommandRefused('unknown-disposition');
    checkCallback(disposition, given, call?.call, this.#ctx.app.clock.now());
    if (given.callback && call && !call.holdsLead) await this.#mustBeKeepable(call);
    // Asked again after the await: the limit may have run out meanwhile.
    this.#mustHave(live, given.callId);
    const after = afterOf(given, live.agent);
    const said = givenByAgent(given);
    const done = this.#ctx.agents.apply(live, { type: 'disposed', after }, this.#kept(call, said));
    if (!done.ok) throw new CommandRefused(done.reason);
    this.#finish(given.callId, said);
  }

  /** By a lead that the call does not hold and that may not be called: the agent is told while they can do otherwise. */
  async #mustBeKeepable({ call, campaign }: LiveCall): Promise<void> {
    const { stores, app } = this.#ctx;
    if (call.customerId === null) return;
    const read = stores.leads.ofCustomer(campaign.id, call.customerId);
    const lead = await inTime(app.clock, read, () => null);
    if (lead?.state === 'blocked' && !mayBePromised(lead)) throw new CommandRefused('callback-not-callable');
  }

  /** Accepted is kept: a dialer that dies before it has handed it on finds it again. */
  #kept(call: LiveCall | undefined, given: GivenDisposition): ApplyOptions {
    if (!call || call.settled) return {};
    const { stores, dialerId, app } = this.#ctx;
    const { holdsLead } = call;
    const kept = { callId: call.call.id, given, holdsLead, at: app.clock.now() };
    return { also: (trx) => stores.givenDispositions.keep(kept, dialerId, trx) };
  }

  #mustHave(live: LiveAgent, callId: string): void {
    if (live.agent.callId !== callId) throw new CommandRefused('no-such-call');
    if (live.agent.state !== 'wrapup') throw new CommandRefused('wrong-state', { state: live.agent.state });
  }

  async #dispositionsOf(campaignId: number | null): Promise<Disposition[]> {
    if (campaignId === null) return [];
    return this.#offeredBy(campaignId).catch(() => {
      throw new CommandRefused('database-down');
    });
  }

  /** As they are now, else as they were read last. */
  async #offeredBy(campaignId: number): Promise<Disposition[]> {
    const kept = this.#dispositions.get(campaignId);
    const read = this.#readDispositions(campaignId);
    if (!kept) return read;
    return inTime(this.#ctx.app.clock, read, () => kept).catch(() => kept);
  }

  async #readDispositions(campaignId: number): Promise<Disposition[]> {
    const { dispositions } = this.#ctx.stores;
    const ofCampaign = await dispositions.ofCampaign(campaignId);
    const found = ofCampaign.length > 0 ? ofCampaign : await dispositions.all({ activeOnly: true });
    this.#dispositions.set(campaignId, found);
    return found;
  }

  /** Reads these campaigns' dispositions ahead of need: in the wrap-up the database may be away. */
  async prepare(campaignIds: Iterable<number>): Promise<void> {
    for (const id of campaignIds)
      if (!this.#dispositions.has(id)) await this.#readDispositions(id).catch(() => {});
  }

  /** A minute more, a few times. @throws CommandRefused */
  extend(live: LiveAgent, callId: string, reason: string): void {
    this.#mustHave(live, callId);
    const times = this.#extensions.get(callId) ?? 0;
    if (times >= extensionsAllowed) throw new CommandRefused('wrapup-extended-already', { times });
    this.#extensions.set(callId, times + 1);
    const { clock, log } = this.#ctx.app;
    const from = Math.max(clock.now(), live.agent.wrapupUntil ?? 0);
    this.#ctx.agents.apply(live, { type: 'extend-wrapup', wrapupUntil: from + extensionMs, reason });
    log.info({ call: callId, user: live.agent.userId }, 'wrap-up extended');
    this.watchWrapup(live);
  }
}

/** Whether this agent has left the call to somebody who goes on with it, or may get it back: they cannot say what came of it. */
export function isLeftBy({ call }: LiveCall, { userId }: Pick<Agent, 'userId'>): boolean {
  const isOthers = call.userId !== null && call.userId !== userId;
  return isOthers || (call.state !== 'ended' && call.state !== 'outside');
}

/** @throws CommandRefused where a pause is asked for without its code and none was to come */
function afterOf(given: Pick<DispositionGiven, 'next' | 'pauseCodeId'>, agent: Agent): AfterCall {
  if (given.next === 'ready') return { to: 'ready' };
  if (given.pauseCodeId !== undefined) return { to: 'paused', pauseCodeId: given.pauseCodeId, reason: null };
  const coming = comesNext(agent);
  if (coming.to !== 'paused') throw new CommandRefused('invalid');
  return coming;
}
