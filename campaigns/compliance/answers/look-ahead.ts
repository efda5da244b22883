import type { App } from '../../../core/app.ts';
import type { Campaign } from '../../campaigns/campaign.ts';
import { heldLeadIds } from '../../leads/hopper-row.ts';
import { leadFromRow, type LeadRow } from '../../leads/lead-row.ts';
import { nextNumberOf, type Lead } from '../../leads/lead.ts';
import { createCustomerPhones } from '../../../crm/customers/customer-phones.ts';
import { createGateFacts } from '../compliance-store.ts';
import type { GateRequest } from '../gate.ts';
import type { KnownFacts } from '../gate-facts.ts';

/** A lead that is still to be called, with what is known of its next call. */
export interface OpenLead {
  readonly lead: Lead;
  readonly request: GateRequest;
  readonly known: KnownFacts;
}

export const openStates = ['callback', 'waiting', 'new'] as const;
const factsBatch = 400;

/** Looks at leads as the gate would, without deciding, reserving or keeping anything. */
export function createLookAhead(app: App) {
  const facts = createGateFacts(app);
  const phones = createCustomerPhones(app);

  /** Open leads that no dialer holds, in the order they will be dialled in, up to `limit`; those without a number left out. */
  async function sample(campaign: Campaign, limit: number): Promise<OpenLead[]> {
    const rows: LeadRow[] = [];
    for (const state of openStates) {
      if (rows.length >= limit) break;
      const found: LeadRow[] = await app.db
        .knex<LeadRow>('leads')
        .where({ campaign_id: campaign.id, state })
        .whereNotIn('id', heldLeadIds(app.db.knex, campaign.id))
        .orderBy(['priority', 'next_at', 'id'])
        .limit(limit - rows.length);
      rows.push(...found);
    }
    return withFacts(rows.map(leadFromRow), () => campaign);
  }

  async function withFacts(
    leads: readonly Lead[],
    campaignOf: (lead: Lead) => Campaign | undefined,
  ): Promise<OpenLead[]> {
    const found: OpenLead[] = [];
    for (let from = 0; from < leads.length; from += factsBatch) {
      const part = leads.slice(from, from + factsBatch);
      const numbers = await phones.numbersOf(part.map(({ customerId }) => customerId));
      const asked: { lead: Lead; request: GateRequest }[] = [];
      for (const lead of part) {
        const campaign = campaignOf(lead);
        const own = numbers.get(lead.customerId) ?? [];
        const e164 = nextNumberOf(lead, own)?.e164;
        if (!campaign || e164 === undefined) continue;
        const path = lead.state === 'callback' ? 'callback' : campaign.mode;
        const about = { campaignId: campaign.id, leadId: lead.id, customerId: lead.customerId };
        asked.push({ lead, request: { e164, stage: 'reserve', path, ...about } });
      }
      const known = await facts.of(asked.map(({ request }) => request), app.clock.now()); // prettier-ignore
      for (const [index, { lead, request }] of asked.entries()) {
        const mine = known[index];
        if (mine) found.push({ lead, request, known: mine });
      }
      // Long looks ahead must not hold up calls of the same process.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return found;
  }

  return { sample, withFacts };
}
