import type { Knex } from 'knex';

/** A campaign's filter or a met quota had blocked leads of customers to whom a callback is promised: they wait again. */
export async function up(knex: Knex): Promise<void> {
  await knex('leads')
    .where({ state: 'blocked' })
    .whereIn('state_reason', ['filtered', 'quota-met'])
    .whereIn('id', knex('callbacks').where({ state: 'open' }).select('lead_id'))
    .update({
      state: knex.raw(`coalesce(reserved_from, 'waiting')`),
      state_reason: null,
      reserved_from: null,
    });
}

export async function down(): Promise<void> {}
