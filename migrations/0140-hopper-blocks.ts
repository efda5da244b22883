import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/**
 * The hopper is given out in blocks of some twenty leads: a dialer that reserves five hundred writes its name into 25
 * rows, where moving as many rows of the hopper itself took most of the time.
 */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'hopper_blocks', (t) => {
    // The campaign and a number of its own in one, see `campaigns/leads/hopper-row.ts`.
    t.time('id').notNullable();
    // The dialer that reserved it; '': nobody yet.
    t.text('held_by', 60).notNullable().defaultTo('');
    t.ref('campaign_id').notNullable();
    // The lower tier is dialled first, and within it the lower turn: that of the block's first lead.
    t.int('tier').notNullable();
    t.time('turn').notNullable();
    // Leads that it was made with; some may be gone since.
    t.int('size').notNullable();
    t.time('held_at');
    t.primary(['id']);
    t.index(['held_by', 'campaign_id', 'tier', 'turn', 'id'], 'hopper_blocks_order');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('hopper_blocks');
}
