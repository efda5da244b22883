import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { createCustomerPhones } from '../../crm/customers/customer-phones.ts';
import { createCallbackStore } from '../callbacks/callback-store.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import { plausibleZones } from '../compliance/zones/plausible-zones.ts';
import { createDispositionStore } from '../dispositions/disposition-store.ts';
import { afterAttempt } from './after-attempt.ts';
import { campaignsOwn } from './block-reasons.ts';
import { createCallbackEnds } from './callback-end.ts';
import { createLeadFilters, sortsLeads } from './lead-filters.ts';
import type { createLeadHolds } from './lead-holds.ts';
import { endIfListHasLeft } from './other-lists.ts';
import { unreserved, type LeadRow } from './lead-row.ts';
import {
  mayMove,
  type Lead,
  type LeadEvent,
  type LeadMove,
  type LeadRefusal,
  type LeadState,
} from './lead.ts';
import type { AttemptOutcome } from './outcome.ts';

/** How an attempt ended. Times are epoch ms. */
export interface AttemptResult {
  readonly outcome: AttemptOutcome;
  /** The number that was dialled, which an agent may have chosen. */
  readonly e164?: string | null;
  readonly dispositionId?: number | null;
  /** The customer has asked, by a key, to be called no more. */
  readonly optedOut?: boolean;
  /** When the customer wants to be called; makes the lead a callback and writes the callback down. */
  readonly callbackAt?: number | null;
  /** The agent the callback belongs to; null: anyone. */
  readonly agentId?: number | null;
  /** False: `callbackAt` is a guess, until the agent writes down when the customer wants to be called. */
  readonly callbackTimeAgreed?: boolean;
  readonly callbackNote?: string | null;
  readonly callbackPhone?: string | null;
  /** The call that ended, and the agent who had it: for the callback's row. */
  readonly callId?: string | null;
  readonly by?: number | null;
  /** This attempt has ended already, with what was taken for granted of it: it is put right, and not counted again. */
  readonly amends?: boolean;
  readonly at: number;
}

/** What becomes of a lead when an attempt has ended. */
export function createLeadAttempts(app: Pick<App, 'db' | 'bus'>, holds: ReturnType<typeof createLeadHolds>) {
  const { db } = app;
  const phones = createCustomerPhones(app);
  const campaigns = createCampaignStore(app);
  const dispositions = createDispositionStore(app);
  const callbacks = createCallbackStore(app);
  const callbackEnds = createCallbackEnds(app);
  const filters = createLeadFilters(app);

  /**
   * Ends an attempt and decides what becomes of the lead: disposition and callback first, then the campaign's rule for
   * the outcome. Also takes a `reserved` lead (the call never left) and a `callback` one (a talk in a manual call).
   */
  async function finishAttempt(
    id: number,
    result: AttemptResult,
    within?: Knex.Transaction,
  ): Promise<LeadMove<{ state: LeadState }>> {
    const work = async (trx: Knex.Transaction): Promise<LeadMove<{ state: LeadState }>> => {
      const lead = await holds.get(id, trx);
      if (!lead) return gone;
      const campaign = await campaigns.get(lead.campaignId, trx);
      if (!campaign) return gone;
      const disposition = result.dispositionId ? await dispositions.get(result.dispositionId, trx) : null;
      const numbers = (await phones.numbersOf([lead.customerId], trx)).get(lead.customerId) ?? [];
      const after = afterAttempt(
        lead,
        numbers,
        { ...campaign, rules: campaign.retryRules },
        {
          outcome: result.outcome,
          e164: result.e164,
          disposition,
          optedOut: result.optedOut,
          callbackAt: result.callbackAt ?? null,
          agentId: result.agentId ?? null,
          amends: result.amends,
          at: result.at,
          zone:
            campaign.dayParts.length > 0
              ? await zoneOf(lead.customerId, result.e164 ?? numbers[0], trx)
              : null,
        },
      );
      const stored = lead.state === 'reserved' ? lead.reservedFrom! : lead.state;
      const isPromised = after.state === 'callback' && result.callbackAt != null;
      const promised = isPromised ? numbers.indexOf(result.callbackPhone ?? '') : -1;
      const event = eventOf(lead, after.state, result);
      if (!mayMove(lead.state, event, after.state))
        return { moved: false, reason: 'wrong-state', state: lead.state };
      const rows = await trx<LeadRow>('leads')
        .where({ id, state: stored, next_at: lead.nextAt })
        .update({
          state: after.state,
          state_reason: after.stateReason,
          next_at: after.nextAt,
          phone_position: promised >= 0 ? promised : after.phonePosition,
          tries: JSON.stringify(after.tries),
          agent_id: after.agentId,
          last_outcome: result.outcome,
          last_disposition_id: disposition?.id ?? null,
          updated_at: result.at,
          ...unreserved,
        });
      if (rows !== 1) return refusal(id, trx);
      await holds.forget([id], trx);
      // A callback that could not be placed stays one, with its promise.
      const isOpen = after.state === 'waiting' || (after.state === 'callback' && !isPromised);
      // Before it is asked where the lead goes on: what is kept, or given up, binds it no more.
      if (result.outcome === 'answered' || isPromised)
        await callbacks.closeOfLead(id, 'done', result.at, trx);
      else if (!isOpen) await callbackEnds.givenUp(id, after.state, result, trx);
      const left =
        after.state === 'waiting' ? await endIfListHasLeft(trx, (its) => its.where({ id }), result.at) : null;
      if (after.state === 'waiting' && sortsLeads(campaign))
        await filters.applyTo(trx, campaign, { from: lead.customerId, to: lead.customerId }, result.at);
      if (isPromised)
        await callbacks.create(
          {
            leadId: id,
            campaignId: lead.campaignId,
            customerId: lead.customerId,
            userId: after.agentId,
            dueAt: after.nextAt,
            timeAgreed: result.callbackTimeAgreed ?? true,
            e164: result.callbackPhone ?? null,
            note: result.callbackNote ?? null,
            callId: result.callId ?? null,
            createdBy: result.by ?? null,
          },
          result.at,
          trx,
        );
      if (left?.ended) return { moved: true, state: 'done' };
      return { moved: true, state: left?.kept ? 'callback' : after.state };
    };
    return within ? work(within) : db.transaction(work);
  }

  /** Where the customer may be in several zones, any of them: the gate keeps the law in all. */
  async function zoneOf(
    customerId: number,
    e164: string | undefined,
    trx: Knex.Transaction,
  ): Promise<string | null> {
    if (e164 === undefined) return null;
    const customer = (await trx('customers').where({ id: customerId }).first('address_region')) as
      { address_region: string | null } | undefined;
    return plausibleZones(e164, customer?.address_region)[0] ?? null;
  }

  async function refusal(id: number, trx: Knex.Transaction): Promise<LeadRefusal> {
    const lead = await holds.get(id, trx);
    if (lead?.state !== 'reserved') await holds.forget([id], trx);
    return lead ? { moved: false, reason: 'wrong-state', state: lead.state } : gone;
  }

  return { finishAttempt };
}

const gone = { moved: false, reason: 'gone' } as const;

function eventOf(lead: Lead, to: LeadState, { amends, callbackAt }: AttemptResult): LeadEvent {
  if (callbackAt != null && to === 'callback' && mayBePromised(lead)) return 'admit';
  return amends ? 'amend' : eventTo(to);
}

/** Blocked, and a promised callback is kept all the same. */
export const mayBePromised = ({ state, stateReason }: Pick<Lead, 'state' | 'stateReason'>): boolean =>
  state === 'blocked' && stateReason !== null && campaignsOwn.includes(stateReason);

function eventTo(state: LeadState): LeadEvent {
  if (state === 'callback') return 'call-back';
  if (state === 'done') return 'finish';
  if (state === 'exhausted') return 'exhaust';
  return state === 'blocked' ? 'block' : 'retry';
}
