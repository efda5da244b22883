import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Customer, CustomerFields } from './customer.ts';
import { createCustomerReader } from './customer-read.ts';
import { createCustomerInserter } from './customer-insert.ts';
import { fieldsToRow } from './customer-row.ts';
import { createTermStore } from './customer-terms.ts';
import { termsOf } from './search-terms.ts';

export type CustomerSaved =
  | { readonly saved: true; readonly revision: number; readonly changed: (keyof CustomerFields)[] }
  /** `external-id-taken`: another customer has that id in the firm's systems. */
  | { readonly saved: false; readonly reason: 'changed-meanwhile' | 'gone' | 'external-id-taken' };

export type CustomerCreated =
  | { readonly created: true; readonly id: number }
  | { readonly created: false; readonly reason: 'external-id-taken' };

/**
 * What floors above have to do when customers have changed: who is called may depend on it. It belongs to the change,
 * in whose transaction it is done.
 */
export type CustomersChanged = (ids: readonly number[], now: number, trx: Knex.Transaction) => Promise<void>;

/** Writing customers. The search index follows each write in the same transaction. */
export function createCustomerWriter(app: Pick<App, 'db'>, follow?: CustomersChanged) {
  const { db } = app;
  const reader = createCustomerReader(app);
  const { insertMany, insertPrepared } = createCustomerInserter(app);
  const terms = createTermStore(app);

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
      await follow?.([id], now, trx);
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
    await terms.insert(fresh.map((term) => [term, before.id]), trx); // prettier-ignore
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

  return { create, insertMany, insertPrepared, update };
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
