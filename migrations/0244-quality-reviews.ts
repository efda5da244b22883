import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'quality_reviews', (t) => {
    t.id();
    t.ref('recording_id').notNullable();
    t.ref('agent_id').notNullable();
    t.ref('reviewer_id').notNullable();
    t.ref('version_id').notNullable();
    t.ref('plan_id');
    t.ref('calibration_id');
    // assigned, scored, disputed, settled, acknowledged, withdrawn
    t.text('state', 20).notNullable();
    t.long('answers').notNullable();
    // Hundredths of a per cent; null: not scored, or nothing applies.
    t.int('score');
    t.flag('is_fatal').notNullable().defaultTo(0);
    t.text('feedback', 2000);
    t.text('reply', 1000);
    t.text('settlement', 1000);
    t.time('created_at').notNullable();
    t.time('scored_at');
    // Monday of the week of the call.
    t.text('week', 10).notNullable();
    t.int('revision').notNullable().defaultTo(0);
    // Recording, calibration or 0, reviewer: nobody scores a call twice, nor has it drawn twice.
    t.text('once', 60).notNullable();
    t.unique(['once'], 'quality_reviews_once');
    t.index(['recording_id'], 'quality_reviews_recording');
    t.index(['reviewer_id', 'state', 'id'], 'quality_reviews_reviewer');
    t.index(['agent_id', 'week'], 'quality_reviews_agent');
    t.index(['week'], 'quality_reviews_week');
    t.index(['plan_id', 'week'], 'quality_reviews_plan');
    t.index(['calibration_id'], 'quality_reviews_calibration');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('quality_reviews');
}
