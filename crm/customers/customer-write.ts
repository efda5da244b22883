import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Customer, CustomerFields } from './customer.ts';
import { createCustomerReader } from './customer-read.ts';
import { fieldsToRow } from './customer-row.ts';
import { termsOf } from './search-terms.ts';

export type CustomerSaved =
  | { readonly saved: true; readonly revision: number; readonly changed: (keyof CustomerFields)[] }
  /** `external-id-taken`: another customer has that id in the firm's systems. */
  | { readonly saved: false; readonly reason: 'changed-meanwhile' | 'gone' | 'external-id-taken' };

export type CustomerCreated =
  | { readonly created: true; readonly id: number }
  | { readonly created: false; readonly reason: 'external-id-taken' };

/** Writing customers. The search index follows each write in the same transaction. */
export function createCustomerWriter(app: Pick<App, 'db'>) {
  const { db } = app;
  const reader = createCustomerReader(app);

  async function create(
    fields: CustomerFields,
    now: number,
    outer?: Knex.Transaction,
  ): Promise<CustomerCreated> {
    const work = async (trx: Knex.Transaction): Promise<CustomerCreated> => {
      if (await externalIdTaken(trx, fields.externalId, 0))
        return { created: false, reason: 'external-id-taken' };
      const [id] = await insertMany([fields], now, trx);
      return { created: true, id: id! };
    };
    return outer ? work(outer) : db.transaction(work);
  }

  /** Inserts many customers that are known to be new. Returns their ids, in order. */
  async function insertMany(
    customers: readonly CustomerFields[],
    now: number,
    trx: Knex.Transaction,
  ): Promise<number[]> {
    const ids: number[] = [];
    for (let from = 0; from < customers.length; from += 400)
      ids.push(...(await insertBatch(customers.slice(from, from + 400), now, trx)));
    await insertTerms(
      customers.flatMap((fields, index) =>
        termsOf(fields).map((term): [string, number] => [term, ids[index]!]),
      ),
      trx,
    );
    return ids;
  }

  async function insertBatch(
    customers: readonly CustomerFields[],
    now: number,
    trx: Knex.Transaction,
  ): Promise<number[]> {
    const rows = customers.map((fields) => ({ ...fieldsToRow(fields), created_at: now, updated_at: now }));
    const [reported] = await trx('customers').insert(rows);
    const ids = await idsOfInsert(trx, Number(reported), rows.length);
    await writeParts(customers.map((fields, index) => ({ id: ids[index]!, fields })), trx); // prettier-ignore
    return ids;
  }

  /** MariaDB reports the first id of a statement, SQLite the last; within one statement they follow each other. */
  async function idsOfInsert(trx: Knex.Transaction, reported: number, count: number): Promise<number[]> {
    if (db.engine === 'sqlite') return Array.from({ length: count }, (_, i) => reported - count + 1 + i);
    const [[variables]] = await trx.raw('select @@auto_increment_increment as step');
    const { step } = variables as { step: number };
    return Array.from({ length: count }, (_, i) => reported + i * step);
  }

  async function writeParts(
    entries: readonly { id: number; fields: CustomerFields }[],
    trx: Knex.Transaction,
  ): Promise<void> {
    const phones = entries.flatMap(({ id, fields }) =>
      fields.phones.map(({ e164, type }, position) => ({ customer_id: id, e164, type, position })),
    );
    const tags = entries.flatMap(({ id, fields }) =>
      [...new Set(fields.tags)].map((tag) => ({ customer_id: id, tag })),
    );
    await db.insertMany('customer_phones', phones, trx);
    await db.insertMany('customer_tags', tags, trx);
  }

  /**
   * Some twenty terms a customer: as JSON in one binding they are written four times as fast as row by row through the
   * query builder. In the order of the index, so that each page of it is touched once.
   */
  async function insertTerms(terms: [string, number][], trx: Knex.Transaction): Promise<void> {
    terms.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    for (let from = 0; from < terms.length; from += 10_000) {
      const some = terms.slice(from, from + 10_000);
      const rows =
        db.engine === 'sqlite'
          ? `select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(?)`
          : `select term, id from json_table(?, '$[*]' columns (term varchar(16) path '$[0]', id int unsigned path '$[1]')) terms`;
      await trx.raw(`insert into customer_terms (term, customer_id) ${rows}`, [JSON.stringify(some)]);
    }
  }

  /** Saves only over the `revision` that was read, so that two editors do not overwrite each other. */
  async function update(
    id: number,
    revision: number,
    fields: CustomerFields,
    now: number,
    outer?: Knex.Transaction,
  ): Promise<CustomerSaved> {
    const work = async (trx: Knex.Transaction): Promise<CustomerSaved> => {
      const before = await reader.get(id, trx);
      if (!before) return { saved: false, reason: 'gone' };
      if (before.revision !== revision) return { saved: false, reason: 'changed-meanwhile' };
      if (await externalIdTaken(trx, fields.externalId, id))
        return { saved: false, reason: 'external-id-taken' };
      const changed = changedFields(before, fields);
      if (changed.length === 0) return { saved: true, revision, changed };
      const rows = await trx('customers')
        .where({ id, revision })
        .update({ ...fieldsToRow(fields), revision: revision + 1, updated_at: now });
      if (rows !== 1) return { saved: false, reason: 'changed-meanwhile' };
      await replaceParts(before, fields, trx);
      return { saved: true, revision: revision + 1, changed };
    };
    return outer ? work(outer) : db.transaction(work);
  }

  async function replaceParts(
    before: Customer,
    fields: CustomerFields,
    trx: Knex.Transaction,
  ): Promise<void> {
    const oldTerms = new Set(termsOf(before));
    const newTerms = new Set(termsOf(fields));
    const gone = [...oldTerms].filter((term) => !newTerms.has(term));
    await trx('customer_terms').where({ customer_id: before.id }).whereIn('term', gone).delete();
    await trx('customer_phones').where({ customer_id: before.id }).delete();
    await trx('customer_tags').where({ customer_id: before.id }).delete();
    const fresh = [...newTerms].filter((term) => !oldTerms.has(term));
    await insertTerms(fresh.map((term) => [term, before.id]), trx); // prettier-ignore
    const phones = fields.phones.map(({ e164, type }, position) => ({
      customer_id: before.id,
      e164,
      type,
      position,
    }));
    await db.insertMany('customer_phones', phones, trx);
    const tags = [...new Set(fields.tags)].map((tag) => ({ customer_id: before.id, tag }));
    await db.insertMany('customer_tags', tags, trx);
  }

  async function externalIdTaken(
    trx: Knex.Transaction,
    externalId: string | null,
    except: number,
  ): Promise<boolean> {
    if (externalId === null) return false;
    return Boolean(
      await trx('customers').where({ external_id: externalId }).whereNot({ id: except }).first(),
    );
  }

  return { create, insertMany, update };
}

/** The names of the fields that differ. */
export function changedFields(before: CustomerFields, after: CustomerFields): (keyof CustomerFields)[] {
  const keys: (keyof CustomerFields)[] = [
    'name',
    'salutation',
    'externalId',
    'language',
    'company',
    'email',
    'address',
    'addressRegion',
    'custom',
    'phones',
    'tags',
  ];
  const plain = (fields: CustomerFields, key: keyof CustomerFields) =>
    JSON.stringify(
      key === 'tags' ? [...fields.tags].sort() : key === 'custom' ? sorted(fields.custom) : fields[key],
    );
  return keys.filter((key) => plain(before, key) !== plain(after, key));
}

const sorted = (object: Readonly<Record<string, string>>) =>
  Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
