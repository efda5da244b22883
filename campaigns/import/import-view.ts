import type { Request } from 'express';
import { formatNumber, type Translate } from '../../core/i18n/index.ts';
import type { ImportRow } from './import-store.ts';
import { verdicts, type Import, type ImportCounts, type ImportState } from './import.ts';

/** What every page of an import tells the layout. */
export const importLook = { nav: '/lists', script: 'import', styles: ['crm', 'campaigns'] };

export const importBadges: Readonly<Record<ImportState, string>> = {
  uploaded: 'off',
  checking: 'call',
  checked: 'reserved',
  committing: 'call',
  stopped: 'paused',
  done: 'ready',
  failed: 'lost',
};

/** Why a row was refused, in words: `same-number-before:17`. */
export function rowReasonWords(reason: string | null, t: Translate): string {
  if (!reason) return '';
  const [code = '', ...rest] = reason.split(':');
  return t(`campaigns:rowReasons.${code}`, { detail: rest.join(':') });
}

/** What went wrong with the whole file. */
export function fileProblemWords(error: Import['error'], t: Translate): string {
  return error ? t(`campaigns:fileProblems.${error.code}`, error.details) : '';
}

/** The bar of what becomes of what, each part leading to its rows. */
export function countsView(req: Request, counts: ImportCounts) {
  const { t, locale } = req.context;
  let x = 0;
  const parts = verdicts
    .map((key) => ({ key, count: counts[key] }))
    .filter(({ count }) => count > 0)
    .map(({ key, count }) => {
      const width = (count / Math.max(1, counts.total)) * 100;
      const part = {
        key,
        count,
        x,
        width,
        label: t(`campaigns:verdicts.${key}`),
        help: t(`campaigns:verdictHelp.${key}`),
      };
      x += width;
      return part;
    });
  const reasons = Object.entries(counts.reasons)
    .sort((a, b) => b[1] - a[1])
    .map(([code, count]) => ({ code, count, text: t(`campaigns:rowReasonsShort.${code}`) }));
  return {
    total: counts.total,
    good: counts.new + counts.merged,
    bad: counts.refused + counts.duplicate,
    dnc: counts.dnc,
    parts,
    reasons,
    sentence: t('campaigns:import.sentence', {
      total: formatNumber(counts.total, locale),
      new: formatNumber(counts.new, locale),
      merged: formatNumber(counts.merged, locale),
      duplicate: formatNumber(counts.duplicate, locale),
      refused: formatNumber(counts.refused, locale),
    }),
  };
}

export function rowsView(rows: readonly ImportRow[], t: Translate) {
  return rows.map((row) => ({ ...row, reasonText: rowReasonWords(row.reason, t) }));
}

/** Which step of the four an import is at, and which can be gone back to. */
export function stepsView(
  found: Pick<Import, 'id' | 'state' | 'rowsDone'> | null,
  current: 1 | 2 | 3 | 4,
  t: Translate,
) {
  const open =
    found !== null &&
    ['uploaded', 'checked', 'failed'].includes(found.state) &&
    !(found.state === 'failed' && found.rowsDone > 0);
  return [1, 2, 3, 4].map((step) => ({
    step,
    label: t(`campaigns:import.step${step}`),
    current: step === current,
    done: step < current,
    href:
      step >= current || !found || !open
        ? null
        : step === 1
          ? '/imports/new'
          : step === 2
            ? `/imports/${found.id}/columns`
            : null,
  }));
}
