import { fromLocal } from '../../core/time/local-time.ts';
import { clockTime, isoDay } from '../../core/time/typed.ts';

/** Everything that can be typed beside a call, as it stands in its fields. */
export const draftFields = [
  'dispositionId',
  'note',
  'callbackDate',
  'callbackTime',
  'callbackZone',
  'callbackMine',
  'callbackPhone',
  'callbackNote',
  'pauseCodeId',
  /** Of somebody unknown who is to become a customer. */
  'customerName',
  'customerSalutation',
  'customerCompany',
  'customerLanguage',
  /** Of a script: the steps gone through, which of them is on the screen, and the disposition it has suggested. */
  'scriptPath',
  'scriptAt',
  'scriptSuggested',
] as const;
/** Answers to a script, by the step that asked: what was chosen, and what was written. */
export type AnswerField = `answer.${string}` | `words.${string}`;
export type DraftField = (typeof draftFields)[number] | AnswerField;

const answerField = /^(answer|words)\.[0-9a-f]{8}$/;
/** More than a script has steps. */
const mostAnswers = 100;

/** Every field that one of these has. */
export function fieldsOf(...forms: readonly object[]): DraftField[] {
  const answers = new Set(
    forms.flatMap((form) => Object.keys(form).filter((name) => answerField.test(name))),
  );
  return [...draftFields, ...([...answers].slice(0, mostAnswers) as AnswerField[])];
}

/** Longer than any field takes in the end, and than two texts of it together: kept before it is judged. */
export const maxDraftField = 10_000;

/** Unchecked text of the fields: a draft must keep what is half typed, too. */
export type DraftForm = Partial<Record<DraftField, string>>;

/** What is kept of one call. `revision` counts the saves; 0: nothing is kept. */
export interface Draft {
  readonly revision: number;
  readonly form: DraftForm;
}

/** What a save comes back with: the draft as it now stands, and whether it is the one that was sent. */
export interface DraftSaved extends Draft {
  readonly kept: boolean;
}

/** Told to every page of the agent, over the bus and as the event `draft` of their streams. */
export interface DraftNews extends Draft {
  readonly callId: string;
}

export const draftTopic = (userId: number): string => `agent.draft.${userId}`;

/** A draft from the database or from anywhere else; what is not a known field of text is left out. */
export function readDraft(value: unknown): DraftForm {
  const form: DraftForm = {};
  if (typeof value !== 'object' || value === null) return form;
  for (const field of fieldsOf(value)) {
    const entry = (value as Record<string, unknown>)[field];
    if (typeof entry === 'string' && entry.length <= maxDraftField) form[field] = entry;
  }
  return form;
}

/** The time typed for a callback, epoch ms; null when it is not complete, or no clock there will show it. */
export function agreedTime(form: DraftForm): number | null {
  const { callbackDate = '', callbackTime = '', callbackZone: zone } = form;
  const [date, time] = [isoDay(callbackDate), clockTime(callbackTime)];
  if (!date || !time || !zone) return null;
  const moment = fromLocal(`${date}T${time}`, zone);
  return moment.isValid && moment.toFormat('HH:mm') === time ? moment.toMillis() : null;
}
