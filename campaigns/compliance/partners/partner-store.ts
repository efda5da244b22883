import type { App } from '../../../core/app.ts';
import { isDuplicate } from '../../../core/database/errors.ts';

const lookupBatch = 400;

/** Somebody of the firm or of a partner, to whom customers are handed on: no call to them sells anything. */
export interface Partner {
  readonly id: number;
  readonly e164: string;
  readonly name: string;
  readonly addedBy: number;
  readonly addedAt: number;
}

interface PartnerRow {
  id: number;
  e164: string;
  name: string;
  added_by: number;
  added_at: number;
}

/** All SQL for partners' numbers. */
export function createPartnerStore({ db }: Pick<App, 'db'>) {
  const table = () => db.knex<PartnerRow>('partner_numbers');

  async function list(): Promise<Partner[]> {
    return (await table().orderBy('name').orderBy('id')).map(fromRow);
  }

  async function get(id: number): Promise<Partner | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function isCustomers(e164: string): Promise<boolean> {
    return (await db.knex('customer_phones').where({ e164 }).first('e164')) !== undefined;
  }

  /** Null when it is there already. */
  async function add(
    given: Pick<Partner, 'e164' | 'name'>,
    userId: number,
    now: number,
  ): Promise<number | null> {
    try {
      return await db.insertId('partner_numbers', { ...given, added_by: userId, added_at: now });
    } catch (error) {
      if (isDuplicate(error)) return null;
      throw error;
    }
  }

  async function remove(id: number): Promise<boolean> {
    return (await table().where({ id }).delete()) === 1;
  }

  /** By number; one that is a customer's too is the customer's. */
  async function among(numbers: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    const wanted = [...new Set(numbers)];
    for (let from = 0; from < wanted.length; from += lookupBatch) {
      const rows = (await table()
        .whereIn('e164', wanted.slice(from, from + lookupBatch))
        .whereNotExists((phones) => {
          void phones
            .from('customer_phones')
            .whereRaw('customer_phones.e164 = partner_numbers.e164')
            .select('customer_phones.e164');
        })
        .select('id', 'e164')) as Pick<PartnerRow, 'id' | 'e164'>[];
      for (const { id, e164 } of rows) found.set(e164, id);
    }
    return found;
  }

  return { list, get, isCustomers, add, remove, among };
}

const fromRow = ({ id, e164, name, added_by, added_at }: PartnerRow): Partner => ({
  ...{ id, e164, name },
  ...{ addedBy: added_by, addedAt: added_at },
});
