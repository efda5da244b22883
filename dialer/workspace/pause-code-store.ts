import type { App } from '../../core/app.ts';
import type { Locale } from '../../core/i18n/index.ts';

export interface PauseCode {
  id: number;
  code: string;
  names: Record<Locale, string>;
  paid: boolean;
  /** After so long the pause is shown as too long; null: no limit. */
  limitMs: number | null;
}

interface PauseCodeRow {
  id: number;
  code: string;
  names: string;
  paid: number;
  limit_ms: number | null;
}

const minute = 60_000;
const names = (en: string, cn: string, tw: string): Record<Locale, string> => ({ en, 'zh-CN': cn, 'zh-TW': tw });

/** What every installation starts with. */
export const seedPauseCodes: readonly Omit<PauseCode, 'id'>[] = [
  { code: 'break', names: names('Break', '小休', '小休'), paid: true, limitMs: 15 * minute },
  { code: 'lunch', names: names('Lunch', '用餐', '用餐'), paid: false, limitMs: 60 * minute },
  { code: 'meeting', names: names('Meeting', '会议', '會議'), paid: true, limitMs: null },
  { code: 'training', names: names('Training', '培训', '教育訓練'), paid: true, limitMs: null },
  { code: 'paperwork', names: names('Paperwork', '案头工作', '文書作業'), paid: true, limitMs: 30 * minute },
  { code: 'technical', names: names('Technical trouble', '设备故障', '設備異常'), paid: true, limitMs: null },
];

/** All SQL for `pause_codes`. */
export function createPauseCodeStore(app: Pick<App, 'db'>) {
  const { db } = app;

  /** Active ones, in the order agents see them. */
  async function active(): Promise<PauseCode[]> {
    const rows = (await db
      .knex('pause_codes')
      .where({ active: 1 })
      .orderBy(['position', 'id'])
      .select('id', 'code', 'names', 'paid', 'limit_ms')) as PauseCodeRow[];
    return rows.map((row) => ({
      id: row.id,
      code: row.code,
      names: JSON.parse(row.names) as Record<Locale, string>,
      paid: row.paid === 1,
      limitMs: row.limit_ms,
    }));
  }

  /** Puts the seed set into an empty table. Safe to repeat. */
  async function seed(): Promise<void> {
    await db.transaction(async (trx) => {
      if (await trx('pause_codes').first('id')) return;
      const rows = seedPauseCodes.map((code, position) => ({
        code: code.code,
        names: JSON.stringify(code.names),
        paid: code.paid ? 1 : 0,
        limit_ms: code.limitMs,
        position,
        active: 1,
      }));
      await db.insertMany('pause_codes', rows, trx);
    });
  }

  return { active, seed };
}
