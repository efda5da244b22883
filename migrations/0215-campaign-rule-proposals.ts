import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Rule sets for calls other than sales, chosen for a campaign, until somebody else has agreed. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'campaign_rule_proposals', (t) => {
    t.id();
    t.ref('campaign_id').notNullable();
    // What the campaign had when it was proposed; empty: by the number's country
    t.text('before_set', 191).notNullable().defaultTo('');
    t.text('rule_set', 191).notNullable();
    t.text('reason', 255).notNullable();
    // proposed, approved, refused; replaced by a later one
    t.text('state', 20).notNullable();
    t.ref('proposed_by');
    t.time('proposed_at').notNullable();
    t.ref('decided_by');
    t.time('decided_at');
    t.text('decision_note', 255);
    t.index(['campaign_id'], 'campaign_rule_proposals_campaign');
    t.index(['state'], 'campaign_rule_proposals_state');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('campaign_rule_proposals');
}
