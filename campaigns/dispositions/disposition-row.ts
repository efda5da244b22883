import type { Locale } from '../../core/i18n/index.ts';
import type { AnsweredBy, Disposition, DispositionCategory, NewDisposition } from './disposition.ts';

/** A disposition as the table holds it. */
export interface DispositionRow {
  id: number;
  code: string;
  names: string;
  category: string;
  right_party: number;
  answered_by: string | null;
  final: number;
  retry_minutes: number | null;
  hotkey: string | null;
  position: number;
  active: number;
  used_at: number | null;
}

export const fromRow = (row: DispositionRow): Disposition => ({
  id: row.id,
  code: row.code,
  names: JSON.parse(row.names) as Record<Locale, string>,
  category: row.category as DispositionCategory,
  rightParty: row.right_party === 1,
  answeredBy: row.answered_by as AnsweredBy | null,
  final: row.final === 1,
  retryMinutes: row.retry_minutes,
  hotkey: row.hotkey,
  position: row.position,
  active: row.active === 1,
  usedAt: row.used_at,
});

export const toRow = (disposition: NewDisposition): Omit<DispositionRow, 'id' | 'used_at'> => ({
  code: disposition.code,
  names: JSON.stringify(disposition.names),
  category: disposition.category,
  right_party: disposition.rightParty ? 1 : 0,
  answered_by: disposition.answeredBy,
  final: disposition.final ? 1 : 0,
  retry_minutes: disposition.retryMinutes,
  hotkey: disposition.hotkey,
  position: disposition.position,
  active: disposition.active ? 1 : 0,
});
