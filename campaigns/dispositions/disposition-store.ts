import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { createDispositionEditor } from './disposition-editor.ts';
import { fromRow, toRow, type DispositionRow } from './disposition-row.ts';
import { seedDispositions, type Disposition } from './disposition.ts';

export type DispositionStore = ReturnType<typeof createDispositionStore>;

/** All SQL for dispositions; what edits them is in `disposition-editor.ts`. */
export function createDispositionStore(app: Pick<App, 'db' | 'bus'>) {
  const { db } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<DispositionRow>('dispositions');

  async function get(id: number, trx?: Knex.Transaction): Promise<Disposition | null> {
    const row = await table(trx).where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function all(options: { activeOnly?: boolean } = {}, trx?: Knex.Transaction): Promise<Disposition[]> {
    const rows = await table(trx)
      .modify((query) => (options.activeOnly ? query.where({ active: 1 }) : query))
      .orderBy([{ column: 'position' }, { column: 'id' }]);
    return rows.map(fromRow);
  }

  /** The active dispositions of a campaign, in the order agents see them. */
  async function ofCampaign(campaignId: number): Promise<Disposition[]> {
    const rows: DispositionRow[] = await db
      .knex('dispositions')
      .join('campaign_dispositions', 'campaign_dispositions.disposition_id', 'dispositions.id')
      .where({ campaign_id: campaignId, active: 1 })
      .orderBy('campaign_dispositions.position')
      .select('dispositions.*');
    return rows.map(fromRow);
  }

  /** From the first call it was given to on, a disposition can be retired but not deleted. */
  async function markUsed(disposition: Disposition, at: number, trx: Knex.Transaction): Promise<void> {
    // Asked first, so that agents who give the same one at a time do not wait for each other.
    if (disposition.usedAt !== null) return;
    await table(trx).where({ id: disposition.id }).whereNull('used_at').update({ used_at: at });
  }

  /** Puts the seed set into an empty table. Safe to repeat. */
  async function seed(): Promise<void> {
    await db.transaction(async (trx) => {
      if (await table(trx).first()) return;
      await db.insertMany('dispositions', seedDispositions.map(toRow), trx);
    });
  }

  return { get, all, ofCampaign, markUsed, seed, ...createDispositionEditor(app) };
}
