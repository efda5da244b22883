import type { Knex } from 'knex';

const batch = 1_000;
/** The two readings of the clock lay this close to each other. */
const apartMs = 250;

/**
 * Events of a call's first meeting with an agent were stamped by a second look at the clock, now and then a millisecond
 * after the call's own time; the figures, which know the first meeting by its time, left those calls out. The events get
 * the call's time, and the figures are counted anew from them.
 */
export async function up(knex: Knex): Promise<void> {
  for (let last = 0; ;) {
    const rows: { id: number; connected_at: number }[] = await knex('call_events as e')
      .join('calls as c', 'c.id', 'e.call_id')
      .where('e.id', '>', last)
      .where('e.event', 'connect')
      .whereRaw('e.at > c.connected_at and e.at <= c.connected_at + ?', [apartMs])
      .orderBy('e.id')
      .limit(batch)
      .select('e.id', 'c.connected_at');
    for (const { id, connected_at: at } of rows) await knex('call_events').where({ id }).update({ at });
    if (rows.length < batch) break;
    last = rows[rows.length - 1]!.id;
  }
  await knex('rollup_positions').update({ last_event_id: 0 });
  await knex('campaign_rollups').delete();
}

/** What was counted stays right. */
export async function down(): Promise<void> {}
