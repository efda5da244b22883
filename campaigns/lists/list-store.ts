import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { foldedSql } from '../../core/database/expressions.ts';
import { countUpTo, likePattern } from '../../core/http/count.ts';
import { partOf, type Part } from '../../core/http/keyset.ts';
import type { List } from './list.ts';

interface ListRow {
  id: number;
  name: string;
  description: string | null;
  default_country: string;
  size: number;
  revision: number;
  created_by: number | null;
  created_at: number;
  archived_at: number | null;
}

const fromRow = (row: ListRow): List => ({
  id: row.id,
  name: row.name,
  description: row.description,
  defaultCountry: row.default_country,
  size: row.size,
  revision: row.revision,
  createdBy: row.created_by,
  createdAt: row.created_at,
  archivedAt: row.archived_at,
});

export type ListStore = ReturnType<typeof createListStore>;

/** All SQL for lists and their members. */
export function createListStore(app: Pick<App, 'db'>) {
  const { db } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<ListRow>('lists');

  async function get(id: number, trx?: Knex.Transaction): Promise<List | null> {
    const row = await table(trx).where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function create(
    list: { name: string; description?: string | null; defaultCountry: string },
    by: { userId: number | null; now: number },
    trx?: Knex.Transaction,
  ): Promise<number> {
    return db.insertId(
      'lists',
      {
        name: list.name.slice(0, 120),
        description: list.description ?? null,
        default_country: list.defaultCountry,
        created_by: by.userId,
        created_at: by.now,
      },
      trx,
    );
  }

  /** Saves only over the `revision` that was read, so that two editors do not overwrite each other. */
  async function update(
    id: number,
    revision: number,
    list: { name: string; description: string | null },
    trx: Knex | Knex.Transaction = db.knex,
  ): Promise<boolean> {
    const rows = await trx('lists')
      .where({ id, revision })
      .update({ ...list, revision: revision + 1 });
    return rows === 1;
  }

  /** Lists that are in use, the newest first. */
  async function all(): Promise<List[]> {
    return (await table().whereNull('archived_at').orderBy('id', 'desc')).map(fromRow);
  }

  async function page(
    filter: { search?: string; archived?: boolean },
    order: { sort: 'name' | 'size' | 'createdAt'; direction: 'asc' | 'desc'; limit: number; offset: number },
  ) {
    const query = table().modify((q) => {
      if (filter.archived) q.whereNotNull('archived_at');
      else q.whereNull('archived_at');
      if (filter.search)
        q.whereRaw(`${foldedSql(db.engine, 'name')} like ? escape '!'`, [
          likePattern(filter.search.toLowerCase()),
        ]);
    });
    const total = await countUpTo(db, query);
    const column = { name: 'name', size: 'size', createdAt: 'created_at' }[order.sort];
    const rows = await query
      .clone()
      .orderBy([
        { column, order: order.direction },
        { column: 'id', order: order.direction },
      ])
      .limit(order.limit)
      .offset(order.offset);
    return { rows: (rows as ListRow[]).map(fromRow), total };
  }

  /**
   * Puts customers on a list; those who are on it already stay as they are. `made` are customers of this very
   * transaction, whom nobody can have put there. Returns how many came anew.
   */
  async function addMembers(
    listId: number,
    customerIds: readonly number[],
    importId: number | null,
    trx: Knex.Transaction,
    made: readonly number[] = [],
  ): Promise<number> {
    const ids = [...new Set(customerIds)];
    const known = new Set<number>();
    if (ids.length > 0) {
      const there: { customer_id: number }[] = await trx('list_members')
        .where({ list_id: listId })
        .whereIn('customer_id', ids)
        .select('customer_id');
      there.forEach((row) => known.add(row.customer_id));
    }
    const fresh = [...ids.filter((id) => !known.has(id)), ...made];
    const rows = fresh.map((id) => [listId, id, importId]);
    await db.load('list_members', ['list_id', 'customer_id', 'import_id'], rows, trx);
    if (fresh.length > 0) await table(trx).where({ id: listId }).increment('size', fresh.length);
    return fresh.length;
  }

  /** Takes customers off a list who came onto it by that import. */
  async function removeMembers(
    listId: number,
    customerIds: readonly number[],
    importId: number,
    trx: Knex.Transaction,
  ): Promise<void> {
    const gone = await trx('list_members')
      .where({ list_id: listId, import_id: importId })
      .whereIn('customer_id', [...customerIds])
      .delete();
    if (gone > 0) await table(trx).where({ id: listId }).decrement('size', gone);
  }

  async function archive(id: number, archived: boolean, now: number): Promise<boolean> {
    return (
      (await table()
        .where({ id })
        .update({ archived_at: archived ? now : null })) === 1
    );
  }

  /** Campaigns that have joined this list. */
  async function campaignsOf(listId: number): Promise<{ id: number; name: string; state: string }[]> {
    return db
      .knex('campaign_lists')
      .join('campaigns', 'campaigns.id', 'campaign_lists.campaign_id')
      .where({ list_id: listId })
      .orderBy('campaigns.id', 'desc')
      .select('campaigns.id', 'campaigns.name', 'campaigns.state');
  }

  /** Ids of members, in the order they are called; for looking at a list page by page. */
  async function members(listId: number, page: Part): Promise<number[]> {
    const all = db.knex('list_members').where({ list_id: listId }).select('customer_id');
    const rows: { customer_id: number }[] = await partOf(all, [{ column: 'customer_id', direction: 'asc' }], page); // prettier-ignore
    return rows.map((row) => row.customer_id);
  }

  return { get, create, update, all, page, addMembers, removeMembers, archive, campaignsOf, members };
}
