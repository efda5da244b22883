import type { ColumnTarget } from './columns.ts';
import type { Encoding } from './encoding.ts';

export const importStates = [
  /** The file is here; its columns are being chosen. */
  'uploaded',
  /** A job reads the file and gives each row a verdict; nothing is written to customers. */
  'checking',
  'checked',
  /** A job writes customers. */
  'committing',
  /** Somebody stopped the writing; it can go on from where it was. */
  'stopped',
  'done',
  'failed',
] as const;
export type ImportState = (typeof importStates)[number];
export type ImportEvent = 'check' | 'checked' | 'commit' | 'stop' | 'finish' | 'fail';

/** The one table of what may become of an import. */
export const importTransitions: Readonly<Record<ImportState, Partial<Record<ImportEvent, ImportState>>>> = {
  uploaded: { check: 'checking' },
  checking: { checked: 'checked', stop: 'uploaded', fail: 'failed' },
  checked: { check: 'checking', commit: 'committing' },
  committing: { finish: 'done', stop: 'stopped', fail: 'failed' },
  stopped: { commit: 'committing' },
  done: {},
  failed: { check: 'checking', commit: 'committing' },
};

/** What is done with a customer who is known already. */
export const mergeModes = [
  /** Fill in what is empty, add numbers and tags. */
  'fill',
  /** What the file says replaces what was known. */
  'overwrite',
  /** Only put them on the list. */
  'keep',
] as const;
export type MergeMode = (typeof mergeModes)[number];

export const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];

export interface ImportOptions {
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
  /** The first row holds the names of the columns. */
  readonly headerRow: boolean;
  /** Numbers without a country code belong to it: ISO 3166-1 alpha-2. */
  readonly defaultCountry: string;
  /** What each column of the file is, by its place. */
  readonly columns: readonly ColumnTarget[];
  readonly headers: readonly string[];
  readonly existing: MergeMode;
  /** Put on every customer of the file. */
  readonly tags: readonly string[];
  /** The name of the list to be made at commit; empty when there is one already. */
  readonly newListName: string;
}

export const verdicts = ['new', 'merged', 'duplicate', 'refused'] as const;
export type Verdict = (typeof verdicts)[number];

/** Rows by what becomes of them. `dnc` counts among new and merged ones: known, but not called. */
export interface ImportCounts {
  readonly total: number;
  readonly new: number;
  readonly merged: number;
  readonly duplicate: number;
  readonly refused: number;
  readonly dnc: number;
  /** Refused rows by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

export const noCounts: ImportCounts = {
  total: 0,
  new: 0,
  merged: 0,
  duplicate: 0,
  refused: 0,
  dnc: 0,
  reasons: {},
};

export interface Import {
  readonly id: number;
  /** 0 until a new list is made at commit. */
  readonly listId: number;
  readonly state: ImportState;
  readonly fileName: string;
  /** Below the data folder. */
  readonly filePath: string;
  readonly fileSize: number;
  readonly options: ImportOptions;
  /** What the dry run found; null before it. */
  readonly checked: ImportCounts | null;
  /** What has been written so far; null before commit. */
  readonly committed: ImportCounts | null;
  /** Rows of the file that the running job has behind it. */
  readonly rowsDone: number;
  /** A FileProblem's code, or `internal`, with its details. */
  readonly error: { readonly code: string; readonly details: Record<string, unknown> } | null;
  readonly jobId: string | null;
  readonly createdBy: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly finishedAt: number | null;
}

export function importAfter(state: ImportState, event: ImportEvent): ImportState | null {
  return importTransitions[state][event] ?? null;
}

/** Why a file cannot be read at all. Words in `campaigns:fileProblems.<code>`, with `details`. */
export type FileProblemCode =
  | 'empty'
  | 'binary'
  | 'spreadsheet'
  | 'wrong-extension'
  | 'too-large'
  | 'too-many-columns'
  | 'too-many-rows'
  | 'line-too-long'
  | 'quote-unclosed'
  | 'wrong-encoding'
  | 'no-rows'
  | 'gone';

export class FileProblem extends Error {
  readonly code: FileProblemCode;
  readonly details: Record<string, unknown>;
  constructor(code: FileProblemCode, details: Record<string, unknown> = {}) {
    super(`file refused: ${code}`);
    this.name = 'FileProblem';
    this.code = code;
    this.details = details;
  }
}

export const limits = {
  columns: 500,
  rows: 5_000_000,
  /** Characters of one row. */
  row: 256 * 1024,
} as const;
