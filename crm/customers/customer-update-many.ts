import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Customer, CustomerFields } from './customer.ts';
import { changedFields, type CustomersChanged } from './customer-write.ts';
import { fieldsToRow } from './customer-row.ts';
import { createTermStore } from './customer-terms.ts';
import { termsOf } from './search-terms.ts';

export interface CustomerChange {
  readonly before: Customer;
  readonly fields: CustomerFields;
}

/** Somebody else changed a customer between the look and the write: the whole transaction is to be tried again. */
export class CustomerChangedMeanwhile extends Error {
  constructor() {
    super('a customer was changed meanwhile');
    this.name = 'CustomerChangedMeanwhile';
  }
}

/** Changing many customers at once, as merging a file does. No customer twice in one call. */
export function createCustomerUpdater(app: Pick<App, 'db'>, follow?: CustomersChanged) {
  const { db } = app;
  const index = createTermStore(app);

  /** Those whose fields stay as they are cost nothing. Returns the ones changed. @throws CustomerChangedMeanwhile */
  async function updateMany(
    changes: readonly CustomerChange[],
    now: number,
    trx: Knex.Transaction,
  ): Promise<CustomerChange[]> {
    const real = changes
      .map((change) => ({ ...change, changed: changedFields(change.before, change.fields) }))
      .filter(({ changed }) => changed.length > 0);
    for (const { before, fields } of real) {
      const { id, revision } = before;
      const rows = await trx('customers')
        .where({ id, revision })
        .update({ ...fieldsToRow(fields), revision: revision + 1, updated_at: now });
      if (rows !== 1) throw new CustomerChangedMeanwhile();
    }
    await writeTerms(real, trx);
    await writePhones(
      real.filter(({ changed }) => changed.includes('phones')),
      trx,
    );
    await writeTags(
      real.filter(({ changed }) => changed.includes('tags')),
      trx,
    );
    if (real.length > 0) await follow?.(real.map(({ before }) => before.id), now, trx); // prettier-ignore
    return real;
  }

  async function writeTerms(changes: readonly CustomerChange[], trx: Knex.Transaction): Promise<void> {
    const fresh: [string, number][] = [];
    for (const { before, fields } of changes) {
      const [old, now] = [new Set(termsOf(before)), new Set(termsOf(fields))];
      const gone = [...old].filter((term) => !now.has(term));
      if (gone.length > 0)
        await trx('customer_terms').where({ customer_id: before.id }).whereIn('term', gone).delete();
      for (const term of now) if (!old.has(term)) fresh.push([term, before.id]);
    }
    await index.insert(fresh, trx);
  }

  async function writePhones(changes: readonly CustomerChange[], trx: Knex.Transaction): Promise<void> {
    await deleteOf('customer_phones', changes, trx);
    const rows = changes.flatMap(({ before, fields }) =>
      fields.phones.map(({ e164, type }, position) => ({ customer_id: before.id, e164, type, position })),
    );
    await db.insertMany('customer_phones', rows, trx);
  }

  async function writeTags(changes: readonly CustomerChange[], trx: Knex.Transaction): Promise<void> {
    await deleteOf('customer_tags', changes, trx);
    const rows = changes.flatMap(({ before, fields }) =>
      [...new Set(fields.tags)].map((tag) => ({ customer_id: before.id, tag })),
    );
    await db.insertMany('customer_tags', rows, trx);
  }

  async function deleteOf(
    table: string,
    changes: readonly CustomerChange[],
    trx: Knex.Transaction,
  ): Promise<void> {
    const ids = changes.map(({ before }) => before.id);
    for (let from = 0; from < ids.length; from += 400)
      await trx(table)
        .whereIn('customer_id', ids.slice(from, from + 400))
        .delete();
  }

  return { updateMany };
}
