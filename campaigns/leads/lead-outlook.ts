import type { App } from '../../core/app.ts';
import { createCustomerPhones } from '../../crm/customers/customer-phones.ts';
import type { Campaign } from '../campaigns/campaign.ts';
import { createGate } from '../compliance/create-gate.ts';
import type { Gate, Verdict } from '../compliance/gate.ts';
import { leadFromRow, type LeadRow } from './lead-row.ts';
import { numbersLeft } from './lead.ts';

/** Leads the gate is asked about at once. */
const askedAtOnce = 200;

export interface Outlook {
  readonly row: LeadRow;
  /** Of each number that is left to be called, the one that comes next first. */
  readonly verdicts: readonly Verdict[];
}

/**
 * Asks the gate what it would say of leads that it has refused before. Nothing of it is kept, and nobody is called on
 * it: dialling asks again.
 */
export function createLeadOutlook(app: App, gate: Gate = createGate(app, { dry: true })) {
  const phones = createCustomerPhones(app);

  /** The outlooks of some at a time, in the order of the leads. */
  async function* ask(campaign: Campaign, rows: readonly LeadRow[]): AsyncGenerator<Outlook[]> {
    for (let from = 0; from < rows.length; from += askedAtOnce)
      yield await askOf(campaign, rows.slice(from, from + askedAtOnce));
  }

  async function askOf(campaign: Campaign, rows: readonly LeadRow[]): Promise<Outlook[]> {
    const numbers = await phones.numbersOf(rows.map(({ customer_id }) => customer_id)); // prettier-ignore
    const asked = rows.flatMap((row) =>
      numbersLeft(leadFromRow(row), numbers.get(row.customer_id) ?? []).map(({ e164 }) => ({ row, e164 })),
    );
    const verdicts = await gate.mayCallMany(
      asked.map(({ row, e164 }) => ({
        ...{ e164, stage: 'reserve' as const, path: campaign.mode, campaignId: campaign.id },
        ...{ leadId: row.id, customerId: row.customer_id },
      })),
    );
    const of = new Map<LeadRow, Verdict[]>(rows.map((row) => [row, []]));
    for (const [index, { row }] of asked.entries()) of.get(row)!.push(verdicts[index]!);
    return [...of].map(([row, its]) => ({ row, verdicts: its }));
  }

  return { ask };
}
