import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import { countUpTo, type Part, type Slice } from '../../../core/http/index.ts';
import { holdEntities, type HoldSubject, type LegalHold } from './legal-hold.ts';

interface HoldRow {
  id: number;
  subject: string;
  subject_id: number;
  reason: string;
  placed_by: number | null;
  placed_at: number;
  released_by: number | null;
  released_at: number | null;
  release_reason: string | null;
}

const fromRow = (row: HoldRow): LegalHold => ({
  id: row.id,
  subject: row.subject as HoldSubject,
  subjectId: row.subject_id,
  reason: row.reason,
  placedBy: row.placed_by,
  placedAt: Number(row.placed_at),
  releasedBy: row.released_by,
  releasedAt: row.released_at === null ? null : Number(row.released_at),
  releaseReason: row.release_reason,
});

/** What a hold may be on, as far as one recording is concerned. */
export interface Holdable {
  readonly id: number;
  readonly customerId: number | null;
  readonly campaignId: number | null;
}

interface By {
  readonly userId: number;
  readonly ip?: string;
  readonly at: number;
  readonly reason: string;
}

/** Ids of what is held now, for a statement that asks. */
export function heldIds(knex: Knex | Knex.Transaction, subject: HoldSubject): Knex.QueryBuilder {
  return knex('legal_holds').where({ subject }).whereNull('released_at').select('subject_id');
}

/** Leaves recordings that nothing holds. */
export function unheld(knex: Knex | Knex.Transaction, query: Knex.QueryBuilder): void {
  query.whereNotIn('recordings.id', heldIds(knex, 'recording'));
  for (const subject of ['customer', 'campaign'] as const)
    query.where((free) => {
      void free
        .whereNull(`recordings.${subject}_id`)
        .orWhereNotIn(`recordings.${subject}_id`, heldIds(knex, subject));
    });
}

/** Holds and deletions wait for each other here: neither can pass the other between its look and its word. */
export async function lockDeletions(trx: Knex.Transaction): Promise<void> {
  await trx('retention_rules').where({ campaign_id: 0 }).forUpdate().first('campaign_id');
}

export function createHoldStore(app: Pick<App, 'db' | 'audit'>) {
  const { db, audit } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<HoldRow>('legal_holds');

  /** With its row of the audit. `gone`: the sound is deleted, or just being so. `unknown`: there is no such thing. */
  async function place(
    { subject, subjectId }: Pick<LegalHold, 'subject' | 'subjectId'>,
    { userId, ip, at, reason }: By,
  ): Promise<'placed' | 'gone' | 'unknown'> {
    return db.transaction(async (trx) => {
      await lockDeletions(trx);
      const held = (await trx(holdEntities[subject]).where({ id: subjectId }).first()) as { state?: string } | undefined; // prettier-ignore
      if (!held) return 'unknown';
      if (subject === 'recording' && (held.state === 'deleting' || held.state === 'deleted')) return 'gone';
      await table(trx).insert({ subject, subject_id: subjectId, reason, placed_by: userId, placed_at: at });
      const what = { action: 'legal-hold.placed', entity: holdEntities[subject], entityId: subjectId };
      await audit.record({ userId, ip, ...what, after: { reason } }, trx);
      return 'placed';
    });
  }

  /** Compare-and-set, with its row of the audit: of two who release it one does. */
  async function release(id: number, { userId, ip, at, reason }: By): Promise<boolean> {
    return db.transaction(async (trx) => {
      const row = await table(trx).where({ id }).first();
      const done = { released_by: userId, released_at: at, release_reason: reason };
      if (!row || (await table(trx).where({ id }).whereNull('released_at').update(done)) !== 1) return false;
      const entity = holdEntities[row.subject as HoldSubject];
      const what = { action: 'legal-hold.released', entity, entityId: row.subject_id };
      await audit.record({ userId, ip, ...what, before: { reason: row.reason }, after: { reason } }, trx);
      return true;
    });
  }

  async function get(id: number): Promise<LegalHold | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** All that hold one recording now or have held it, the newest first. */
  async function of(recording: Holdable): Promise<LegalHold[]> {
    const rows: HoldRow[] = await table()
      .where((any) => concerning(any, [recording]))
      .orderBy('id', 'desc');
    return rows.map(fromRow);
  }

  /** Which of these recordings are held now. */
  async function heldAmong(recordings: readonly Holdable[], trx?: Knex.Transaction): Promise<Set<number>> {
    if (recordings.length === 0) return new Set();
    const rows: HoldRow[] = await table(trx)
      .whereNull('released_at')
      .where((any) => concerning(any, recordings));
    const held = new Set(rows.map(({ subject, subject_id }) => `${subject} ${subject_id}`));
    const isHeld = ({ id, customerId, campaignId }: Holdable) =>
      held.has(`recording ${id}`) || held.has(`customer ${customerId}`) || held.has(`campaign ${campaignId}`);
    return new Set(recordings.filter(isHeld).map(({ id }) => id));
  }

  function concerning(query: Knex.QueryBuilder, recordings: readonly Holdable[]): void {
    const ids = (values: readonly (number | null)[]) => [...new Set(values.filter((id) => id !== null))];
    const of: Record<HoldSubject, number[]> = {
      recording: ids(recordings.map(({ id }) => id)),
      customer: ids(recordings.map(({ customerId }) => customerId)),
      campaign: ids(recordings.map(({ campaignId }) => campaignId)),
    };
    for (const [subject, subjectIds] of Object.entries(of))
      query.orWhere((some) => void some.where({ subject }).whereIn('subject_id', subjectIds));
  }

  /** Those in force, or those released, the newest first. */
  async function list(state: 'active' | 'released', { limit, offset }: Part): Promise<Slice<LegalHold>> {
    const query = table().modify((rows) => {
      if (state === 'active') void rows.whereNull('released_at');
      else void rows.whereNotNull('released_at');
    });
    const rows: HoldRow[] = await query.clone().orderBy('id', 'desc').limit(limit).offset(offset);
    return { rows: rows.map(fromRow), total: await countUpTo(db, query) };
  }

  return { place, release, get, of, heldAmong, list };
}
