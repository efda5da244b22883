import type { App } from '../../../core/app.ts';
import type { Campaign } from '../../campaigns/campaign.ts';
import { heldLeadIds } from '../../leads/hopper-row.ts';
import { rangesOf, type BucketCount } from '../../leads/lead-ranges.ts';
import { leadFromRow, type LeadRow } from '../../leads/lead-row.ts';
import { numbersLeft, type Lead } from '../../leads/lead.ts';
import { createCustomerPhones } from '../../../crm/customers/customer-phones.ts';
import { createGateFacts } from '../compliance-store.ts';
import type { GateRequest } from '../gate.ts';
import type { KnownFacts } from '../gate-facts.ts';
import type { RuleLook } from '../rules/catalogue.ts';

/** A lead that is still to be called. */
export interface OpenLead {
  readonly lead: Lead;
  /** Its numbers that are left, the one that comes next first, with what is known of a call to each. */
  readonly numbers: readonly AskedNumber[];
}

export interface AskedNumber {
  readonly request: GateRequest;
  readonly known: KnownFacts;
}

const factsBatch = 400;
/** A lead is in a sample by its id, scattered so that neighbours of one list, or every tenth lead, are not chosen together. */
const [scatter, scale] = [48_271, 1_000_003];

/** Looks at leads as the gate would, without deciding, reserving or keeping anything. */
export function createLookAhead(app: App) {
  const facts = createGateFacts(app);
  const phones = createCustomerPhones(app);

  /**
   * About `limit` open leads that no dialer holds, all of them where there are no more, or only those due at `dueAt`: of
   * each state and priority by its share of `buckets`, and from all over it. Those without a number are left out.
   */
  async function sample(
    campaign: Campaign,
    buckets: readonly BucketCount[],
    { limit, look, dueAt }: { limit: number; look: RuleLook; dueAt?: number },
  ): Promise<OpenLead[]> {
    const { knex } = app.db;
    const all = buckets.reduce((sum, { count, due }) => sum + (dueAt === undefined ? count : due), 0);
    const rows: LeadRow[] = [];
    for (const bucket of buckets)
      for await (const range of rangesOf(knex, bucket)) {
        const query = range().whereNotIn('id', heldLeadIds(knex, campaign.id));
        if (dueAt !== undefined) query.where('next_at', '<=', dueAt);
        if (all > limit) query.whereRaw(`id * ${scatter} % ${scale} < ?`, [(scale * limit) / all]);
        rows.push(...((await query.select('*')) as LeadRow[]));
      }
    return withFacts(rows.map(leadFromRow), () => campaign, look);
  }

  async function withFacts(
    leads: readonly Lead[],
    campaignOf: (lead: Lead) => Campaign | undefined,
    look: RuleLook,
  ): Promise<OpenLead[]> {
    const found: OpenLead[] = [];
    for (let from = 0; from < leads.length; from += factsBatch) {
      const part = leads.slice(from, from + factsBatch);
      const numbers = await phones.numbersOf(part.map(({ customerId }) => customerId));
      const asked: { lead: Lead; requests: GateRequest[] }[] = [];
      for (const lead of part) {
        const campaign = campaignOf(lead);
        const left = numbersLeft(lead, numbers.get(lead.customerId) ?? []);
        if (!campaign || left.length === 0) continue;
        const path = lead.state === 'callback' ? 'callback' : campaign.mode;
        const about = { campaignId: campaign.id, leadId: lead.id, customerId: lead.customerId };
        const requests = left.map(({ e164 }): GateRequest => ({ e164, stage: 'reserve', path, ...about }));
        asked.push({ lead, requests });
      }
      const known = await facts.of(asked.flatMap(({ requests }) => requests), app.clock.now(), look); // prettier-ignore
      let place = 0;
      for (const { lead, requests } of asked) {
        const its = requests.flatMap((request): AskedNumber[] => {
          const mine = known[place++];
          return mine ? [{ request, known: mine }] : [];
        });
        if (its.length > 0) found.push({ lead, numbers: its });
      }
      // Long looks ahead must not hold up calls of the same process.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return found;
  }

  return { sample, withFacts };
}
