import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';

/** A customer has pressed the opt-out digit, and the gate does not know of it yet. */
export interface KeptOptOut {
  readonly callId: string;
  readonly e164: string;
  readonly at: number;
}

export interface OptOut extends KeptOptOut {
  readonly customerId: number | null;
  /** A lead that this ends; null: it ends with the call. */
  readonly leadId: number | null;
}

interface Row {
  call_id: string;
  dialer_id: string;
  e164: string;
  pressed_at: number;
}

export type OptOutStore = ReturnType<typeof createOptOutStore>;

/** All SQL for opt-outs on their way from a call to the DNC list. */
export function createOptOutStore(app: Pick<App, 'db'>) {
  const table = (trx: Knex | Knex.Transaction = app.db.knex) => trx<Row>('opt_outs');

  /** Safe to repeat. */
  async function keep({ callId: call_id, e164, at }: KeptOptOut, by: string, trx: Knex.Transaction) {
    if (await table(trx).where({ call_id }).first('call_id')) return;
    await table(trx).insert({ call_id, dialer_id: by, e164, pressed_at: at });
  }

  /** What a dialer of this name has heard and not put on the list. */
  async function keptBy(dialerId: string): Promise<OptOut[]> {
    const rows: (Row & { customer_id: number | null; lead_id: number | null })[] = await app.db
      .knex('opt_outs as o')
      .leftJoin('calls as c', 'c.id', 'o.call_id')
      .where({ 'o.dialer_id': dialerId })
      .orderBy(['o.pressed_at', 'o.call_id'])
      .select('o.*', 'c.customer_id', 'c.lead_id');
    return rows.map((row) => ({
      ...{ callId: row.call_id, e164: row.e164, at: row.pressed_at },
      ...{ customerId: row.customer_id, leadId: row.lead_id },
    }));
  }

  async function listed(callId: string): Promise<void> {
    await table().where({ call_id: callId }).delete();
  }

  return { keep, keptBy, listed };
}
