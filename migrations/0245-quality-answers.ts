import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** Each answer that has points, for what is reached by question. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'quality_answers', (t) => {
    t.ref('review_id').notNullable();
    t.text('question_id', 8).notNullable();
    t.int('points').notNullable();
    t.int('most').notNullable();
    t.primary(['review_id', 'question_id']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('quality_answers');
}
