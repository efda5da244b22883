import type { Knex } from 'knex';

/** Rows of `number_locks`. */
const slots = 256;

/**
 * Until the transaction ends nobody else who asks for one of these numbers goes on: whoever looks for their customer
 * behind this finds what others have made of them. SQLite has one writer and needs none.
 */
export async function lockNumbers(numbers: readonly string[], trx: Knex.Transaction): Promise<void> {
  const wanted = new Set(numbers.map((e164) => Number(e164.slice(1)) % slots));
  // In the order of the key, so that two who want the same few never wait for each other.
  await trx('number_locks')
    .whereIn('slot', [...wanted])
    .orderBy('slot')
    .forUpdate()
    .select('slot');
}
