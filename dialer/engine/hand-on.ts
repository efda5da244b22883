import type { Knex } from 'knex';
import type { AttemptResult, Campaign } from '../../campaigns/index.ts';
import { createCallbackEnds, mayBePromised, type Lead } from '../../campaigns/leads/index.ts';
import { asAnswered, talkMsOf, type Call } from '../calls/call.ts';
import { writeDown, type GivenDisposition } from '../calls/given-disposition.ts';
import type { DialerContext } from './context.ts';

/** An ended call, and what came of it. */
export interface EndedCall {
  readonly call: Call;
  readonly campaign: Pick<Campaign, 'id' | 'name'>;
  readonly holdsLead: boolean;
  readonly given: GivenDisposition | null;
  readonly at: number;
  /** Its lead is due again so long after a call that never left. */
  readonly undialledWaitMs?: number;
  /** It left, and went no further than a trunk that refused us. */
  readonly refusedUs?: boolean;
  /** Left by a dialer that died over it: some of it may be done. */
  readonly isLeft?: true;
  /** The customer has pressed the key by which they ask to be called no more. */
  readonly optedOut?: boolean;
  /** The number is on the DNC list by it, and its customer wants no calls: who changes that meanwhile is not overruled. */
  readonly isListed?: boolean;
}

/** Hands what came of a call on to its lead, its customer's timeline, the reports and the DNC list. */
export class HandOn {
  readonly #ctx: DialerContext;
  readonly #callbackEnds;

  constructor(ctx: DialerContext) {
    this.#ctx = ctx;
    this.#callbackEnds = createCallbackEnds(ctx.app);
  }

  add(ended: EndedCall): void {
    const { followUps, journal, stores, calls } = this.#ctx;
    const { call, given, isLeft } = ended;
    const wasDialled = call.dialedAt !== null;
    const steps: Step[] = [];
    // Behind the transition with which it is kept.
    if (given && !given.missed && !isLeft) steps.push(['journal', () => journal.flushed()]);
    // First: who asked not to be called must not be, whatever becomes of the rest.
    if (wasDialled && given) steps.push(['dnc', () => this.#stopCallingIfAsked(ended, given)]);
    const lead = this.#leadStep(ended);
    if (lead) steps.push(lead);
    if (wasDialled) steps.push(['timeline', () => this.#writeDown(ended)]);
    if (call.userId !== null) steps.push(['answers', () => this.#keepAnswers(ended)]);
    followUps.add({
      ...{ key: call.id, about: { call: call.id, lead: call.leadId }, steps },
      ...(isLeft ? { once: true } : {}),
      leadId: ended.holdsLead ? call.leadId : null,
      over: () => calls.letGo(call.id),
      ...(given ? { done: () => stores.givenDispositions.handedOn(call.id) } : {}),
    });
  }

  /** What agents had handed in, and the dialer of this name has not handed on: how much, and the leads that go on by it. */
  async addKept(dialerId: string): Promise<{ count: number; leadIds: Set<number> }> {
    const { stores, calls } = this.#ctx;
    const leadIds = new Set<number>();
    let count = 0;
    for (const { callId, ...kept } of await stores.givenDispositions.keptBy(dialerId)) {
      const call = await stores.calls.get(callId);
      const campaign = call?.campaignId == null ? null : await stores.campaigns.get(call.campaignId);
      if (!call || !campaign) continue;
      count += 1;
      if (kept.holdsLead && call.leadId !== null) leadIds.add(call.leadId);
      // The gate knows nothing of it until it is handed on.
      calls.keepFrom(call.id, call);
      const live = calls.get(callId);
      // The customer talks on with somebody outside: its end hands on nothing more.
      if (live && live.call.state !== 'ended') live.settled = true;
      this.add({ ...kept, call: asAnswered(call), campaign, isLeft: true });
    }
    return { count, leadIds };
  }

  #leadStep(ended: EndedCall): Step | null {
    const { call, given, holdsLead, at, undialledWaitMs = 0 } = ended;
    const { stores, dialerId } = this.#ctx;
    const { leadId } = call;
    if (!holdsLead || leadId === null) return given?.callback ? this.#promise(ended) : this.#keep(ended);
    // Nobody was called, so the lead has lost no attempt.
    if ((call.dialedAt === null || ended.refusedUs) && !given)
      return ['lead', () => stores.leads.undial(leadId, dialerId, at + undialledWaitMs, at, call.createdAt)];
    return [
      'lead',
      async () => {
        // Outside the transaction: a lead that has gone with its list is made anew there.
        const isKept = given?.callback && call.customerId !== null && !(await stores.leads.get(leadId));
        const id = isKept ? await stores.leads.ofHand(ended.campaign.id, call.customerId!, at) : leadId;
        await this.#onceForLead(ended, (trx) => this.#finishAttempt(id, ended, trx));
      },
    ];
  }

  /**
   * Of this attempt alone: a lead that has been called since is left as it is, but for a callback that the customer was
   * promised. One that was settled without what the agent has handed in, or by a try of this step whose answer was lost,
   * is put right, and not counted again.
   */
  async #finishAttempt(leadId: number, ended: EndedCall, trx: Knex.Transaction): Promise<void> {
    const { leads } = this.#ctx.stores;
    const { call, given } = ended;
    const lead = await leads.get(leadId, trx);
    if (!lead) return;
    if ((lead.lastAttemptAt ?? 0) > call.createdAt) {
      if (given?.callback && !given.missed) await this.#keepPromise(lead, ended, { amends: true }, trx);
      return;
    }
    const isSettled = lead.state !== 'dialing';
    if (isSettled && (given === null || given.missed)) return;
    await leads.finishAttempt(leadId, { ...attemptResult(ended), amends: isSettled }, trx);
  }

  /** A callback agreed on in a call that held no lead: a number dialled by hand, or a lead that was finished. */
  #promise(ended: EndedCall): Step | null {
    const { stores } = this.#ctx;
    const { call, campaign, at } = ended;
    const { customerId } = call;
    if (customerId === null) return null;
    const promise = async () => {
      const leadId = await stores.leads.ofHand(campaign.id, customerId, at);
      await this.#onceForLead(ended, async (trx) => {
        const lead = await stores.leads.get(leadId, trx);
        if (lead) await this.#keepPromise(lead, ended, { amends: false }, trx);
      });
    };
    return ['promise', promise];
  }

  /** By a lead that this call does not hold: after the call that it is in, and where it may not be called, not at all. */
  async #keepPromise(
    lead: Lead,
    ended: EndedCall,
    { amends }: { amends: boolean },
    trx: Knex.Transaction,
  ): Promise<void> {
    const { call, given, at } = ended;
    if (lead.state === 'dialing') throw new LeadNotFree('the lead of a promised callback is being dialled');
    if (lead.state === 'blocked' && !mayBePromised(lead)) {
      const promise = { customerId: lead.customerId, callId: call.id, dueAt: given!.callback!.dueAt };
      return this.#callbackEnds.refused(promise, lead.stateReason, at, trx);
    }
    const result = await this.#ctx.stores.leads.finishAttempt(
      lead.id,
      { ...attemptResult(ended), amends },
      trx,
    );
    if (!result.moved) throw new LeadNotFree(`the lead of a promised callback is ${result.reason}`);
  }

  /** A promise is kept by the talk, whatever the lead that it was made on has come to meanwhile. */
  #keep({ call, at }: EndedCall): Step | null {
    const { path, outcome, leadId, createdAt: placedAt } = call;
    if (path !== 'callback' || outcome !== 'answered' || leadId === null) return null;
    return ['keep', () => this.#ctx.stores.callbacks.keep(leadId, { placedAt, now: at })];
  }

  /** A lead that has gone on by what was kept is not moved by it again. */
  #onceForLead({ call, given, isLeft }: EndedCall, move: (trx: Knex.Transaction) => Promise<unknown>) {
    const { stores, app } = this.#ctx;
    return app.db.transaction(async (trx) => {
      const isFirst = given && (await stores.givenDispositions.takeLead(call.id, trx));
      if (isFirst ?? !isLeft) await move(trx);
    });
  }

  /** The call on the customer's timeline, and what was said of it on the call: once, however often it is tried. */
  #writeDown(ended: EndedCall): Promise<void> {
    const { call, campaign, given, at } = ended;
    const { stores, app } = this.#ctx;
    // Who was lost before the call ended has not wrapped it up: no time went by with that.
    const wrappedUpAt = given?.missed === 'left' ? (call.endedAt ?? at) : at;
    const said = { dispositionId: given?.dispositionId ?? null, note: given?.note || null, wrappedUpAt };
    const missedAt = given?.missed ? at : null;
    return app.db.transaction(async (trx) => {
      const isTalk = call.userId !== null || given !== null;
      if (isTalk && !(await stores.calls.dispose(call.id, { ...said, missedAt }, trx))) return;
      await this.#tellOfCall(ended, trx);
      if (given) await writeDown(stores, { call, campaign, given, at }, trx);
    });
  }

  /** What the customer had answered, where the agent has not handed it in, or it could not be saved then. */
  async #keepAnswers({ call, at }: EndedCall): Promise<void> {
    const { answers, drafts } = this.#ctx.stores;
    if (call.userId === null) return;
    const { form } = await drafts.get(call.userId, call.id);
    if (form.scriptPath) await answers.keepUnsaved(call, form, at);
  }

  async #tellOfCall({ call, campaign, at: endedAt }: EndedCall, trx: Knex.Transaction): Promise<void> {
    const { timeline } = this.#ctx.stores;
    const { customerId, userId, id: callId } = call;
    if (customerId === null) return;
    const entry = { customerId, at: call.dialedAt ?? endedAt, kind: 'call', userId, callId } as const;
    if (await timeline.has(entry, trx)) return;
    const { direction, outcome, e164 } = call;
    const { id: campaignId, name: campaignName } = campaign;
    const data = { direction, outcome, campaignId, campaignName, e164, talkMs: talkMsOf(call) };
    await timeline.append({ ...entry, data }, trx);
  }

  async #stopCallingIfAsked(ended: EndedCall, { dispositionId, userId }: GivenDisposition): Promise<void> {
    const { stores, callNoMore } = this.#ctx;
    if (dispositionId === null || ended.isListed) return;
    const disposition = await stores.dispositions.get(dispositionId);
    if (disposition?.category !== 'dnc') return;
    const { call, at } = ended;
    const { e164, customerId, id: callId } = call;
    const { code: reason } = disposition;
    await callNoMore({ e164, customerId, callId, reason, source: 'agent', by: userId, at });
    await stores.givenDispositions.listed(call.id);
  }
}

type Step = readonly [name: string, run: () => Promise<unknown>];

/** Trying again at once is in vain: the lead is in somebody's hands, and its callback is written down after that. */
class LeadNotFree extends Error {
  override readonly name = 'LeadNotFree';
}

export function attemptResult({
  call,
  given,
  optedOut,
  at,
}: Pick<EndedCall, 'call' | 'given' | 'optedOut' | 'at'>): AttemptResult {
  return {
    outcome: call.outcome ?? 'failed',
    e164: call.e164,
    dispositionId: given?.dispositionId ?? null,
    optedOut,
    callbackAt: given?.callback?.dueAt ?? null,
    callbackTimeAgreed: given?.callback?.timeAgreed ?? true,
    callbackNote: given?.callback?.note ?? null,
    callbackPhone: given?.callback?.e164 ?? null,
    agentId: given?.callback?.mine ? given.userId : null,
    callId: call.id,
    by: given?.userId ?? null,
    at,
  };
}
