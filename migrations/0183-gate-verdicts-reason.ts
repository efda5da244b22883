import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** A campaign's verdicts of one reason, also of one that is rare among millions. */
export async function up(knex: Knex): Promise<void> {
  await addIndex(knex, 'gate_verdicts', ['campaign_id', 'reason_code', 'at'], 'gate_verdicts_reason');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'gate_verdicts', 'gate_verdicts_reason');
}
