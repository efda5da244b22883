import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { GivenDisposition } from './given-disposition.ts';

/** What an agent has handed in, until it has been handed on. */
export interface KeptDisposition {
  readonly callId: string;
  readonly given: GivenDisposition;
  readonly at: number;
  /** The call holds its lead, which is to go on by this. */
  readonly holdsLead: boolean;
}

/** As a dialer has left it: what of it is done. */
export interface LeftDisposition extends KeptDisposition {
  readonly isListed: boolean;
}

interface Row {
  call_id: string;
  dialer_id: string;
  given_at: number;
  holds_lead: number;
  lead_done: number;
  listed_done: number;
  given: string;
}

export type GivenDispositionStore = ReturnType<typeof createGivenDispositionStore>;

/** All SQL for dispositions on their way from an agent to lead, customer and DNC list. */
export function createGivenDispositionStore(app: Pick<App, 'db'>) {
  const table = (trx: Knex | Knex.Transaction = app.db.knex) => trx<Row>('given_dispositions');

  /** Safe to repeat. What is handed in takes the place of what was taken for granted. */
  async function keep(kept: KeptDisposition, dialerId: string, trx: Knex.Transaction): Promise<void> {
    const { callId: call_id, at: given_at } = kept;
    const row: Row = {
      ...{ call_id, dialer_id: dialerId, given_at },
      ...{ holds_lead: Number(kept.holdsLead), lead_done: 0, listed_done: 0 },
      given: JSON.stringify(kept.given),
    };
    const before = (await table(trx).where({ call_id }).first('given')) as Pick<Row, 'given'> | undefined;
    if (!before) return void (await table(trx).insert(row));
    const isMissed = Boolean((JSON.parse(before.given) as GivenDisposition).missed);
    if (isMissed && !kept.given.missed) await table(trx).where({ call_id }).update(row);
  }

  /** What a dialer of this name has not handed on, in the order it was handed in. */
  async function keptBy(dialerId: string): Promise<LeftDisposition[]> {
    const rows: Row[] = await table().where({ dialer_id: dialerId }).orderBy('given_at').orderBy('call_id');
    return rows.map((row) => ({
      callId: row.call_id,
      given: JSON.parse(row.given) as GivenDisposition,
      at: Number(row.given_at),
      holdsLead: Boolean(row.holds_lead) && !row.lead_done,
      isListed: Boolean(row.listed_done),
    }));
  }

  /**
   * Compare-and-set, in the transaction that moves the lead: of two that hand it on one does. False: another has; null:
   * nothing is kept of this call.
   */
  async function takeLead(callId: string, trx: Knex.Transaction): Promise<boolean | null> {
    const rows = await table(trx).where({ call_id: callId, lead_done: 0 }).update({ lead_done: 1 });
    if (rows === 1) return true;
    return (await table(trx).where({ call_id: callId }).first('call_id')) ? false : null;
  }

  async function listed(callId: string): Promise<void> {
    await table().where({ call_id: callId }).update({ listed_done: 1 });
  }

  async function handedOn(callId: string): Promise<void> {
    await table().where({ call_id: callId }).delete();
  }

  return { keep, keptBy, takeLead, listed, handedOn };
}
