import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { CommandRefused } from '../../core/bus/bus.ts';
import {
  createCallNoMore,
  createCampaignStore,
  createDispositionStore,
  createLeadStore,
  type AttemptOutcome,
  type AttemptResult,
  type Campaign,
  type Disposition,
} from '../../campaigns/index.ts';
import { createDncStore } from '../../campaigns/dnc/index.ts';
import { createTimelineStore } from '../../crm/index.ts';
import { createAmdVerdictStore } from '../amd/index.ts';
import { createCallStore } from '../calls/call-store.ts';
import { checkCallback, givenByAgent, writeDown, type GivenDisposition } from '../calls/given-disposition.ts';
import type { DispositionGiven } from '../protocol.ts';
import { createMissedWrapupStore, type MissedCall } from './missed-wrapup-store.ts';

/** A lead is marked as dialled this shortly before its call is made, or the call was not for it. */
const sameAttemptMs = 60_000;

/**
 * What an agent says of a call whose wrap-up was missed: it takes the place of what was taken for granted, on the call,
 * on the lead as long as nobody has called it since, and from now on in the figures.
 */
export class LateDispositions {
  readonly #app: Pick<App, 'db' | 'bus' | 'clock'>;
  readonly #missed;
  readonly #stores;
  readonly #stopCalling;

  constructor(app: Pick<App, 'db' | 'bus' | 'clock'>) {
    this.#app = app;
    this.#missed = createMissedWrapupStore(app);
    this.#stores = {
      calls: createCallStore(app),
      amdVerdicts: createAmdVerdictStore(),
      campaigns: createCampaignStore(app),
      dispositions: createDispositionStore(app),
      leads: createLeadStore(app),
      timeline: createTimelineStore(app),
      dnc: createDncStore(app),
    };
    this.#stopCalling = createCallNoMore(app);
  }

  /** @throws CommandRefused */
  async handIn(said: DispositionGiven): Promise<void> {
    const { db, bus, clock } = this.#app;
    const at = clock.now();
    const call = await this.#missed.get(said.userId, said.callId, at);
    const campaign = call?.campaignId == null ? null : await this.#stores.campaigns.get(call.campaignId);
    if (!call || !campaign) throw new CommandRefused('no-such-call');
    const disposition = await this.#dispositionOf(campaign, said.dispositionId);
    checkCallback(disposition, said, call, at);
    const given: GivenDisposition = { ...givenByAgent(said), late: true };
    const leadId = await this.#leadOf(call, campaign, given, at);
    await this.#mustBeKeepable(call, campaign, given, at);
    // First: who asked not to be called must not be, whatever becomes of the rest.
    if (disposition.category === 'dnc') await this.#callNoMore(call, disposition, at);
    await db.transaction(async (trx) => {
      const note = given.note || null;
      if (!(await this.#missed.take(call.id, { dispositionId: disposition.id, note }, trx)))
        throw new CommandRefused('no-such-call');
      if (leadId !== null) await this.#amend(leadId, attemptResult(call, given, at), trx);
      await writeDown(this.#stores, { call, campaign, given, at }, trx);
    });
    bus.publish('campaign.changed', { campaignId: campaign.id });
  }

  async #dispositionOf(campaign: Campaign, id: number): Promise<Disposition> {
    const { dispositions } = this.#stores;
    const ofCampaign = await dispositions.ofCampaign(campaign.id);
    const offered = ofCampaign.length > 0 ? ofCampaign : await dispositions.all({ activeOnly: true });
    const found = offered.find((disposition) => disposition.id === id);
    if (!found) throw new CommandRefused('unknown-disposition');
    return found;
  }

  /**
   * The lead that this changes: the one the call was for, unless it has been called since. A promised callback is kept
   * in any case, by a lead made for it where there is none.
   */
  async #leadOf(
    call: MissedCall,
    campaign: Campaign,
    given: GivenDisposition,
    at: number,
  ): Promise<number | null> {
    const { leads, calls } = this.#stores;
    if (call.leadId !== null) {
      const [lead, last] = await Promise.all([leads.get(call.leadId), calls.lastOfLead(call.leadId)]);
      const own = last?.id === call.id && call.createdAt - (lead?.lastAttemptAt ?? 0) < sameAttemptMs;
      if (lead && own) return lead.id;
    }
    if (!given.callback || call.customerId === null) return null;
    return leads.ofHand(campaign.id, call.customerId, at);
  }

  /** The number may be on the list since, and its lead not looked at yet. @throws CommandRefused */
  async #mustBeKeepable(
    call: MissedCall,
    campaign: Campaign,
    { callback }: GivenDisposition,
    at: number,
  ): Promise<void> {
    if (!callback) return;
    if (await this.#stores.dnc.contains(callback.e164 ?? call.e164, campaign.id, at))
      throw new CommandRefused('callback-not-callable');
  }

  async #amend(leadId: number, result: AttemptResult, trx: Knex.Transaction): Promise<void> {
    const moved = await this.#stores.leads.finishAttempt(leadId, result, trx);
    if (moved.moved || moved.reason === 'gone') return;
    // Taken for "do not call" before: that stands until it is taken off the list, and no callback would be placed.
    if (moved.reason === 'wrong-state' && moved.state === 'blocked') {
      if (result.callbackAt === null) return;
      throw new CommandRefused('callback-not-callable');
    }
    throw new CommandRefused('lead-being-dialled');
  }

  async #callNoMore(call: MissedCall, { code: reason }: Disposition, at: number): Promise<void> {
    const { id: callId, e164, customerId, userId: by } = call;
    await this.#stopCalling({ e164, customerId, callId, reason, source: 'agent', by, at });
  }
}

function attemptResult(call: MissedCall, given: GivenDisposition, at: number): AttemptResult {
  const { callback } = given;
  return {
    outcome: (call.outcome ?? 'answered') as AttemptOutcome,
    e164: call.e164,
    dispositionId: given.dispositionId,
    callbackAt: callback?.dueAt ?? null,
    callbackTimeAgreed: true,
    callbackNote: callback?.note ?? null,
    callbackPhone: callback?.e164 ?? null,
    agentId: callback?.mine ? given.userId : null,
    callId: call.id,
    by: given.userId,
    amends: true,
    at,
  };
}
