import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** What a reviewer says of a moment of a recording. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'quality_comments', (t) => {
    t.id();
    t.ref('review_id').notNullable();
    t.int('at_ms').notNullable();
    t.text('text', 500).notNullable();
    t.index(['review_id', 'at_ms'], 'quality_comments_review');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('quality_comments');
}
