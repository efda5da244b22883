import type { Knex } from 'knex';

const batchSize = 400;
/** `list_id` of a lead that has come by no list. */
export const noList = 0;

interface Place {
  readonly lead: number;
  readonly customer: number;
  readonly list: number;
  readonly priority: number;
}

/**
 * Leads that came by a list which their customers leave, or which leaves the campaign: those of customers who are on
 * another list of their campaign belong to that one from then on, the first in dialling order. The others stay as they
 * are. Returns the customers of those that went over: a filter may speak of lists.
 */
export async function moveToOtherLists(
  at: Knex | Knex.Transaction,
  leaving: { readonly listId: number; readonly leadIds: readonly number[] },
  now: number,
): Promise<number[]> {
  const customers: number[] = [];
  for (let from = 0; from < leaving.leadIds.length; from += batchSize)
    customers.push(...(await move(at, leaving.listId, leaving.leadIds.slice(from, from + batchSize), now)));
  return customers;
}

/** Leads of customers to whom a callback is promised. */
export function promised(leads: Knex.QueryBuilder): void {
  void leads.whereExists((open) => {
    open.from('callbacks').whereRaw('callbacks.lead_id = leads.id').where({ 'callbacks.state': 'open' });
  });
}

export function notPromised(leads: Knex.QueryBuilder): void {
  void leads.whereNotExists((open) => {
    open.from('callbacks').whereRaw('callbacks.lead_id = leads.id').where({ 'callbacks.state': 'open' });
  });
}

/**
 * A promise that was tried in vain, and whose lead waits among others since: when its list has left it is a callback
 * once more, which goes by no list, or nobody would keep it.
 */
export async function keepPromises(
  at: Knex | Knex.Transaction,
  choose: (leads: Knex.QueryBuilder) => void,
  now: number,
): Promise<number> {
  return at('leads')
    .modify(choose)
    .where({ state: 'waiting' })
    .modify(promised)
    .update({ state: 'callback', updated_at: now });
}

/** `state_reason` of leads that had been dialled when their list left the campaign: they come back with it. */
export const listRemoved = 'list-removed';

/**
 * A lead that is in a call, or blocked, may be passed by when its list leaves the campaign, and would be dialled
 * afterwards: of the leads chosen those that could be now go over to another list of their customer, stay as a promised
 * callback, or end as they would have then.
 */
export async function endIfListHasLeft(
  at: Knex | Knex.Transaction,
  choose: (leads: Knex.QueryBuilder) => void,
  now: number,
): Promise<LeftList> {
  const joined = at('campaign_lists')
    .whereRaw('campaign_lists.campaign_id = leads.campaign_id and campaign_lists.list_id = leads.list_id')
    .select(at.raw('1'));
  const left: { id: number; list_id: number }[] = await at('leads')
    .modify(choose)
    .whereIn('leads.state', [...couldBeDialled])
    // Those made for a customer who was called by hand have come by no list, and leave with none.
    .whereNot('leads.list_id', noList)
    .whereNotExists(joined)
    .select('leads.id', 'leads.list_id');
  let [ended, kept] = [0, 0];
  const moved: number[] = [];
  for (const listId of new Set(left.map(({ list_id }) => list_id))) {
    const leadIds = left.filter(({ list_id }) => list_id === listId).map(({ id }) => id);
    moved.push(...(await moveToOtherLists(at, { listId, leadIds }, now)));
    for (let from = 0; from < leadIds.length; from += batchSize) {
      const some = (leads: Knex.QueryBuilder) =>
        void leads.whereIn('id', leadIds.slice(from, from + batchSize)).where({ list_id: listId });
      kept += await keepPromises(at, some, now);
      const stillOf = (state: string) => at('leads').modify(some).where({ state }).modify(notPromised);
      ended += await stillOf('waiting').update({ state: 'done', state_reason: listRemoved, updated_at: now });
      // Never dialled.
      ended += await stillOf('new').delete();
    }
  }
  return { ended, kept, moved };
}

/** How many leads ended, how many became promised callbacks again, and the customers of those on another list now. */
export interface LeftList {
  readonly ended: number;
  readonly kept: number;
  readonly moved: readonly number[];
}

/** A promised callback is kept whatever list it came by. */
const couldBeDialled = ['new', 'waiting'] as const;

async function move(
  at: Knex | Knex.Transaction,
  listId: number,
  leadIds: readonly number[],
  now: number,
): Promise<number[]> {
  const places: Place[] = await at('leads')
    .join('list_members', 'list_members.customer_id', 'leads.customer_id')
    .join('campaign_lists', (join) =>
      join
        .on('campaign_lists.campaign_id', 'leads.campaign_id')
        .andOn('campaign_lists.list_id', 'list_members.list_id'),
    )
    .whereIn('leads.id', [...leadIds])
    .where('leads.list_id', listId)
    .whereNot('campaign_lists.list_id', listId)
    .orderBy(['campaign_lists.priority', 'campaign_lists.list_id'])
    .select({
      lead: 'leads.id',
      customer: 'leads.customer_id',
      list: 'campaign_lists.list_id',
      priority: 'campaign_lists.priority',
    });
  const customers = new Map<number, number>();
  const byList = new Map<number, { priority: number; leads: number[] }>();
  for (const { lead, customer, list, priority } of places) {
    if (customers.has(lead)) continue;
    customers.set(lead, customer);
    const group = byList.get(list) ?? { priority, leads: [] };
    group.leads.push(lead);
    byList.set(list, group);
  }
  for (const [list, { priority, leads }] of byList)
    await at('leads')
      .whereIn('id', leads)
      .where({ list_id: listId })
      // That list may be leaving in this moment: its own removal must not have passed these by.
      .whereExists(
        at('campaign_lists')
          .where({ list_id: list })
          .whereRaw('campaign_lists.campaign_id = leads.campaign_id')
          .select(at.raw('1')),
      )
      .update({ list_id: list, priority, updated_at: now });
  return [...customers.values()];
}
