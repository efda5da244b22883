import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'campaigns', (t) => {
    t.id();
    t.text('name', 120).notNullable();
    // draft, running, paused, stopped, finished
    t.text('state', 20).notNullable();
    // preview, progressive, power, predictive
    t.text('mode', 20).notNullable();
    t.text('default_country', 2).notNullable();
    // The zone of dashboards and reports.
    t.text('zone', 40).notNullable();
    t.text('caller_id', 20);
    // Rates in parts per ten thousand: 300 is 3 %.
    t.int('abandon_cap').notNullable().defaultTo(300);
    t.time('abandon_window_ms').notNullable();
    t.int('answer_grace_ms').notNullable().defaultTo(2000);
    t.int('ring_timeout_ms').notNullable().defaultTo(25000);
    // Hundredths: 150 is 1.5 lines an agent.
    t.int('power_ratio').notNullable().defaultTo(150);
    t.int('max_lines_per_agent').notNullable().defaultTo(5);
    t.int('wrapup_limit_ms').notNullable().defaultTo(60000);
    t.int('preview_limit_ms').notNullable().defaultTo(60000);
    t.flag('amd').notNullable().defaultTo(0);
    t.flag('recording').notNullable().defaultTo(1);
    t.int('priority').notNullable().defaultTo(5);
    t.int('max_attempts').notNullable().defaultTo(5);
    // JSON: windows by weekday in the customer's own time.
    t.long('hours').notNullable();
    // JSON: by outcome or disposition: attempts and delay.
    t.long('retry_rules').notNullable();
    // JSON: language → script with merge fields.
    t.long('script').notNullable();
    // JSON: language → words or sound of the identification message, opt-out digit.
    t.long('identification').notNullable();
    // Names of rule sets joined by +; empty: chosen by the number's country.
    t.text('rule_set', 191);
    t.int('revision').notNullable().defaultTo(0);
    t.ref('created_by');
    t.time('created_at').notNullable();
    t.time('updated_at').notNullable();
    t.time('started_at');
    t.time('archived_at');
    t.index(['state'], 'campaigns_state');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('campaigns');
}
