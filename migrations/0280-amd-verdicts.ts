import type { Knex } from 'knex';
import { createTable } from './support/tables.ts';

/** What machine detection made of each call that it listened to, and what an agent has found there. */
export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'amd_verdicts', (t) => {
    t.text('call_id', 40).notNullable();
    t.ref('campaign_id').notNullable();
    t.time('at').notNullable();
    // human, machine, unsure
    t.text('verdict', 10).notNullable();
    // In the words of the switch: `LONGGREETING-1500-1500`.
    t.text('cause', 60).notNullable();
    t.int('listened_ms').notNullable();
    // Taken for a machine, and given to an agent all the same.
    t.flag('is_check').notNullable();
    // What became of the message to a machine; null: none was to be left.
    t.text('message', 12);
    // person, machine; null: no agent has said.
    t.text('answered_by', 10);
    // Talk and wrap-up.
    t.int('agent_ms');
    t.primary(['call_id']);
    // Holds all that is counted, so that a month of it is read without its rows.
    t.index(
      ['campaign_id', 'at', 'verdict', 'is_check', 'answered_by', 'message', 'agent_ms', 'listened_ms'],
      'amd_verdicts_counts',
    );
  });
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('amd_verdicts');
}
