import type { Knex } from 'knex';

/** Where nobody had chosen a country, numbers were read as of the United States: who has customers keeps that. */
export async function up(knex: Knex): Promise<void> {
  const key = 'crm.defaultCountry';
  if (!(await knex('customers').first('id'))) return;
  if (await knex('settings').where({ key }).first()) return;
  await knex('settings').insert({ key, value: JSON.stringify('US'), updated_at: Date.now() });
}

/** What is kept says what was so. */
export async function down(): Promise<void> {}
