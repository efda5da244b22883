import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'gate_overrides', (t) => {
    t.id();
    t.text('e164', 20).notNullable();
    t.text('reason', 255).notNullable();
    // What the gate said when it was asked for
    t.text('reason_code', 40).notNullable();
    t.ref('granted_by').notNullable();
    t.time('granted_at').notNullable();
    t.time('expires_at').notNullable();
    t.time('used_at');
    t.text('call_id', 40);
    t.text('used_reason_code', 40);
    t.time('withdrawn_at');
    t.ref('withdrawn_by');
    t.index(['e164', 'expires_at'], 'gate_overrides_e164');
    t.index(['granted_at'], 'gate_overrides_granted');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('gate_overrides');
}
