import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/**
 * What came of the calls that left over a trunk, or showed a number: sums for each campaign and span of time. A dialer
 * writes rows of its own run, so that none adds to another's.
 */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'line_results', (t) => {
    // trunk | number
    t.text('kind', 10).notNullable();
    // The trunk's id, or the number
    t.text('subject', 20).notNullable();
    t.ref('campaign_id').notNullable();
    // When the span of its calls' beginnings begins
    t.time('at').notNullable();
    t.text('run', 40).notNullable();
    t.int('calls').notNullable();
    t.int('answered').notNullable();
    // Of those answered: the customer was gone at once
    t.int('short').notNullable();
    // Of which it is known when they rang
    t.int('rung').notNullable();
    // Of those: late
    t.int('late').notNullable();
    // JSON: {words of the cause: calls}
    t.long('causes').notNullable();
    // JSON: {quarter seconds to ringing: calls}
    t.long('delays').notNullable();
    t.primary(['kind', 'at', 'subject', 'campaign_id', 'run']);
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('line_results');
}
