import type { Knex } from 'knex';

const batchSize = 400;

/** Who asks for a region now also gets who is in a place of it: leads that came before follow their filter and quotas. */
export async function up(knex: Knex): Promise<void> {
  const asking = '%"addressRegion"%';
  const filtered: number[] = await knex('campaigns').where('lead_filter', 'like', asking).pluck('id');
  const counted: number[] = await knex('campaign_quotas').where('who', 'like', asking).pluck('campaign_id');
  const ids = [...new Set([...filtered, ...counted])];
  for (let from = 0; from < ids.length; from += batchSize)
    await knex('lead_changes_wanted').insert(
      ids.slice(from, from + batchSize).map((id) => ({ campaign_id: id, kind: 'filter' })),
    );
}

/** A wish that is carried out twice changes nothing. */
export async function down(): Promise<void> {}
