import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { countUpTo, cursorAfter, partOf, type Order, type Part, type Slice } from '../../core/http/index.ts';
import { createCustomerStore, type Customer } from '../../crm/index.ts';
import { heldLeadIds, isOpen, leadWithHolder, leadsWithHolder, openStates } from './hopper-row.ts';
import type { LeadRow } from './lead-row.ts';
import { nextNumberOf, type Lead, type LeadState } from './lead.ts';

export interface LeadFilter {
  readonly state?: LeadState;
  /** Part of a customer's name or number. */
  readonly search?: string;
  readonly reason?: string;
}

/** A lead as people look at it. */
export interface LeadView {
  readonly lead: Lead;
  readonly customer: Customer | null;
  /** The number that comes next; null: there is none left. */
  readonly e164: string | null;
}

/** Looking through the leads of a campaign. */
export function createLeadReader(app: Pick<App, 'db'>) {
  const { db } = app;
  const customers = createCustomerStore(app);

  /** Within one state, in the order in which they are dialled; else in the order of their customers. */
  async function page(campaignId: number, filter: LeadFilter, page: Part): Promise<Slice<LeadView>> {
    const query: Knex.QueryBuilder = db.knex('leads').where({ campaign_id: campaignId });
    if (filter.state) inState(db.knex, query, filter.state);
    if (filter.reason) query.where({ state_reason: filter.reason });
    const found = filter.search
      ? await customers.narrowTo(filter.search, query.clone().select('customer_id as id'))
      : null;
    found?.apply(query, 'leads.customer_id');
    const total = await countUpTo(db, query);
    const columns = filter.state ? (['priority', 'next_at', 'id'] as const) : (['customer_id'] as const);
    const order = columns.map((name): Order => ({ column: `leads.${name}`, direction: 'asc' }));
    const rows: LeadRow[] = await partOf(query.clone(), order, page).select('leads.*');
    return {
      rows: await withCustomers(rows),
      total: { ...total, more: total.more || (found?.partial ?? false) },
      next: cursorAfter(rows, page, (row) => columns.map((name) => row[name])),
      partial: found?.partial ?? false,
    };
  }

  /** Leads that could be reserved now, the first to be dialled first; for looking ahead, nothing is changed. */
  async function dueSample(campaignId: number, now: number, limit: number): Promise<LeadView[]> {
    const rows: LeadRow[] = [];
    for (const state of ['callback', 'waiting', 'new'] as const) {
      if (rows.length >= limit) break;
      const found: LeadRow[] = await db
        .knex<LeadRow>('leads')
        .where({ campaign_id: campaignId, state })
        .where('next_at', '<=', now)
        .orderBy(['priority', 'next_at', 'id'])
        .limit(limit - rows.length);
      rows.push(...found);
    }
    return withCustomers(rows);
  }

  async function withCustomers(rows: readonly LeadRow[]): Promise<LeadView[]> {
    const known = await customers.getMany(rows.map((row) => row.customer_id));
    const byId = new Map(known.map((customer) => [customer.id, customer]));
    const held = await holdersOf(rows);
    return rows.map((row) => {
      const lead = leadWithHolder({ ...row, ...(held.get(row.id) ?? { held_by: null, held_at: null }) });
      const customer = byId.get(lead.customerId) ?? null;
      const numbers = customer?.phones.map(({ e164 }) => e164) ?? [];
      return { lead, customer, e164: nextNumberOf(lead, numbers)?.e164 ?? null };
    });
  }

  async function holdersOf(rows: readonly LeadRow[]) {
    const query = leadsWithHolder(db.knex, {}).whereNotNull('hopper_blocks.held_by');
    const held = await query.whereIn('leads.id', rows.map(({ id }) => id)); // prettier-ignore
    return new Map(held.map(({ id, held_by, held_at }) => [id, { held_by, held_at }]));
  }

  return { page, dueSample };
}

/** Held leads stand with the others of the state that they came from, but are shown as reserved. */
function inState(knex: Knex, query: Knex.QueryBuilder, state: LeadState): void {
  const held = heldLeadIds(knex);
  if (state === 'reserved') query.whereIn('state', [...openStates]).whereIn('id', held);
  else {
    query.where({ state });
    if (isOpen(state)) query.whereNotIn('id', held);
  }
}
