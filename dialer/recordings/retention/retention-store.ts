import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import { openRecordings } from '../../quality/open-reviews.ts';
import { createHoldStore, lockDeletions, unheld, type Holdable } from '../holds/hold-store.ts';
import { keptSince, type RetentionRule } from './retention.ts';

interface RuleRow {
  campaign_id: number;
  days: number | null;
  revision: number;
  changed_by: number | null;
  changed_at: number | null;
}

const fromRow = (row: RuleRow): RetentionRule => ({
  campaignId: row.campaign_id,
  days: row.days,
  revision: row.revision,
  changedBy: row.changed_by,
  changedAt: row.changed_at === null ? null : Number(row.changed_at),
});

/** Sound that is on its way out. */
export interface Doomed {
  readonly id: number;
  readonly path: string | null;
}

export interface Counts {
  /** With sound. */
  readonly kept: number;
  readonly due: number;
  /** Would be due, and are held or being reviewed. */
  readonly held: number;
  /** Become due within a week. */
  readonly soon: number;
}

/** How far a round has come: of each rule, behind which recording it goes on. */
export interface Round {
  readonly places: Map<number, Place>;
  /** Rules with nothing due behind their place. */
  readonly ended: Set<number>;
  /** All of them. */
  atEnd: boolean;
}

interface Place {
  readonly startedAt: number;
  readonly id: number;
}

interface Due extends Doomed, Place, Holdable {
  readonly id: number;
  readonly failedAt: number | null;
}

export const newRound = (): Round => ({ places: new Map(), ended: new Set(), atEnd: false });

/** So many are looked at before the lock on deletions is given back. */
const window = 500;
const soonMs = 7 * 86_400_000;

/** All SQL for rules of retention and what follows from them. */
export function createRetentionStore(app: Pick<App, 'db' | 'audit'>) {
  const { db, audit } = app;
  const holds = createHoldStore(app);
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<RuleRow>('retention_rules');
  const recordings = (trx: Knex | Knex.Transaction = db.knex) => trx('recordings');

  async function rules(trx: Knex | Knex.Transaction = db.knex): Promise<RetentionRule[]> {
    return (await table(trx).orderBy('campaign_id')).map(fromRow);
  }

  /**
   * `days` undefined: the campaign has no rule of its own any more. With the row of the audit. False when it was changed
   * since `revision` was read; -1: there was none.
   */
  async function save(
    campaignId: number,
    days: number | null | undefined,
    revision: number,
    { userId, ip, at }: { userId: number; ip?: string; at: number },
  ): Promise<boolean> {
    return db.transaction(async (trx) => {
      await lockDeletions(trx);
      const before = await table(trx).where({ campaign_id: campaignId }).first();
      if ((before?.revision ?? -1) !== revision) return false;
      const row = { days: days ?? null, revision: revision + 1, changed_by: userId, changed_at: at };
      if (days === undefined) await table(trx).where({ campaign_id: campaignId }).delete();
      else if (before) await table(trx).where({ campaign_id: campaignId }).update(row);
      else await table(trx).insert({ campaign_id: campaignId, ...row });
      const kept = (own: boolean, value: number | null) => (own ? (value ?? 'forever') : 'default');
      await audit.record(
        {
          ...{ userId, ip, action: 'retention.changed', entity: 'retention_rules', entityId: campaignId },
          before: { keptDays: kept(before !== undefined, before?.days ?? null) },
          after: { keptDays: kept(days !== undefined, days ?? null) },
        },
        trx,
      );
      return true;
    });
  }

  /** Recordings with sound that a rule speaks of, where `all` are in force. */
  function governed(
    query: Knex.QueryBuilder,
    { campaignId }: Pick<RetentionRule, 'campaignId'>,
    all: readonly RetentionRule[],
  ): void {
    query.where('recordings.state', 'stored');
    if (campaignId !== 0) return void query.where('recordings.campaign_id', campaignId);
    const own = all.flatMap((rule) => (rule.campaignId === 0 ? [] : [rule.campaignId]));
    if (own.length > 0)
      query.where((rest) => {
        void rest.whereNull('recordings.campaign_id').orWhereNotIn('recordings.campaign_id', own);
      });
  }

  /** Leaves recordings that nothing holds and that nobody has still to review. */
  function free(query: Knex.QueryBuilder): void {
    unheld(db.knex, query);
    query.whereNotIn('recordings.id', openRecordings(db.knex));
  }

  /** Which of these nothing may delete now. */
  async function barredAmong(due: readonly Due[], trx: Knex.Transaction): Promise<Set<number>> {
    const ids = due.map(({ id }) => id);
    const [held, reviewed] = await Promise.all([
      holds.heldAmong(due, trx),
      openRecordings(trx).whereIn('recording_id', ids) as Promise<{ recording_id: number }[]>,
    ]);
    return new Set([...held, ...reviewed.map(({ recording_id }) => recording_id)]);
  }

  /** What `rule` would do among `all` the others. */
  async function counts(
    rule: Pick<RetentionRule, 'campaignId' | 'days'>,
    all: readonly RetentionRule[],
    now: number,
  ): Promise<Counts> {
    const count = async (narrow: (query: Knex.QueryBuilder) => void): Promise<number> => {
      const query = recordings();
      governed(query, rule, all);
      narrow(query);
      const row = (await query.count({ n: '*' }).first()) as { n: number | string };
      return Number(row.n);
    };
    const since = keptSince(rule.days, now);
    const before = (query: Knex.QueryBuilder, instant: number) =>
      query.where('recordings.started_at', '<', instant);
    const kept = await count(() => {});
    if (since === null) return { kept, due: 0, held: 0, soon: 0 };
    const past = await count((query) => void before(query, since));
    const due = await count((query) => free(before(query, since)));
    const soon = await count((query) => {
      before(query, since + soonMs).where('recordings.started_at', '>=', since);
      free(query);
    });
    return { kept, due, held: past - due, soon };
  }

  /**
   * Marks sound that is due, up to `limit`, and hands it over for deletion; nothing that is held or being reviewed. What could not be
   * deleted since `failedSince` is left for another time. What `round` has passed is not read again in it.
   */
  async function take(limit: number, now: number, failedSince: number, round: Round): Promise<Doomed[]> {
    return db.transaction(async (trx) => {
      await lockDeletions(trx);
      const all = await rules(trx);
      const taken: Doomed[] = [];
      for (const rule of all) {
        const since = keptSince(rule.days, now);
        if (since === null || round.ended.has(rule.campaignId)) continue;
        const due = await dueAfter(trx, rule, all, since, round.places.get(rule.campaignId));
        const barred = await barredAmong(due, trx);
        for (const one of due) {
          if (taken.length === limit) break;
          round.places.set(rule.campaignId, one);
          if (!barred.has(one.id) && (one.failedAt === null || Number(one.failedAt) < failedSince))
            taken.push(one);
        }
        if (taken.length === limit) break;
        if (due.length < window) round.ended.add(rule.campaignId);
      }
      round.atEnd = all.every(({ campaignId, days }) => days === null || round.ended.has(campaignId));
      if (taken.length > 0)
        await recordings(trx)
          .whereIn(
            'id',
            taken.map(({ id }) => id),
          ) // prettier-ignore
          .where({ state: 'stored' })
          .update({ state: 'deleting' });
      return taken;
    });
  }

  async function dueAfter(
    trx: Knex.Transaction,
    rule: RetentionRule,
    all: readonly RetentionRule[],
    since: number,
    place?: Place,
  ): Promise<Due[]> {
    const query = recordings(trx);
    governed(query, rule, all);
    query.where('recordings.started_at', '<', since);
    if (place)
      query.where('recordings.started_at', '>=', place.startedAt).where((beyond) => {
        void beyond
          .where('recordings.started_at', '>', place.startedAt)
          .orWhere('recordings.id', '>', place.id);
      });
    return (await query
      .orderBy(['recordings.started_at', 'recordings.id'])
      .limit(window)
      .select({
        ...{ id: 'recordings.id', path: 'recordings.path', startedAt: 'recordings.started_at' },
        ...{ customerId: 'recordings.customer_id', campaignId: 'recordings.campaign_id' },
        failedAt: 'recordings.delete_failed_at',
      })) as Due[];
  }

  /** Marked by a process that did not come to the end of it. */
  async function left(limit: number): Promise<Doomed[]> {
    return (await recordings()
      .where({ state: 'deleting' })
      .orderBy('id')
      .limit(limit)
      .select('id', 'path')) as Doomed[];
  }

  /** Compare-and-set, with the row of the audit: of two who have deleted the same file one says so. */
  async function deleted({ id }: Doomed, at: number): Promise<boolean> {
    return db.transaction(async (trx) => {
      const gone = {
        state: 'deleted',
        path: null,
        deleted_at: at,
        delete_failed_at: null,
        delete_error: null,
      };
      if ((await recordings(trx).where({ id, state: 'deleting' }).update(gone)) !== 1) return false;
      await audit.record(
        { userId: null, action: 'recording.deleted', entity: 'recordings', entityId: id },
        trx,
      );
      return true;
    });
  }

  /** The file could not be deleted: it is there as before. */
  async function kept({ id }: Doomed, error: string, at: number): Promise<void> {
    await recordings()
      .where({ id, state: 'deleting' })
      .update({ state: 'stored', delete_failed_at: at, delete_error: error.slice(0, 60) });
  }

  /** Sound that is due and could not be deleted, and what the disk said last. */
  async function failures(): Promise<{ count: number; error: string | null }> {
    const row = (await recordings()
      .where({ state: 'stored' })
      .whereNotNull('delete_failed_at')
      .count({ n: '*' })
      .max({ error: 'delete_error' })
      .first()) as { n: number | string; error: string | null };
    return { count: Number(row.n), error: row.error };
  }

  return { rules, save, counts, take, left, deleted, kept, failures };
}
