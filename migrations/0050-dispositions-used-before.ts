import type { Knex } from 'knex';

/** Dispositions that calls refer to already. One pass over the calls, once. */
export async function up(knex: Knex): Promise<void> {
  const used: { disposition_id: number; at: number | string }[] = await knex('calls')
    .whereNotNull('disposition_id')
    .groupBy('disposition_id')
    .select('disposition_id')
    .min({ at: 'created_at' });
  for (const { disposition_id: id, at } of used)
    await knex('dispositions')
      .where({ id })
      .whereNull('used_at')
      .update({ used_at: Number(at) });
}

export async function down(): Promise<void> {
  // Nothing to undo: the column goes with the migration before.
}
