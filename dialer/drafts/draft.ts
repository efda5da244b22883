import { DateTime } from 'luxon';

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
] as const;
export type DraftField = (typeof draftFields)[number];

/** Longer than any field takes in the end: what is typed is kept before it is judged. */
export const maxDraftField = 4000;

/** Unchecked text of the fields: a draft must keep what is half typed, too. */
export type DraftForm = Partial<Record<DraftField, string>>;

/** A draft from the database or from anywhere else; what is not a known field of text is left out. */
export function readDraft(value: unknown): DraftForm {
  const form: DraftForm = {};
  if (typeof value !== 'object' || value === null) return form;
  for (const field of draftFields) {
    const entry = (value as Record<string, unknown>)[field];
    if (typeof entry === 'string' && entry.length <= maxDraftField) form[field] = entry;
  }
  return form;
}

/** The time typed for a callback, epoch ms; null when it is not complete, or no clock there will show it. */
export function agreedTime(form: DraftForm): number | null {
  const { callbackDate: date = '', callbackTime: time = '', callbackZone: zone } = form;
  if (!date || !time || !zone) return null;
  const moment = DateTime.fromISO(`${date}T${time}`, { zone });
  return moment.isValid && moment.toFormat('HH:mm') === time ? moment.toMillis() : null;
}
