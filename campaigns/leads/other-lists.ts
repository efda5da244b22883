import type { Knex } from 'knex';

const batchSize = 400;
/** `list_id` of a lead that has come by no list. */
export const noList = 0;

interface Place {
  readonly lead: number;
  readonly list: number;
  readonly priority: number;
}

/**
 * Leads that came by a list which their customers leave, or which leaves the campaign: those of customers who are on
 * another list of their campaign belong to that one from then on, the first in dialling order. The others stay as they
 * are.
 */
export async function moveToOtherLists(
  at: Knex | Knex.Transaction,
  leaving: { readonly listId: number; readonly leadIds: readonly number[] },
  now: number,
): Promise<void> {
  for (let from = 0; from < leaving.leadIds.length; from += batchSize)
    await move(at, leaving.listId, leaving.leadIds.slice(from, from + batchSize), now);
}

/**
 * A lead in a call is passed by when its list leaves the campaign, and would wait to be called again afterwards: it goes
 * over to another list of its customer, or is done, as those are that were not in a call. True when it is done.
 */
export async function endIfListHasLeft(
  trx: Knex.Transaction,
  lead: { readonly id: number; readonly campaignId: number; readonly listId: number },
  now: number,
): Promise<boolean> {
  const { id, campaignId, listId } = lead;
  // Made for a customer who was called by hand: it has come by no list, and leaves with none.
  if (listId === noList) return false;
  const joined = { campaign_id: campaignId, list_id: listId };
  if (await trx('campaign_lists').where(joined).first('list_id')) return false;
  await moveToOtherLists(trx, { listId, leadIds: [id] }, now);
  const left = trx('leads').where({ id, list_id: listId, state: 'waiting' });
  return (await left.update({ state: 'done', state_reason: 'list-removed', updated_at: now })) === 1;
}

async function move(
  at: Knex | Knex.Transaction,
  listId: number,
  leadIds: readonly number[],
  now: number,
): Promise<void> {
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
    .select({ lead: 'leads.id', list: 'campaign_lists.list_id', priority: 'campaign_lists.priority' });
  const taken = new Set<number>();
  const byList = new Map<number, { priority: number; leads: number[] }>();
  for (const { lead, list, priority } of places) {
    if (taken.has(lead)) continue;
    taken.add(lead);
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
}
