import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Customers who have pressed the opt-out digit and are not on the DNC list yet: a dialer that dies has left it here. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'opt_outs', (t) => {
    t.text('call_id', 40).notNullable();
    t.text('dialer_id', 60).notNullable();
    t.text('e164', 20).notNullable();
    t.time('pressed_at').notNullable();
    t.primary(['call_id']);
    t.index(['dialer_id'], 'opt_outs_dialer');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('opt_outs');
}
