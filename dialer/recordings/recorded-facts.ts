import type { Knex } from 'knex';
import type { Call } from '../calls/call.ts';

/**
 * What recordings are looked for by stands beside them. Whoever writes the end of a call, or what came of it, tells it
 * here in the same transaction.
 */
export async function noteCallEnd(
  { id, outcome, customerId }: Pick<Call, 'id' | 'outcome' | 'customerId'>,
  trx: Knex.Transaction,
): Promise<void> {
  await trx('recordings').where({ call_id: id }).update({ outcome, customer_id: customerId });
}

export async function noteDisposition(
  callId: string,
  dispositionId: number | null,
  trx: Knex.Transaction,
): Promise<void> {
  await trx('recordings').where({ call_id: callId }).update({ disposition_id: dispositionId });
}
