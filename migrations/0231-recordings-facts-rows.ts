import type { Knex } from 'knex';

const facts = ['campaign_id', 'user_id', 'customer_id', 'e164', 'outcome', 'disposition_id'];

/** Recordings from before these columns, as their calls are. */
export async function up(knex: Knex): Promise<void> {
  const ofCall = (column: string) =>
    knex.raw('(select ?? from calls where calls.id = recordings.call_id)', [`calls.${column}`]);
  await knex('recordings').update(Object.fromEntries(facts.map((column) => [column, ofCall(column)])));
}

export async function down(): Promise<void> {}
