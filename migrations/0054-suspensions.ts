import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'suspensions', (t) => {
    t.id();
    // all, place, rule-set
    t.text('scope', 20).notNullable();
    // US, US-NY, US-NY-10001; a rule set's name; empty for all
    t.text('target', 60).notNullable().defaultTo('');
    // 1: also those who have consented
    t.flag('everyone').notNullable().defaultTo(0);
    t.text('reason', 255).notNullable();
    t.ref('started_by');
    t.time('started_at').notNullable();
    t.time('ends_at');
    t.ref('lifted_by');
    t.time('lifted_at');
    t.text('lift_reason', 255);
    t.index(['lifted_at'], 'suspensions_lifted');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('suspensions');
}
