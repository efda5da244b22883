import { fieldsOf, type DraftField, type DraftForm } from './draft.ts';

/** How two texts of one field stand behind each other. A choice cannot hold two: there, one's own stays. */
const separators: Partial<Record<DraftField, string>> = { note: '\n', callbackNote: ' / ' };
const separatorOf = (field: DraftField) =>
  separators[field] ?? (field.startsWith('words.') ? ' / ' : undefined);

export interface MergedDraft {
  form: DraftForm;
  /** Both sides wrote in one place of a text; it holds what each wrote, for a person to sort out. */
  both: boolean;
}

/**
 * Brings together what two pages have made of one draft. `base` is what both began from, `mine` stands in the fields
 * here, `theirs` was saved from elsewhere. What only one side touched is that side's.
 */
export function mergeDrafts(base: DraftForm, mine: DraftForm, theirs: DraftForm): MergedDraft {
  const form: DraftForm = { ...mine };
  let both = false;
  for (const field of fieldsOf(base, mine, theirs)) {
    const [was = '', here = '', there] = [base[field], mine[field], theirs[field]];
    if (there === undefined || there === here || there === was) continue;
    const separator = separatorOf(field);
    if (here === was) form[field] = there;
    else if (separator !== undefined) {
      const merged = mergeTexts(was, here, there, separator);
      form[field] = merged.text;
      both ||= merged.both;
    }
  }
  return { form, both };
}

export const sameDraft = (one: DraftForm, other: DraftForm): boolean =>
  fieldsOf(one, other).every((field) => (one[field] ?? '') === (other[field] ?? ''));

function mergeTexts(was: string, here: string, there: string, separator: string) {
  const [mine, theirs] = [editOf(was, here), editOf(was, there)];
  if (mine.end < theirs.start) return { text: apply(apply(was, theirs), mine), both: false };
  if (theirs.end < mine.start) return { text: apply(apply(was, mine), theirs), both: false };
  const start = Math.min(mine.start, theirs.start);
  const end = Math.max(mine.end, theirs.end);
  const [own, other] = [mine, theirs].map(
    (edit) => was.slice(start, edit.start) + edit.text + was.slice(edit.end, end),
  ) as [string, string];
  const within = own.includes(other) ? own : other.includes(own) ? other : null;
  return { text: apply(was, { start, end, text: within ?? own + separator + other }), both: within === null };
}

/** The one stretch of a text that was changed, and what stands there now. */
interface Edit {
  start: number;
  end: number;
  text: string;
}

function editOf(was: string, now: string): Edit {
  const most = Math.min(was.length, now.length);
  let start = 0;
  while (start < most && was[start] === now[start]) start += 1;
  let tail = 0;
  while (tail < most - start && was.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  return { start, end: was.length - tail, text: now.slice(start, now.length - tail) };
}

const apply = (text: string, edit: Edit): string =>
  text.slice(0, edit.start) + edit.text + text.slice(edit.end);
