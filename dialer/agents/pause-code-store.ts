import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Locale } from '../../core/i18n/index.ts';
import { seedPauseCodes, type NewPauseCode, type PauseCode, type PauseCodeForm } from './pause-code.ts';

interface PauseCodeRow {
  id: number;
  code: string;
  names: string;
  paid: number;
  limit_ms: number | null;
  position: number;
  active: number;
}

const fromRow = (row: PauseCodeRow): PauseCode => ({
  id: row.id,
  code: row.code,
  names: JSON.parse(row.names) as Record<Locale, string>,
  paid: row.paid === 1,
  limitMs: row.limit_ms,
  position: row.position,
  active: row.active === 1,
});

const toRow = (code: NewPauseCode) => ({
  code: code.code,
  names: JSON.stringify(code.names),
  paid: code.paid ? 1 : 0,
  limit_ms: code.limitMs,
  position: code.position,
  active: code.active ? 1 : 0,
});

export type PauseCodeStore = ReturnType<typeof createPauseCodeStore>;

/** All SQL for pause codes. */
export function createPauseCodeStore(app: Pick<App, 'db'>) {
  const { db } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<PauseCodeRow>('pause_codes');

  async function get(id: number): Promise<PauseCode | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function all(options: { activeOnly?: boolean } = {}): Promise<PauseCode[]> {
    const rows = await table()
      .modify((query) => (options.activeOnly ? query.where({ active: 1 }) : query))
      .orderBy([{ column: 'position' }, { column: 'id' }]);
    return rows.map(fromRow);
  }

  /** Null when the code is taken. */
  async function create(form: PauseCodeForm): Promise<number | null> {
    return db.transaction(async (trx) => {
      if (await table(trx).where({ code: form.code }).first('id')) return null;
      const last = (await table(trx).max({ position: 'position' }).first()) as
        { position: number | null } | undefined;
      return db.insertId('pause_codes', toRow(fromForm(form, (last?.position ?? -1) + 1)), trx);
    });
  }

  /** The code itself stays: events and reports refer to it. */
  async function update(id: number, form: PauseCodeForm): Promise<boolean> {
    const { code: _c, position: _p, ...row } = toRow(fromForm(form, 0));
    return (await table().where({ id }).update(row)) === 1;
  }

  /** Puts the seed set into an empty table. Safe to repeat. */
  async function seed(): Promise<void> {
    await db.transaction(async (trx) => {
      if (await table(trx).first()) return;
      await db.insertMany('pause_codes', seedPauseCodes.map(toRow), trx);
    });
  }

  return { get, all, create, update, seed };
}

function fromForm(form: PauseCodeForm, position: number): NewPauseCode {
  const { limitMinutes, ...rest } = form;
  return { ...rest, limitMs: limitMinutes === null ? null : limitMinutes * 60_000, position };
}
