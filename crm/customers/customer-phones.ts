import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';

/** The numbers of many customers at once, for those who dial. */
export function createCustomerPhones(app: Pick<App, 'db'>) {
  /** E.164 numbers by customer, in the order they are called. */
  async function numbersOf(
    customerIds: readonly number[],
    trx: Knex | Knex.Transaction = app.db.knex,
  ): Promise<Map<number, string[]>> {
    const numbers = new Map<number, string[]>();
    const rows: { customer_id: number; e164: string }[] = await trx('customer_phones')
      .whereIn('customer_id', [...new Set(customerIds)])
      .orderBy(['customer_id', 'position', 'e164'])
      .select('customer_id', 'e164');
    for (const { customer_id, e164 } of rows)
      numbers.set(customer_id, [...(numbers.get(customer_id) ?? []), e164]);
    return numbers;
  }

  async function ownersOf(e164: string, trx: Knex | Knex.Transaction = app.db.knex): Promise<number[]> {
    return trx('customer_phones').where({ e164 }).distinct().orderBy('customer_id').pluck('customer_id');
  }

  /** Customers by number, of many numbers at once. */
  async function ownersOfMany(
    numbers: readonly string[],
    trx: Knex | Knex.Transaction = app.db.knex,
  ): Promise<Map<string, number[]>> {
    const owners = new Map<string, number[]>();
    const rows: { customer_id: number; e164: string }[] = await trx('customer_phones')
      .whereIn('e164', [...new Set(numbers)])
      .distinct('customer_id', 'e164')
      .orderBy('customer_id');
    for (const { customer_id, e164 } of rows) owners.set(e164, [...(owners.get(e164) ?? []), customer_id]);
    return owners;
  }

  return { numbersOf, ownersOf, ownersOfMany };
}
