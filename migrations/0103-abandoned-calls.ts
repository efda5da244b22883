import type { Knex } from 'knex';

/** Calls from before the column, as they were counted then. */
export async function up(knex: Knex): Promise<void> {
  await knex('calls')
    .where({ outcome: 'abandoned' })
    .whereNull('abandoned_at')
    .update({ abandoned_at: knex.raw('coalesce(??, ??)', ['ended_at', 'created_at']) });
}

export async function down(): Promise<void> {}
