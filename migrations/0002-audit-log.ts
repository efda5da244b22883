import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'audit_log', (t) => {
    t.id();
    t.time('at').notNullable();
    t.ref('user_id');
    t.text('action', 100).notNullable();
    t.text('entity', 60);
    t.text('entity_id', 60);
    t.long('before');
    t.long('after');
    t.text('ip', 60);
    t.index(['at'], 'audit_log_at');
    t.index(['entity', 'entity_id', 'at'], 'audit_log_entity');
    t.index(['user_id', 'at'], 'audit_log_user');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('audit_log');
}
