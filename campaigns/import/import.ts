import type { ColumnTarget } from './columns.ts';
import type { Encoding } from './encoding.ts';
import type { ImportCounts } from './verdict.ts';

/** The file of an import that was left before its end is kept so long: it holds names and numbers of people. */
export const fileKeptMs = 14 * 86_400_000;

export const importStates = [
  /** The file is here; its columns are being chosen. */
  'uploaded',
  /** A job reads the file and gives each row a verdict; nothing is written to customers. */
  'checking',
  'checked',
  /** A job writes customers. */
  'committing',
  /** Somebody holds the writing up; it goes on from where it was. */
  'paused',
  /** Somebody ended the writing early; what was written stays, and it may still go on. */
  'stopped',
  'done',
  'failed',
  /** A job takes everything back. */
  'undoing',
  'undone',
] as const;
export type ImportState = (typeof importStates)[number];
export type ImportEvent =
  'check' | 'checked' | 'commit' | 'pause' | 'stop' | 'finish' | 'fail' | 'undo' | 'undone';

/** The one table of what may become of an import. */
export const importTransitions: Readonly<Record<ImportState, Partial<Record<ImportEvent, ImportState>>>> = {
  uploaded: { check: 'checking' },
  checking: { checked: 'checked', stop: 'uploaded', fail: 'failed' },
  checked: { check: 'checking', commit: 'committing' },
  committing: { finish: 'done', pause: 'paused', stop: 'stopped', fail: 'failed' },
  paused: { commit: 'committing', stop: 'stopped', undo: 'undoing' },
  stopped: { commit: 'committing', undo: 'undoing' },
  done: { undo: 'undoing' },
  failed: { check: 'checking', commit: 'committing', undo: 'undoing' },
  undoing: { undone: 'undone', fail: 'failed' },
  undone: {},
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

/** Which side wins in one column, where it is not as for all others. */
export const fieldWinners = ['', 'file', 'known'] as const;
export type FieldWinner = (typeof fieldWinners)[number];

/** By what a row is recognised as a known customer. */
export const matchRules = ['both', 'phone', 'external_id'] as const;
export type MatchRule = (typeof matchRules)[number];

/** Where else a customer may be so that the row is left out; each includes those before it. */
export const repeatScopes = ['file', 'list', 'campaign', 'days', 'system'] as const;
export type RepeatScope = (typeof repeatScopes)[number];

export const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];
export type FileFormat = 'csv' | 'xlsx';

export interface ImportOptions {
  readonly format: FileFormat;
  /** Of a workbook, by its place; null: the first that can be seen. */
  readonly sheet: number | null;
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
  /** The first row holds the names of the columns. */
  readonly headerRow: boolean;
  /** Numbers without a country code belong to it: ISO 3166-1 alpha-2. */
  readonly defaultCountry: string;
  /** What each column of the file is, by its place. */
  readonly columns: readonly ColumnTarget[];
  readonly headers: readonly string[];
  /** Names of own fields, by column, where they differ from the heading. */
  readonly names: readonly string[];
  readonly wins: readonly FieldWinner[];
  readonly existing: MergeMode;
  readonly matchBy: MatchRule;
  readonly repeats: RepeatScope;
  /** For `days`: made a lead of any campaign so many days ago or less. */
  readonly days: number;
  /** Customers who may not be called come onto the list all the same, or are left out. */
  readonly barred: 'keep' | 'leave-out';
  /** Put on every customer of the file. */
  readonly tags: readonly string[];
  /** The name of the list to be made at commit; empty when there is one already. */
  readonly newListName: string;
  /** The campaign that the list joins once it is written. */
  readonly campaignId: number | null;
}

export const defaultOptions: ImportOptions = {
  format: 'csv',
  sheet: null,
  encoding: 'utf-8',
  delimiter: ',',
  headerRow: true,
  defaultCountry: 'US',
  columns: [],
  headers: [],
  names: [],
  wins: [],
  existing: 'fill',
  matchBy: 'both',
  repeats: 'campaign',
  days: 30,
  barred: 'keep',
  tags: [],
  newListName: '',
  campaignId: null,
};

/** How a run of a job has gone so far. Times are epoch ms. */
export interface ImportPace {
  readonly startedAt: number;
  /** Rows that were behind it when it began. */
  readonly from: number;
}

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
  /** How many rows were taken back, and how many could not be, as somebody had worked with them since; and up to which row. */
  readonly undone: { readonly back: number; readonly kept: number; readonly upTo: number } | null;
  readonly pace: ImportPace | null;
  /** Rows of the file that the running job has behind it. */
  readonly rowsDone: number;
  /** A FileProblem's code, or `internal`, with its details. */
  readonly error: { readonly code: string; readonly details: Record<string, unknown> } | null;
  readonly jobId: string | null;
  /** How often it was begun again since it last came on, as its job was lost. */
  readonly takenUp: number;
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
  | 'old-workbook'
  | 'workbook-damaged'
  | 'workbook-too-large'
  | 'not-a-workbook'
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
