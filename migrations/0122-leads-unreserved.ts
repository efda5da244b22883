import type { Knex } from 'knex';

/** Reserved leads stand in the hopper from here on: those that were reserved when it came are free again. */
export async function up(knex: Knex): Promise<void> {
  for (const state of ['new', 'waiting', 'callback'])
    await knex('leads')
      .where({ state: 'reserved', reserved_from: state })
      .update({ state, reserved_by: null, reserved_at: null, reserved_from: null });
}

/** Nothing to take back: no lead is reserved while the schema changes. */
export async function down(): Promise<void> {}
