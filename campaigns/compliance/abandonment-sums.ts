import type { Knex } from 'knex';

/**
 * Live answers among rows of `calls`, counted as `abandonment.ts` has decided of each: columns `abandoned`, `connected`.
 * Whom detection takes for a machine and gives to an agent to see whether it is one would only lower the rate.
 */
export function abandonmentSums(knex: Knex): Knex.Raw[] {
  return [
    knex.raw('sum(case when abandoned_at is not null then 1 else 0 end) as abandoned'),
    knex.raw(
      "sum(case when connected_at is not null and abandoned_at is null and coalesce(amd, '') <> 'machine' then 1 else 0 end) as connected",
    ),
  ];
}
