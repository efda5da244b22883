import type { Knex } from 'knex';

/** Categories that nobody gives without having talked with somebody. */
const ofPersons = ['sale', 'interested', 'callback', 'refused', 'wrong_person', 'dnc'];

/** What is plain of dispositions that were there before. Others say nothing until a manager has said it. */
export async function up(knex: Knex): Promise<void> {
  const silent = () => knex('dispositions').whereNull('answered_by');
  await silent().where({ code: 'voicemail' }).update({ answered_by: 'machine' });
  await silent()
    .whereIn('code', ['language', 'no_decision', 'not_available'])
    .update({ answered_by: 'person' });
  await silent().whereIn('category', ofPersons).update({ answered_by: 'person' });
}

export async function down(): Promise<void> {}
