import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { CustomerFields } from '../../crm/index.ts';
import { createCustomersFilter } from '../leads/lead-filters.ts';
import { neverCalled } from '../leads/lead-row.ts';
import { moveToOtherLists, notPromised } from '../leads/other-lists.ts';
import type { Import, ImportState } from './import.ts';

const lookupBatch = 1_000;

/** What a consent of an import says of its proof: the file, and the row in it. */
export function proofOfRow(fileName: string, row: number | ''): string {
  return `${fileName.slice(0, 191)} #${row}`;
}

type Ids = readonly number[];

/** Where else the customers of an import are, and what has happened with them: all its SQL on tables of others. */
export function createImportRelations(app: Pick<App, 'db' | 'bus'>) {
  const { db } = app;
  const filterCustomers = createCustomersFilter(app);
  const at = (trx?: Knex.Transaction): Knex | Knex.Transaction => trx ?? db.knex;

  /** Customer ids by the firm's own ids that rows bring. */
  async function ownersOfExternalIds(
    keys: readonly Pick<CustomerFields, 'externalId'>[],
    trx?: Knex.Transaction,
  ): Promise<Map<string, number>> {
    const owners = new Map<string, number>();
    const wanted = [...new Set(keys.flatMap(({ externalId }) => (externalId ? [externalId] : [])))];
    for (let from = 0; from < wanted.length; from += lookupBatch) {
      const rows: { id: number; external_id: string }[] = await at(trx)('customers')
        .whereIn('external_id', wanted.slice(from, from + lookupBatch))
        .select('id', 'external_id');
      for (const row of rows) owners.set(row.external_id, row.id);
    }
    return owners;
  }

  /** Those who are on the list by anything but this import. */
  const onListBefore = (listId: number, importId: number, ids: Ids, trx?: Knex.Transaction) =>
    customersIn(ids, (some) =>
      at(trx)('list_members')
        .where({ list_id: listId })
        .where((other) => other.whereNull('import_id').orWhere('import_id', '<>', importId))
        .whereIn('customer_id', some),
    );

  const onList = (listId: number, ids: Ids, trx?: Knex.Transaction) =>
    customersIn(ids, (some) => at(trx)('list_members').where({ list_id: listId }).whereIn('customer_id', some)); // prettier-ignore

  async function inCampaigns(campaignIds: Ids, ids: Ids, trx?: Knex.Transaction): Promise<number[]> {
    if (campaignIds.length === 0) return [];
    return customersIn(ids, (some) => at(trx)('leads').whereIn('campaign_id', [...campaignIds]).whereIn('customer_id', some)); // prettier-ignore
  }

  /** Made a lead of any campaign, or called by one, since then. */
  const leadsSince = (since: number, ids: Ids, trx?: Knex.Transaction) =>
    customersIn(ids, (some) =>
      at(trx)('leads')
        .whereIn('customer_id', some)
        .where((recent) => recent.where('created_at', '>=', since).orWhere('last_attempt_at', '>=', since)),
    );

  /** Those who were called from this list, or are being called now. */
  const dialledOf = (listId: number, ids: Ids, trx: Knex.Transaction) =>
    customersIn(ids, (some) => dialled(trx('leads').where({ list_id: listId }).whereIn('customer_id', some)));

  /** Whether anybody who came by this import has been called from its list. */
  async function anyDialled(importId: number): Promise<boolean> {
    const row = await dialled(
      db
        .knex('list_members')
        .join('leads', (join) =>
          join
            .on('leads.customer_id', 'list_members.customer_id')
            .andOn('leads.list_id', 'list_members.list_id'),
        )
        .where('list_members.import_id', importId),
    ).first('leads.id');
    return Boolean(row);
  }

  const dialled = (query: Knex.QueryBuilder): Knex.QueryBuilder => query.whereNot((its) => neverCalled(its));

  /**
   * Leads of this list that were never called, of customers who are no longer on it; one that waits in a hopper is
   * refused there when its turn comes. Those who are on another list of the campaign are called from there.
   */
  async function removeLeads(listId: number, ids: Ids, now: number, trx: Knex.Transaction): Promise<void> {
    const staying = new Set(await onList(listId, ids, trx));
    const leaving = ids.filter((id) => !staying.has(id));
    const theirs = () =>
      trx('leads')
        .where({ list_id: listId })
        .modify(neverCalled)
        .whereIn('customer_id', leaving)
        // Who was promised a call gets it, whatever list they came by.
        .modify(notPromised);
    const leads: { id: number }[] = await theirs().select('id');
    const moved = await moveToOtherLists(trx, { listId, leadIds: leads.map(({ id }) => id) }, now);
    await filterCustomers(moved, now, trx);
    await theirs().delete();
  }

  /**
   * Whom another import has put on this list as well is on it by that one from then on; it found them there, and its
   * timeline entry is all that says so. What an import has taken back, or is taking back, does not count.
   */
  async function handOver(item: Import, ids: Ids, trx: Knex.Transaction): Promise<void> {
    const others = new Map<number, Set<number>>();
    for (let from = 0; from < ids.length; from += lookupBatch) {
      const entries: { customer_id: number; data: string }[] = await trx('timeline_entries')
        .whereIn('customer_id', ids.slice(from, from + lookupBatch))
        .where({ kind: 'import' })
        .orderBy('id')
        .select('customer_id', 'data');
      for (const { customer_id: customerId, data } of entries) {
        const { importId, listId, undone } = JSON.parse(data) as Record<string, unknown>;
        if (listId === item.listId && importId !== item.id && !undone) {
          const by = Number(importId);
          others.set(by, (others.get(by) ?? new Set()).add(customerId));
        }
      }
    }
    if (others.size === 0) return;
    const standing: { id: number }[] = await trx('imports')
      .whereIn('id', [...others.keys()])
      .whereIn('state', ['committing', 'paused', 'stopped', 'done', 'failed'] satisfies ImportState[])
      .select('id');
    for (const { id } of standing) {
      const theirs = [...others.get(id)!];
      for (let from = 0; from < theirs.length; from += lookupBatch)
        await trx('list_members')
          .where({ list_id: item.listId, import_id: item.id })
          .whereIn('customer_id', theirs.slice(from, from + lookupBatch))
          .update({ import_id: id });
    }
  }

  /**
   * Consents that the file of this import is the proof of. One that was taken back since stays: it is what says that
   * its customer may not be called. Lines from before they named their import are known by what they say of the file,
   * and by when they were written.
   */
  async function removeConsents(ids: Ids, item: Import, trx: Knex.Transaction): Promise<void> {
    const written = [item.createdAt, item.finishedAt ?? item.updatedAt] as const;
    const told = `${proofOfRow(item.fileName, '').replaceAll(/[!%_]/g, '!$&')}%`;
    for (let from = 0; from < ids.length; from += lookupBatch)
      await trx('consents')
        .whereIn('customer_id', ids.slice(from, from + lookupBatch))
        .where((its) => {
          void its.where({ import_id: item.id }).orWhere((older) => {
            void older
              .whereNull('import_id')
              .where({ source: 'import' })
              .whereBetween('recorded_at', written);
            void older.whereRaw("proof like ? escape '!'", [told]);
          });
        })
        .whereNull('revoked_at')
        .delete();
  }

  /** Those of whom anything is known beyond this import: edits, calls, notes, consents, other lists and campaigns. */
  async function workedWith(importId: number, ids: Ids, trx: Knex.Transaction): Promise<number[]> {
    const found = new Set<number>();
    const some = [...ids];
    const edited: { id: number }[] = await trx('customers').whereIn('id', some).where('revision', '>', 0).select('id'); // prettier-ignore
    edited.forEach(({ id }) => found.add(id));
    for (const table of ['list_members', 'leads', 'calls', 'consents'])
      (await customersIn(some, (part) => trx(table).whereIn('customer_id', part))).forEach((id) => found.add(id)); // prettier-ignore
    const entries: { customer_id: number; data: string }[] = await trx('timeline_entries')
      .whereIn('customer_id', some)
      .select('customer_id', 'data');
    for (const { customer_id, data } of entries)
      if ((JSON.parse(data) as { importId?: number }).importId !== importId) found.add(customer_id);
    return [...found];
  }

  async function customersIn(ids: Ids, query: (some: number[]) => Knex.QueryBuilder): Promise<number[]> {
    const found = new Set<number>();
    for (let from = 0; from < ids.length; from += lookupBatch) {
      const rows = (await query(ids.slice(from, from + lookupBatch)).distinct('customer_id')) as {
        customer_id: number;
      }[];
      rows.forEach(({ customer_id }) => found.add(customer_id));
    }
    return [...found];
  }

  return {
    ownersOfExternalIds,
    onListBefore,
    inCampaigns,
    leadsSince,
    dialledOf,
    handOver,
    anyDialled,
    removeConsents,
    removeLeads,
    workedWith,
  };
}
