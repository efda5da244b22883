import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { idListSql } from '../../core/database/expressions.ts';
import { likePattern } from '../../core/http/index.ts';
import { createCustomerStore } from '../../crm/index.ts';
import type { CallOutcome } from '../calls/outcome.ts';
import { heldIds, unheld } from './holds/hold-store.ts';
import type { HoldSubject } from './holds/legal-hold.ts';
import { inClock, type ClockWindow } from './clock-window.ts';

export interface RecordingFilters {
  readonly campaignId?: number;
  readonly userId?: number;
  /** Epoch ms. */
  readonly from?: number;
  /** Epoch ms, not included. */
  readonly to?: number;
  /** On each of those days. */
  readonly clock?: ClockWindow;
  /** Words of a customer's name, or of all that customers are found by. */
  readonly customer?: string;
  /** Any part of a number; with its `+`, the beginning. */
  readonly number?: string;
  readonly minMs?: number;
  readonly maxMs?: number;
  readonly dispositionId?: number;
  readonly outcome?: CallOutcome;
  /** With a legal hold, or without one. */
  readonly held?: boolean;
}

export interface RecordingSearch {
  readonly query: Knex.QueryBuilder;
  /** Not every recording that may belong to it was looked at. */
  readonly partial: boolean;
}

/** So few are looked up one by one; of more, those in question are met soon enough on the way through the list. */
const mostLed = 10_000;

/** Recordings that meet all filters. Each is a column of their own, so that no filter has to ask their calls. */
export function createRecordingSearch(app: Pick<App, 'db'>, most = mostLed) {
  const { db } = app;
  const customers = createCustomerStore(app);

  async function matching(filters: RecordingFilters): Promise<RecordingSearch> {
    const query = db.knex('recordings').modify(inColumns, filters);
    if (filters.minMs !== undefined || filters.maxMs !== undefined) await byLength(query, filters);
    if (filters.clock) await byClock(query, filters.clock, filters);
    if (filters.number) await byNumber(query, filters.number);
    if (filters.held) await byHold(query);
    else if (filters.held === false) unheld(db.knex, query);
    const found = filters.customer
      ? await customers.narrowTo(
          filters.customer,
          query.clone().whereNotNull('recordings.customer_id').distinct('recordings.customer_id as id'),
        )
      : null;
    found?.apply(query, 'recordings.customer_id');
    return { query, partial: found?.partial ?? false };
  }

  /** Few are long; without statistics SQLite would walk the whole list for them. */
  async function byLength(query: Knex.QueryBuilder, { minMs, maxMs }: RecordingFilters): Promise<void> {
    const which = (rows: Knex.QueryBuilder) => {
      if (minMs !== undefined) void rows.where('recordings.duration_ms', '>=', minMs);
      if (maxMs !== undefined) void rows.where('recordings.duration_ms', '<=', maxMs);
    };
    await lead(query, db.knex('recordings').modify(which), which);
  }

  /** Rows that no index leads to: they are walked over once, and not for the page and again for its count. */
  async function byClock(
    query: Knex.QueryBuilder,
    clock: ClockWindow,
    { from, to }: RecordingFilters,
  ): Promise<void> {
    const { first, last } = (await db
      .knex('recordings')
      .min({ first: 'started_at' })
      .max({ last: 'started_at' })
      .first()) as Record<'first' | 'last', number | null>;
    const within = {
      from: Math.max(from ?? 0, Number(first ?? 0)),
      to: Math.min(to ?? Infinity, Number(last ?? 0) + 1),
    };
    const which = (rows: Knex.QueryBuilder) => inClock(rows, 'recordings.started_at', clock, within);
    await lead(query, query.clone().modify(which), which);
  }

  /** By an index that is read from end to end, as the middle of a number has no place in it: rows are not touched. */
  async function byNumber(query: Knex.QueryBuilder, number: string): Promise<void> {
    const pattern = number.startsWith('+') ? likePattern(number).slice(1) : likePattern(number);
    const which = (rows: Knex.QueryBuilder) => {
      void rows.whereRaw(`recordings.e164 like ? escape '!'`, [pattern]);
    };
    await lead(query, db.knex('recordings').modify(which), which);
  }

  async function byHold(query: Knex.QueryBuilder): Promise<void> {
    const { knex } = db;
    const of = (column: string, subject: HoldSubject) =>
      knex('recordings').whereIn(`recordings.${column}`, heldIds(knex, subject)).select('recordings.id');
    const ids = of('id', 'recording').union([of('customer_id', 'customer'), of('campaign_id', 'campaign')]);
    await lead(query, knex.from(ids.as('recordings')), (rows) => {
      rows.where((held) => {
        void held
          .whereIn('recordings.id', heldIds(knex, 'recording'))
          .orWhereIn('recordings.customer_id', heldIds(knex, 'customer'))
          .orWhereIn('recordings.campaign_id', heldIds(knex, 'campaign'));
      });
    });
  }

  /** Few are joined by their ids, which are looked for once. */
  async function lead(
    query: Knex.QueryBuilder,
    ids: Knex.QueryBuilder,
    otherwise: (query: Knex.QueryBuilder) => void,
  ): Promise<void> {
    const found = (await ids
      .clone()
      .select('recordings.id')
      .limit(most + 1)) as { id: number }[];
    // Nothing is given back: a query that an async function returns is run.
    if (found.length > most) return otherwise(query);
    void query.whereRaw(`recordings.id in (select value from ${idListSql(db.engine)})`, [JSON.stringify(found.map(({ id }) => id))]); // prettier-ignore
  }

  return { matching };
}

function inColumns(query: Knex.QueryBuilder, filters: RecordingFilters): void {
  const { campaignId, userId, from, to, dispositionId, outcome } = filters;
  const equal = { campaign_id: campaignId, user_id: userId, disposition_id: dispositionId, outcome };
  for (const [column, value] of Object.entries(equal))
    if (value !== undefined) query.where(`recordings.${column}`, value);
  if (from !== undefined) query.where('recordings.started_at', '>=', from);
  if (to !== undefined) query.where('recordings.started_at', '<', to);
}
