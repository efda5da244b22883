import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';

/** A customer has pressed the opt-out digit, and their number is not on the DNC list yet. */
export interface KeptOptOut {
  readonly callId: string;
  readonly e164: string;
  readonly at: number;
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
  async function keptBy(dialerId: string): Promise<KeptOptOut[]> {
    const rows: Row[] = await table().where({ dialer_id: dialerId }).orderBy('pressed_at').orderBy('call_id');
    return rows.map(({ call_id, e164, pressed_at }) => ({ callId: call_id, e164, at: pressed_at }));
  }

  async function listed(callId: string): Promise<void> {
    await table().where({ call_id: callId }).delete();
  }

  return { keep, keptBy, listed };
}
