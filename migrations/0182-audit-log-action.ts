import type { Knex } from 'knex';
import { addIndex, dropIndex } from './support/indexes.ts';

/** What was done, newest first: failed sign-ins on the administrator's page, an action on that of the audit. */
export async function up(knex: Knex): Promise<void> {
  await addIndex(knex, 'audit_log', ['action', 'at'], 'audit_log_action');
}

export async function down(knex: Knex): Promise<void> {
  await dropIndex(knex, 'audit_log', 'audit_log_action');
}
