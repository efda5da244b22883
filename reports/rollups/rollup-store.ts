import type { Knex } from 'knex';
import type { Database } from '../../core/database/database.ts';
import { fold, type FoldedEvent } from './rollup.ts';

const positionName = 'campaigns';
/**
 * An id missing between two events may belong to a transaction not yet committed; so long after higher ids were seen it
 * never will. What the events say of their time tells nothing here: after an outage they are written long after it.
 */
const gapPatienceMs = 10_000;

export class RollupStore {
  readonly #db: Database;
  /** Below this, what is missing is missing for good. */
  #settledId = 0;
  #seen: { highestId: number; at: number } | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Folds up to `limit` new events into the rollups, in one transaction that holds the position's row: two
   * processes doing this at once take turns. Returns how many events were folded.
   */
  async advance(now: number, limit = 2_000): Promise<number> {
    await this.#ensurePosition();
    return this.#db.transaction(async (trx) => {
      const query = trx('rollup_positions').where('name', positionName).first('last_event_id');
      const position = await (this.#db.engine === 'mariadb' ? query.forUpdate() : query);
      const last = Number(position.last_event_id);
      const events = await this.#withoutGap(await this.#eventsAfter(trx, last, limit), last, now, trx);
      if (events.length === 0) return 0;
      for (const [key, figures] of fold(events)) {
        const [campaignId, bucketAt] = key.split('|').map(Number);
        for (const [figure, value] of figures) {
          const where = { campaign_id: campaignId, bucket_at: bucketAt, figure };
          const moved = await trx('campaign_rollups').where(where).increment('value', value);
          if (moved === 0) await trx('campaign_rollups').insert({ ...where, value });
        }
      }
      await trx('rollup_positions')
        .where('name', positionName)
        .update({ last_event_id: events[events.length - 1]!.id });
      return events.length;
    });
  }

  /** Forgets all rollups; the next `advance` calls build them anew from the events. */
  async reset(): Promise<void> {
    await this.#ensurePosition();
    await this.#db.transaction(async (trx) => {
      await trx('rollup_positions').where('name', positionName).update({ last_event_id: 0 });
      await trx('campaign_rollups').delete();
    });
  }

  /** Rollup rows of a campaign from `since` (rounded down to its span) to before `until`. */
  rows(
    campaignId: number,
    since: number,
    until: number,
  ): Promise<{ bucket_at: number; figure: string; value: number }[]> {
    return this.#db
      .knex('campaign_rollups')
      .where('campaign_id', campaignId)
      .where('bucket_at', '>=', since)
      .where('bucket_at', '<', until)
      .orderBy('bucket_at')
      .select('bucket_at', 'figure', 'value');
  }

  /** The sum by figure over a span, for long windows. */
  totals(campaignId: number, since: number, until: number): Promise<{ figure: string; value: number }[]> {
    return this.#db
      .knex('campaign_rollups')
      .where('campaign_id', campaignId)
      .where('bucket_at', '>=', since)
      .where('bucket_at', '<', until)
      .groupBy('figure')
      .select('figure')
      .sum({ value: 'value' });
  }

  /** When the oldest event happened that is in no rollup yet; null where all are. */
  async unfoldedFrom(): Promise<number | null> {
    const { knex } = this.#db;
    const position = knex('rollup_positions').where('name', positionName).select('last_event_id');
    const row = await knex('call_events')
      .where('id', '>', knex.raw('coalesce((?), 0)', position))
      .orderBy('id')
      .first('at');
    return row ? Number(row.at) : null;
  }

  async #ensurePosition(): Promise<void> {
    const { knex } = this.#db;
    if (await knex('rollup_positions').where('name', positionName).first()) return;
    try {
      await knex('rollup_positions').insert({ name: positionName, last_event_id: 0 });
    } catch (error) {
      // Another process was quicker.
      if (!(await knex('rollup_positions').where('name', positionName).first())) throw error;
    }
  }

  async #eventsAfter(trx: Knex.Transaction, last: number, limit: number): Promise<FoldedEvent[]> {
    const rows = await trx('call_events as e')
      .leftJoin('calls as c', 'c.id', 'e.call_id')
      .leftJoin('dispositions as d', 'd.id', 'c.disposition_id')
      .where('e.id', '>', last)
      .orderBy('e.id')
      .limit(limit)
      .select(
        'e.id',
        'e.at',
        'e.campaign_id',
        'e.from_state',
        'e.to_state',
        'e.event',
        'e.data',
        'c.outcome',
        'c.answered_at',
        'c.live_at',
        'c.connected_at',
        'c.abandoned_at',
        'c.amd',
        'c.left_at',
        'c.ended_at',
        'd.category',
        'd.right_party',
      );
    return rows.map((row) => ({
      id: Number(row.id),
      at: Number(row.at),
      campaignId: row.campaign_id,
      from: row.from_state,
      to: row.to_state,
      event: row.event,
      unmetSince: row.event === 'unmet' ? (JSON.parse(row.data ?? '{}').connectedAt ?? null) : null,
      outcome: row.outcome,
      answeredAt: row.answered_at === null ? null : Number(row.answered_at),
      liveAt: row.live_at === null ? null : Number(row.live_at),
      leftAt: row.left_at === null ? null : Number(row.left_at),
      abandonedAt: row.abandoned_at === null ? null : Number(row.abandoned_at),
      isCheck: row.amd === 'machine',
      connectedAt: row.connected_at === null ? null : Number(row.connected_at),
      endedAt: row.ended_at === null ? null : Number(row.ended_at),
      disposition: row.category ? { category: row.category, rightParty: Boolean(row.right_party) } : null,
    }));
  }

  async #withoutGap(
    events: FoldedEvent[],
    last: number,
    now: number,
    trx: Knex.Transaction,
  ): Promise<FoldedEvent[]> {
    const first = withoutGap(events, last, this.#settledId);
    if (first.length === events.length) return events;
    if (this.#seen === null || now - this.#seen.at >= gapPatienceMs) {
      if (this.#seen !== null) this.#settledId = this.#seen.highestId;
      const row = (await trx('call_events').max({ id: 'id' }).first()) as { id: number | string };
      this.#seen = { highestId: Number(row.id), at: now };
    }
    return withoutGap(events, last, this.#settledId);
  }
}

/** The events up to the first missing id that may still appear. */
export function withoutGap(events: FoldedEvent[], last: number, settledId: number): FoldedEvent[] {
  let expected = last + 1;
  for (const [index, event] of events.entries()) {
    // Ids before the first event ever read may be missing for good: an archive took them.
    if (event.id !== expected && last !== 0 && event.id > settledId) return events.slice(0, index);
    expected = event.id + 1;
  }
  return events;
}
