import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';

interface Row {
  call_id: string;
  customer_id: number;
}

/** All SQL for whom agents have made of numbers that were nobody's: one customer for each call. */
export function createMadeCustomerStore(app: Pick<App, 'db'>) {
  const table = (trx: Knex | Knex.Transaction = app.db.knex) => trx<Row>('made_customers');

  async function of(callId: string, trx: Knex.Transaction): Promise<number | null> {
    const row = await table(trx).where({ call_id: callId }).first('customer_id');
    return row?.customer_id ?? null;
  }

  /** @throws a duplicate where another transaction has made one for this call meanwhile */
  async function note(callId: string, customerId: number, trx: Knex.Transaction): Promise<void> {
    await table(trx).insert({ call_id: callId, customer_id: customerId });
  }

  /** The customer has been removed since. */
  async function forget(callId: string, trx: Knex.Transaction): Promise<void> {
    await table(trx).where({ call_id: callId }).delete();
  }

  return { of, note, forget };
}
