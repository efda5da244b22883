import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** What agents have handed in and is not handed on yet to lead, customer and DNC list: a dialer that dies has left it here. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'given_dispositions', (t) => {
    t.text('call_id', 40).notNullable();
    t.text('dialer_id', 60).notNullable();
    t.time('given_at').notNullable();
    t.flag('holds_lead').notNullable();
    t.flag('lead_done').notNullable().defaultTo(0);
    t.long('given').notNullable();
    t.primary(['call_id']);
    t.index(['dialer_id'], 'given_dispositions_dialer');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('given_dispositions');
}
