import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { createCustomerReader } from './customer-read.ts';
import { termsOf } from './search-terms.ts';

/** Takes customers away for good, with their numbers, tags, search index and timeline. */
export function createCustomerRemover(app: Pick<App, 'db'>) {
  const reader = createCustomerReader(app);

  /** The caller knows that nothing else speaks of them. */
  async function removeMany(ids: readonly number[], trx: Knex.Transaction): Promise<void> {
    const terms = (await reader.getMany(ids, trx)).flatMap((customer) =>
      termsOf(customer).map((term): [string, number] => [term, customer.id]),
    );
    // In the order of the index, a few hundred pairs a statement.
    terms.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    for (let from = 0; from < terms.length; from += 400) {
      const pairs = terms.slice(from, from + 400);
      await trx('customer_terms').whereIn(['term', 'customer_id'], pairs).delete();
    }
    for (const table of ['customer_phones', 'customer_tags', 'timeline_entries'])
      await trx(table)
        .whereIn('customer_id', [...ids])
        .delete();
    await trx('customers')
      .whereIn('id', [...ids])
      .delete();
  }

  return { removeMany };
}
