import type { Knex } from 'knex';
import type { AttemptResult, Campaign } from '../../campaigns/index.ts';
import { talkMsOf, type Call } from '../calls/call.ts';
import { writeDown, type GivenDisposition } from '../calls/given-disposition.ts';
import type { DialerContext } from './context.ts';

/** A lead whose call never left is tried again after so long. */
const undialledWaitMs = 60_000;

/** An ended call, and what came of it. */
export interface EndedCall {
  readonly call: Call;
  readonly campaign: Pick<Campaign, 'id' | 'name'>;
  readonly holdsLead: boolean;
  readonly given: GivenDisposition | null;
  readonly at: number;
  /** Left by a dialer that died over it: some of it may be done. */
  readonly isLeft?: true;
}

/** Hands what came of a call on to its lead, its customer's timeline, the reports and the DNC list. */
export class HandOn {
  readonly #ctx: DialerContext;

  constructor(ctx: DialerContext) {
    this.#ctx = ctx;
  }

  add(ended: EndedCall): void {
    const { errands, journal, stores } = this.#ctx;
    const { call, given } = ended;
    const about = { call: call.id };
    const isKept = given !== null && !given.missed;
    // Behind the transition with which it is kept.
    if (isKept && !ended.isLeft) errands.add('journal', about, () => journal.flushed());
    const wasDialled = call.dialedAt !== null;
    if (ended.holdsLead && call.leadId !== null)
      if (wasDialled || given) this.#finishLead(ended, call.leadId);
      else this.#undial(ended, call.leadId);
    else if (given?.callback) this.#promise(ended);
    if (wasDialled) {
      errands.add('timeline', about, () => this.#writeDown(ended));
      if (given) this.#stopCallingIfAsked(ended, given);
    }
    if (isKept) errands.add('handed on', about, () => stores.givenDispositions.handedOn(call.id));
  }

  /** What agents had handed in, and the dialer of this name has not handed on. The leads that go on by it. */
  async addKept(dialerId: string): Promise<Set<number>> {
    const { stores } = this.#ctx;
    const leadIds = new Set<number>();
    for (const { callId, ...kept } of await stores.givenDispositions.keptBy(dialerId)) {
      const call = await stores.calls.get(callId);
      const campaign = call?.campaignId == null ? null : await stores.campaigns.get(call.campaignId);
      if (!call || !campaign) continue;
      if (kept.holdsLead && call.leadId !== null) leadIds.add(call.leadId);
      this.add({ ...kept, call, campaign, isLeft: true });
    }
    return leadIds;
  }

  /** No line was free, or dialling was called off first: nobody was called, so the lead has lost no attempt. */
  #undial({ call, at }: EndedCall, leadId: number): void {
    const { errands, stores, dialerId } = this.#ctx;
    errands.add('lead', { call: call.id, lead: leadId }, () =>
      stores.leads.undial(leadId, dialerId, at + undialledWaitMs, at),
    );
  }

  #finishLead(ended: EndedCall, leadId: number): void {
    const { errands, stores } = this.#ctx;
    errands.add('lead', { call: ended.call.id, lead: leadId }, () =>
      this.#onceForLead(ended, (trx) => stores.leads.finishAttempt(leadId, attemptResult(ended), trx)),
    );
  }

  /** A callback agreed on in a call that held no lead: a number dialled by hand, or a lead that was finished. */
  #promise(ended: EndedCall): void {
    const { errands, stores } = this.#ctx;
    const { call, campaign, at } = ended;
    const { customerId } = call;
    if (customerId === null) return;
    errands.add('promise', { call: call.id }, async () => {
      const leadId = await stores.leads.ofHand(campaign.id, customerId, at);
      await this.#onceForLead(ended, async (trx) => {
        const result = await stores.leads.finishAttempt(leadId, attemptResult(ended), trx);
        if (!result.moved) throw new Error(`the lead of a promised callback did not move: ${result.reason}`);
      });
    });
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
  #writeDown({ call, campaign, given, at }: EndedCall): Promise<void> {
    const { stores, app } = this.#ctx;
    // Who was lost before the call ended has not wrapped it up: no time went by with that.
    const wrappedUpAt = given?.missed === 'left' ? (call.endedAt ?? at) : at;
    const said = { dispositionId: given?.dispositionId ?? null, note: given?.note || null, wrappedUpAt };
    const missedAt = given?.missed ? at : null;
    return app.db.transaction(async (trx) => {
      const isTalk = call.userId !== null || given !== null;
      if (isTalk && !(await stores.calls.dispose(call.id, { ...said, missedAt }, trx))) return;
      if (call.customerId !== null)
        await stores.timeline.append(
          {
            customerId: call.customerId,
            at: call.dialedAt ?? at,
            kind: 'call',
            userId: call.userId,
            callId: call.id,
            data: {
              direction: call.direction,
              outcome: call.outcome,
              campaignId: campaign.id,
              campaignName: campaign.name,
              e164: call.e164,
              talkMs: talkMsOf(call),
            },
          },
          trx,
        );
      if (given) await writeDown(stores, { call, campaign, given, at }, trx);
    });
  }

  #stopCallingIfAsked({ call, at }: EndedCall, { dispositionId, userId }: GivenDisposition): void {
    const { errands, stores, dnc } = this.#ctx;
    if (dispositionId === null) return;
    errands.add('dnc', { call: call.id }, async () => {
      const disposition = await stores.dispositions.get(dispositionId);
      if (disposition?.category !== 'dnc') return;
      const { code: reason } = disposition;
      await dnc.add({ e164: call.e164, campaignId: null, reason, source: 'agent', by: userId, at });
    });
  }
}

export function attemptResult({ call, given, at }: Pick<EndedCall, 'call' | 'given' | 'at'>): AttemptResult {
  return {
    outcome: call.outcome ?? 'failed',
    e164: call.e164,
    dispositionId: given?.dispositionId ?? null,
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
