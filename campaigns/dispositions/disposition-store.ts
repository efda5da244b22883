import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Locale } from '../../core/i18n/index.ts';
import {
  seedDispositions,
  type Disposition,
  type DispositionCategory,
  type NewDisposition,
} from './disposition.ts';

interface DispositionRow {
  id: number;
  code: string;
  names: string;
  category: string;
  right_party: number;
  final: number;
  retry_minutes: number | null;
  hotkey: string | null;
  position: number;
  active: number;
}

const fromRow = (row: DispositionRow): Disposition => ({
  id: row.id,
  code: row.code,
  names: JSON.parse(row.names) as Record<Locale, string>,
  category: row.category as DispositionCategory,
  rightParty: row.right_party === 1,
  final: row.final === 1,
  retryMinutes: row.retry_minutes,
  hotkey: row.hotkey,
  position: row.position,
  active: row.active === 1,
});

const toRow = (disposition: NewDisposition): Omit<DispositionRow, 'id'> => ({
  code: disposition.code,
  names: JSON.stringify(disposition.names),
  category: disposition.category,
  right_party: disposition.rightParty ? 1 : 0,
  final: disposition.final ? 1 : 0,
  retry_minutes: disposition.retryMinutes,
  hotkey: disposition.hotkey,
  position: disposition.position,
  active: disposition.active ? 1 : 0,
});

export type DispositionStore = ReturnType<typeof createDispositionStore>;

/** All SQL for dispositions. */
export function createDispositionStore(app: Pick<App, 'db'>) {
  const { db } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<DispositionRow>('dispositions');

  async function get(id: number, trx?: Knex.Transaction): Promise<Disposition | null> {
    const row = await table(trx).where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function all(options: { activeOnly?: boolean } = {}): Promise<Disposition[]> {
    const rows = await table()
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

  async function create(disposition: NewDisposition): Promise<number> {
    return db.insertId('dispositions', toRow(disposition));
  }

  /** The code stays: reports and lead reasons refer to it. */
  async function update(id: number, disposition: NewDisposition): Promise<boolean> {
    const { code: _, ...row } = toRow(disposition);
    return (await table().where({ id }).update(row)) === 1;
  }

  /** Puts the seed set into an empty table. Safe to repeat. */
  async function seed(): Promise<void> {
    await db.transaction(async (trx) => {
      if (await table(trx).first()) return;
      await db.insertMany('dispositions', seedDispositions.map(toRow), trx);
    });
  }

  return { get, all, ofCampaign, create, update, seed };
}
