import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** One call that several score by one sheet, to see how far they are apart. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'calibrations', (t) => {
    t.id();
    t.ref('recording_id').notNullable();
    t.ref('version_id').notNullable();
    t.ref('begun_by').notNullable();
    t.time('begun_at').notNullable();
    t.index(['recording_id'], 'calibrations_recording');
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('calibrations');
}
