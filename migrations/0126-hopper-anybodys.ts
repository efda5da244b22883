import type { Knex } from 'knex';

/** In the hopper stand free only leads that anybody may take: callbacks of one agent alone are taken from the leads. */
export async function up(knex: Knex): Promise<void> {
  await knex('hopper').where({ held_by: '' }).whereNotNull('agent_id').delete();
}

/** Nothing to take back: the hopper is filled up anew. */
export async function down(): Promise<void> {}
