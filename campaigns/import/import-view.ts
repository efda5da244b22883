import type { Request } from 'express';
import { dayMs } from '../../core/time/local-day.ts';
import { formatNumber, type Translate } from '../../core/i18n/index.ts';
import type { KeptRow } from './import-rows-store.ts';
import { fileKeptMs, type Import, type ImportState } from './import.ts';
import { barredVerdicts, repeatVerdicts, sumOf, verdicts, type ImportCounts } from './verdict.ts';

/** What every page of an import tells the layout. */
export const importLook = { nav: '/lists', script: 'import', styles: ['crm', 'campaigns', 'import'] };

export const importBadges: Readonly<Record<ImportState, string>> = {
  uploaded: 'off',
  checking: 'call',
  checked: 'reserved',
  committing: 'call',
  paused: 'paused',
  stopped: 'paused',
  done: 'ready',
  failed: 'lost',
  undoing: 'call',
  undone: 'off',
};

/** A job is at work. */
export const busyStates: readonly ImportState[] = ['checking', 'committing', 'undoing'];

/** Why a row was refused, in words: `same-number-before:17`. */
export function rowReasonWords(reason: string | null, t: Translate): string {
  if (!reason) return '';
  const [code = '', ...rest] = reason.split(':');
  const detail = rest.join(':');
  if (code !== 'text-too-long') return t(`campaigns:rowReasons.${code}`, { detail });
  const [, column, most] = /^(.*):(\d+)$/s.exec(detail) ?? [];
  return most === undefined
    ? t('campaigns:rowReasonsShort.text-too-long')
    : t('campaigns:rowReasons.text-too-long', { detail: column, most: Number(most) });
}

/** Why a row was not taken, in words, for the page and for the file of such rows. */
export function whyNotTaken(row: KeptRow, t: Translate): string {
  return rowReasonWords(row.reason, t) || t(`campaigns:verdicts.${row.verdict}`);
}

/** What went wrong with the whole file. */
export function fileProblemWords(error: Import['error'], t: Translate): string {
  return error ? t(`campaigns:fileProblems.${error.code}`, error.details) : '';
}

/** Of which something is still to come before they are written. */
const doneVerdicts = new Set<string>(['new', 'merged']);

/** The bar of what becomes of what, each part leading to its rows. */
export function countsView(
  req: Request,
  counts: ImportCounts,
  { options }: Pick<Import, 'options'>,
  isWritten = false,
) {
  const { t, locale } = req.context;
  const number = (value: number) => formatNumber(value, locale);
  let x = 0;
  const parts = verdicts
    .map((key) => ({ key, count: counts.verdicts[key] ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ key, count }) => {
      const width = (count / Math.max(1, counts.total)) * 100;
      const helpKey = (barredVerdicts as readonly string[]).includes(key) && options.barred === 'leave-out' ? 'left' : key; // prettier-ignore
      const part = {
        key,
        count,
        x,
        width,
        label: t(`campaigns:verdicts.${key}`),
        help: t(`campaigns:${isWritten && doneVerdicts.has(key) ? 'verdictHelpDone' : 'verdictHelp'}.${helpKey}`, { days: options.days }), // prettier-ignore
        said: t(`campaigns:import.${isWritten && key === 'new' ? 'partsDone' : 'parts'}.${key}`, {
          count,
          number: number(count),
          days: options.days,
        }),
      };
      x += width;
      return part;
    });
  const reasons = Object.entries(counts.reasons)
    .sort((a, b) => b[1] - a[1])
    .map(([code, count]) => ({
      code,
      count,
      text: t(`campaigns:rowReasonsShort.${code}`),
      advice: t(`campaigns:rowReasonAdvice.${code}`, { defaultValue: '' }),
    }));
  const refused = counts.verdicts.refused ?? 0;
  return {
    total: counts.total,
    taken: counts.taken,
    refused,
    notTaken: counts.total - counts.taken,
    leftOut: sumOf(counts, [...repeatVerdicts, 'duplicate']),
    parts,
    reasons,
    unread: counts.unread
      ? {
          rows: counts.unread.rows,
          texts: counts.unread.texts
            .map(([text, count]) => t('campaigns:import.unreadText', { text, number: number(count) }))
            .join(t('campaigns:listSeparator')),
        }
      : null,
    sentence: t('campaigns:import.sentence', {
      count: counts.total,
      total: number(counts.total),
      parts: parts.map(({ said }) => said).join(t('campaigns:import.partSeparator')),
    }),
  };
}

/** Where an import stands, for its page. */
export function standingView(
  req: Request,
  item: Import,
  more: {
    listName: string;
    campaignName: string | null;
    finished: { others: { id: number; name: string }[]; named: 'stays' | 'goes-on' | null };
    hasFile: boolean;
    jobProgress: number;
    now: number;
  },
) {
  const { t } = req.context;
  const counts = item.committed ?? item.checked;
  const { state } = item;
  const written = item.committed !== null;
  const total = item.checked?.total ?? 0;
  const isOpen = ['checked', 'paused', 'stopped', 'failed'].includes(state);
  const undone = item.undone && { back: item.undone.back, kept: item.undone.kept };
  const done = { checking: item.checked?.total ?? 0, committing: item.committed?.total ?? 0, undoing: (undone?.back ?? 0) + (undone?.kept ?? 0) }; // prettier-ignore
  const all = { checking: 0, committing: total, undoing: item.committed?.taken ?? 0 };
  const running = busyStates.includes(state) ? (state as keyof typeof done) : null;
  const progress = !running
    ? 0
    : all[running] > 0
      ? Math.min(100, (done[running] / all[running]) * 100)
      : more.jobProgress;
  return {
    item,
    state: { badge: importBadges[state], label: t(`campaigns:importStates.${state}`) },
    steps: stepsView(item, written || state === 'committing' ? 4 : 3, t),
    busy: running !== null,
    // Without its file nothing more of it can be written.
    fileGone:
      isOpen && !undone && !more.hasFile ? t('campaigns:import.fileGone', { days: fileKeptMs / dayMs }) : '',
    is: { [state]: state !== 'checked' || more.hasFile },
    resumable:
      more.hasFile &&
      !undone &&
      (state === 'paused' || state === 'stopped' || (state === 'failed' && written)),
    undoable: written && (['done', 'paused', 'stopped'].includes(state) || (state === 'failed' && written)),
    backToColumns: more.hasFile && state === 'failed' && !written,
    listName: more.listName,
    campaignName: more.campaignName,
    campaignStays: more.finished.named === 'stays',
    campaignGoesOn: more.finished.named === 'goes-on',
    finishedOthers: ['checked', 'done', 'stopped', 'failed'].includes(state) ? more.finished.others : [],
    problem: fileProblemWords(item.error, t),
    counts: counts ? countsView(req, counts, item, written) : null,
    undone,
    progress,
    rowsDone: running ? done[running] : 0,
    total: running ? all[running] : total,
    pace: running ? paceWords(req, item, done[running], progress, more.now) : '',
  };
}

const fewestMs = 1_500;

/** Rows a second and the time that is left, once there is enough to tell by. */
function paceWords(req: Request, item: Import, done: number, percent: number, now: number): string {
  const { t, locale } = req.context;
  const { pace } = item;
  const elapsed = pace ? now - pace.startedAt : 0;
  if (!pace || elapsed < fewestMs || done <= pace.from) return '';
  const perSecond = ((done - pace.from) / elapsed) * 1_000;
  const rate = formatNumber(Math.max(1, Math.round(perSecond)), locale);
  if (percent <= 0) return t('campaigns:import.rate', { rate });
  const total = done / (percent / 100);
  const seconds = Math.ceil((total - done) / perSecond);
  const left =
    seconds < 60
      ? t('campaigns:import.secondsLeft', { count: Math.max(1, seconds) })
      : t('campaigns:import.minutesLeft', { count: Math.ceil(seconds / 60) });
  return t('campaigns:import.pace', { rate, left });
}

/** Which step of the four an import is at, and which can be gone back to. */
export function stepsView(
  found: Pick<Import, 'id' | 'state' | 'committed'> | null,
  current: 1 | 2 | 3 | 4,
  t: Translate,
) {
  const open =
    found !== null && ['uploaded', 'checked', 'failed'].includes(found.state) && found.committed === null;
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
