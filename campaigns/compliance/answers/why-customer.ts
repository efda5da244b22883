import type { App } from '../../../core/app.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import type { Campaign } from '../../campaigns/campaign.ts';
import { createCampaignStore } from '../../campaigns/campaign-store.ts';
import { leadFromRow, type LeadRow } from '../../leads/lead-row.ts';
import { numbersLeft, type Lead } from '../../leads/lead.ts';
import type { Gate, GateRequest, Verdict } from '../gate.ts';
import { createVerdictStore, type StoredVerdict } from '../verdict-store.ts';

/** What stands between a customer and one call: the lead's own state first, then the gate's answer of this moment. */
export interface WhyCall {
  /** Null: a call by hand, outside every campaign. */
  readonly campaign: Campaign | null;
  readonly lead: Lead | null;
  /** The numbers that are left in their order, each with its answer. */
  readonly numbers: readonly { readonly e164: string; readonly verdict: Verdict }[];
  /** The place of the one that the dialer takes: the first that may be called at some time, else the first. */
  readonly taken: number;
}

export interface WhyCustomer {
  readonly calls: readonly WhyCall[];
  /** Leads without a number that can be called. */
  readonly withoutNumber: readonly { readonly campaign: Campaign; readonly lead: Lead }[];
  /** Answers that were given, newest first. */
  readonly given: readonly StoredVerdict[];
}

const shownLeads = 20;
const shownVerdicts = 50;

/** Asks for every campaign a customer is on, and for a call by hand to each number. Nothing is kept. */
export function createWhyCustomer(app: App, dryGate: Gate) {
  const customers = createCustomerStore(app);
  const campaigns = createCampaignStore(app);
  const verdicts = createVerdictStore(app);

  return async (customerId: number): Promise<WhyCustomer | null> => {
    const customer = await customers.get(customerId);
    if (!customer) return null;
    const numbers = customer.phones.map(({ e164 }) => e164);
    const rows: LeadRow[] = await app.db
      .knex('leads')
      .where({ customer_id: customerId })
      .orderBy('id', 'desc')
      .limit(shownLeads);
    const asked: { campaign: Campaign | null; lead: Lead | null; requests: GateRequest[] }[] = [];
    const withoutNumber: { campaign: Campaign; lead: Lead }[] = [];
    for (const lead of rows.map(leadFromRow)) {
      const campaign = await campaigns.get(lead.campaignId);
      if (!campaign || campaign.archivedAt !== null) continue;
      const left = numbersLeft(lead, numbers);
      if (left.length === 0) withoutNumber.push({ campaign, lead });
      const path = lead.state === 'callback' ? 'callback' : campaign.mode;
      const about = { campaignId: campaign.id, leadId: lead.id, customerId };
      const requests = left.map(({ e164 }): GateRequest => ({ e164, stage: 'reserve', path, ...about }));
      if (requests.length > 0) asked.push({ campaign, lead, requests });
    }
    const byHand = { stage: 'reserve', path: 'manual', campaignId: null, customerId } as const;
    for (const e164 of numbers) asked.push({ campaign: null, lead: null, requests: [{ e164, ...byHand }] });
    const answers = await dryGate.mayCallMany(asked.flatMap(({ requests }) => requests));
    let place = 0;
    return {
      calls: asked.map(({ campaign, lead, requests }) => {
        const its = requests.map(({ e164 }) => ({ e164, verdict: answers[place++]! }));
        const taken = its.findIndex(({ verdict }) => verdict.outlook !== 'never');
        return { campaign, lead, numbers: its, taken: Math.max(0, taken) };
      }),
      withoutNumber,
      given: (await verdicts.list({ numbers }, { limit: shownVerdicts, offset: 0 })).rows,
    };
  };
}
