import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** What customers have answered: a row for each answer, and for each of several choices. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'script_answers', (t) => {
    t.id();
    t.text('call_id', 40).notNullable();
    t.ref('campaign_id');
    t.ref('customer_id');
    t.ref('script_id').notNullable();
    t.ref('version_id').notNullable();
    t.text('step_id', 8).notNullable();
    t.text('kind', 12).notNullable();
    // yes, no, an option, a day, a number; null: `text` says it.
    t.text('value', 40);
    t.raw.double('number');
    t.long('text');
    t.ref('user_id');
    t.time('at').notNullable();
    t.index(['call_id'], 'script_answers_call');
    t.index(['campaign_id', 'script_id', 'step_id', 'value'], 'script_answers_counts');
    t.index(['campaign_id', 'at', 'id'], 'script_answers_campaign');
    t.index(['customer_id', 'at'], 'script_answers_customer');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('script_answers');
}
