/** What becomes of a row of a file: each row has exactly one, so that rows in are the sum of verdicts. */
export const verdicts = [
  /** A customer nobody knew. */
  'new',
  /** Known already; merged into. */
  'merged',
  /** Taken as a customer, but may not be called: do-not-call list, consent missing, no time zone. */
  'dnc',
  'no-consent',
  'no-zone',
  /** Left out, as its customer is there: on this list, in the campaign, loaded lately, known at all. */
  'on-list',
  'in-campaign',
  'recent',
  'known',
  /** An earlier row of the file is the same. */
  'duplicate',
  /** Cannot be used, for a reason. */
  'refused',
] as const;
export type Verdict = (typeof verdicts)[number];

export const barredVerdicts = ['dnc', 'no-consent', 'no-zone'] as const satisfies readonly Verdict[];
export type BarredVerdict = (typeof barredVerdicts)[number];
export const repeatVerdicts = ['on-list', 'in-campaign', 'recent', 'known'] as const satisfies readonly Verdict[]; // prettier-ignore
export type RepeatVerdict = (typeof repeatVerdicts)[number];

export function isBarred(verdict: Verdict): verdict is BarredVerdict {
  return (barredVerdicts as readonly Verdict[]).includes(verdict);
}
export function isRepeat(verdict: Verdict): verdict is RepeatVerdict {
  return (repeatVerdicts as readonly Verdict[]).includes(verdict);
}

export interface ImportCounts {
  readonly total: number;
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
  /** Refused rows by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Rows that put a customer on the list. */
  readonly taken: number;
  /** Of these, customers that were made. */
  readonly created: number;
  /** Rows whose place nobody understood, and what they say, as far as there is room. Imports of before have none. */
  readonly unread?: { readonly rows: number; readonly texts: readonly (readonly [string, number])[] };
}

const mostUnread = 12;
const longestUnread = 60;

export const noCounts: ImportCounts = { total: 0, verdicts: {}, reasons: {}, taken: 0, created: 0 };

/** One row as far as counting goes. */
export interface CountedRow {
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly taken: boolean;
  readonly created: boolean;
  readonly row?: { readonly unread: readonly string[] } | null;
}

export function addToCounts(before: ImportCounts, rows: readonly CountedRow[]): ImportCounts {
  const byVerdict: Partial<Record<Verdict, number>> = { ...before.verdicts };
  const reasons: Record<string, number> = { ...before.reasons };
  const texts = new Map(before.unread?.texts);
  let unreadRows = before.unread?.rows ?? 0;
  let { taken, created } = before;
  for (const row of rows) {
    byVerdict[row.verdict] = (byVerdict[row.verdict] ?? 0) + 1;
    if (row.verdict === 'refused' && row.reason) reasons[row.reason] = (reasons[row.reason] ?? 0) + 1;
    if (row.created) created += 1;
    if (!row.taken) continue;
    taken += 1;
    if (!row.row?.unread.length) continue;
    unreadRows += 1;
    for (const text of row.row.unread.map((one) => one.slice(0, longestUnread)))
      if (texts.has(text) || texts.size < mostUnread) texts.set(text, (texts.get(text) ?? 0) + 1);
  }
  return {
    ...{ total: before.total + rows.length, verdicts: byVerdict, reasons, taken, created },
    ...(unreadRows > 0 && { unread: { rows: unreadRows, texts: [...texts] } }),
  };
}

/** Rows of these verdicts together. */
export function sumOf(counts: ImportCounts, some: readonly Verdict[]): number {
  return some.reduce((sum, verdict) => sum + (counts.verdicts[verdict] ?? 0), 0);
}
