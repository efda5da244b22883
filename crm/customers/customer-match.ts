import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Customer, CustomerFields } from './customer.ts';
import { createCustomerReader } from './customer-read.ts';
import { fold } from './search-terms.ts';

/** What tells that a row speaks of a known customer. */
export type MatchBy = 'both' | 'phone' | 'external_id';

type RowKey = Pick<CustomerFields, 'name' | 'externalId' | 'phones'>;

/** Finds, for many rows of a file at once, the customers they speak of. */
export function createCustomerMatcher(app: Pick<App, 'db'>) {
  const reader = createCustomerReader(app);

  /**
   * The known customers whom each row may speak of, the likeliest first. With `both` the firm's own id decides; else the
   * first number, unless that customer has another id of the firm's. Of several with one number, the one with the same
   * name, then the oldest.
   */
  async function candidates(
    rows: readonly RowKey[],
    by: MatchBy = 'both',
    trx: Knex | Knex.Transaction = app.db.knex,
  ): Promise<(readonly Customer[])[]> {
    const externalIds =
      by === 'phone' ? [] : rows.flatMap(({ externalId }) => (externalId ? [externalId] : []));
    const numbers =
      by === 'external_id' ? [] : rows.flatMap(({ phones }) => phones.slice(0, 1).map(({ e164 }) => e164));
    const ids = new Set<number>();
    if (externalIds.length > 0)
      for (const id of await trx('customers').whereIn('external_id', externalIds).pluck<number[]>('id'))
        ids.add(id);
    if (numbers.length > 0)
      for (const id of await trx('customer_phones').whereIn('e164', numbers).pluck<number[]>('customer_id'))
        ids.add(id);
    if (ids.size === 0) return rows.map(() => []);
    const known = (await reader.getMany([...ids], trx)).sort((a, b) => a.id - b.id);
    const ofExternalId = new Map(known.map((customer) => [customer.externalId, customer]));
    const ofPhone = new Map<string, Customer[]>();
    for (const customer of known)
      for (const { e164 } of customer.phones) ofPhone.set(e164, [...(ofPhone.get(e164) ?? []), customer]);
    return rows.map((row) => {
      const same = row.externalId && by !== 'phone' ? ofExternalId.get(row.externalId) : undefined;
      if (same) return [same];
      if (by === 'external_id') return [];
      const owners = (ofPhone.get(row.phones[0]?.e164 ?? '') ?? []).filter(
        ({ externalId }) => by === 'phone' || !externalId || !row.externalId,
      );
      const namesake = ({ name }: Customer) => fold(name) === fold(row.name);
      return owners.length < 2
        ? owners
        : [...owners.filter(namesake), ...owners.filter((owner) => !namesake(owner))];
    });
  }

  /** The likeliest of each row, or null. */
  async function match(...[rows, by, trx]: Parameters<typeof candidates>): Promise<(Customer | null)[]> {
    return (await candidates(rows, by, trx)).map(([first]) => first ?? null);
  }

  return { candidates, match };
}
