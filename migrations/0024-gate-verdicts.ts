import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'gate_verdicts', (t) => {
    t.id();
    t.time('at').notNullable();
    t.ref('campaign_id');
    t.ref('lead_id');
    t.ref('customer_id');
    t.text('e164', 20).notNullable();
    t.text('call_id', 40);
    // reserve, dial
    t.text('stage', 10).notNullable();
    t.text('path', 20).notNullable();
    t.text('decision', 10).notNullable();
    t.text('reason_code', 40).notNullable();
    t.text('rule_version', 191).notNullable();
    t.long('facts').notNullable();
    t.time('next_allowed_at');
    t.index(['lead_id', 'at'], 'gate_verdicts_lead');
    t.index(['campaign_id', 'at'], 'gate_verdicts_campaign');
    t.index(['e164', 'at'], 'gate_verdicts_e164');
    t.index(['call_id'], 'gate_verdicts_call');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('gate_verdicts');
}
