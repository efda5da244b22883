import type { App } from '../../core/app.ts';
import { nextPhone, type LeadState, type Tries } from '../../campaigns/leads/lead.ts';
import { createCustomerStore } from '../../crm/index.ts';

/** A lead, or a member of a list that is on no campaign yet. */
export interface SampleRow {
  leadId: number | null;
  customerId: number;
  e164: string;
  attempts: number;
  state: LeadState;
  nextAt: number;
}

export interface Sample {
  /** Leads of the list that are not done, as far as the sample tells. */
  leads: number;
  rows: SampleRow[];
}

const open: readonly LeadState[] = ['new', 'waiting', 'callback', 'reserved', 'dialing'];
/** Places in a list at which the sample looks, and leads taken at each. */
const places = 40;
const leadsAtPlace = 15;

interface LeadSampleRow {
  id: number;
  customer_id: number;
  state: LeadState;
  attempts: number;
  phone_position: number;
  next_at: number;
  tries: string | null;
}

/** A fair sample of a list by index: the same number of leads from places spread evenly over it. */
export function createSampleStore(app: Pick<App, 'db'>) {
  const { knex } = app.db;
  const customers = createCustomerStore(app);

  /** Of every lead that the campaign has, or of those from one list. */
  async function ofCampaign(campaignId: number, listId?: number): Promise<Sample> {
    const lists: { list_id: number }[] = await knex('campaign_lists')
      .where({ campaign_id: campaignId })
      .modify((query) => listId !== undefined && query.where({ list_id: listId }))
      .select('list_id');
    const samples = [];
    for (const { list_id } of lists) samples.push(await ofLeads(campaignId, list_id));
    // Lists of different size: smaller samples are thinned so that each lead stands for as many.
    const weight = Math.max(1, ...samples.map(({ leads, rows }) => leads / Math.max(1, rows.length)));
    const rows = samples.flatMap(({ leads, rows: all }) => spread(all, Math.round(leads / weight)));
    return { leads: samples.reduce((sum, { leads }) => sum + leads, 0), rows };
  }

  async function ofLeads(campaignId: number, listId: number): Promise<Sample> {
    const where = { campaign_id: campaignId, list_id: listId };
    const ends = (await knex('leads').where(where).min({ low: 'id' }).max({ high: 'id' }).first()) as {
      low: number | null;
      high: number | null;
    };
    const size =
      ((await knex('lists').where({ id: listId }).first('size')) as { size: number } | undefined)?.size ?? 0;
    if (ends.low === null || ends.high === null) return { leads: 0, rows: [] };
    const found = await sampled<LeadSampleRow>(ends.low, ends.high, size, (from, limit) =>
      knex('leads')
        .where(where)
        .where('id', '>=', from)
        .orderBy('id')
        .limit(limit)
        .select('id', 'customer_id', 'state', 'attempts', 'phone_position', 'next_at', 'tries'),
    );
    const whole = found.length >= size || found.length < places;
    const alive = found.filter(({ state }) => open.includes(state));
    const phones = await phonesOf(alive.map(({ customer_id }) => customer_id));
    const rows = alive.flatMap((row): SampleRow[] => {
      const tries = row.tries ? (JSON.parse(row.tries) as Partial<Tries>) : null;
      const next = nextPhone(phones.get(row.customer_id) ?? [], row.phone_position, { dead: [], ...tries });
      if (!next) return [];
      return [
        {
          leadId: row.id,
          customerId: row.customer_id,
          e164: next.e164,
          attempts: row.attempts,
          state: row.state,
          nextAt: Number(row.next_at),
        },
      ];
    });
    const leads = whole ? rows.length : Math.round((size * rows.length) / Math.max(1, found.length));
    return { leads, rows };
  }

  /** Of a list that need not be on any campaign. */
  async function ofList(listId: number, size: number): Promise<Sample> {
    const ends = (await knex('list_members')
      .where({ list_id: listId })
      .min({ low: 'customer_id' })
      .max({ high: 'customer_id' })
      .first()) as { low: number | null; high: number | null };
    if (ends.low === null || ends.high === null) return { leads: 0, rows: [] };
    const found = await sampled<{ id: number }>(ends.low, ends.high, size, (from, limit) =>
      knex('list_members')
        .where({ list_id: listId })
        .where('customer_id', '>=', from)
        .orderBy('customer_id')
        .limit(limit)
        .select({ id: 'customer_id' }),
    );
    const phones = await phonesOf(found.map(({ id }) => id));
    const rows = found.flatMap(({ id }): SampleRow[] => {
      const [e164] = phones.get(id) ?? [];
      return e164 ? [{ leadId: null, customerId: id, e164, attempts: 0, state: 'new', nextAt: 0 }] : [];
    });
    return { leads: Math.round((size * rows.length) / Math.max(1, found.length)), rows };
  }

  async function phonesOf(ids: readonly number[]): Promise<Map<number, string[]>> {
    const phones = new Map<number, string[]>();
    for (let from = 0; from < ids.length; from += 400)
      for (const customer of await customers.getMany(ids.slice(from, from + 400)))
        phones.set(customer.id, customer.phones.map(({ e164 }) => e164)); // prettier-ignore
    return phones;
  }

  return { ofCampaign, ofList };
}

/** All of a small list; of a large one some at each of `places`, none twice. */
async function sampled<Row extends { id: number }>(
  low: number,
  high: number,
  size: number,
  take: (from: number, limit: number) => Promise<Row[]>,
): Promise<Row[]> {
  if (size <= places * leadsAtPlace) return take(low, places * leadsAtPlace);
  const rows = new Map<number, Row>();
  for (let place = 0; place < places; place++) {
    const from = low + Math.floor(((high - low + 1) * place) / places);
    for (const row of await take(from, leadsAtPlace)) rows.set(row.id, row);
  }
  return [...rows.values()];
}

/** `count` of them, evenly spread. */
function spread<Row>(rows: readonly Row[], count: number): Row[] {
  if (count >= rows.length) return [...rows];
  return Array.from({ length: count }, (_, n) => rows[Math.floor((n * rows.length) / count)]!);
}
