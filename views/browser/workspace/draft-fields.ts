import { fieldsOf, type DraftForm } from '../../../dialer/drafts/draft.ts';
import { fillReading, readReading } from '../shared/reading.ts';

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** The form in which somebody unknown becomes a customer: it stands on its own, and its text belongs to the draft too. */
export function identifyForm(form: HTMLFormElement): HTMLFormElement | null {
  return form.closest('[data-stage]')?.querySelector('form[data-form="identify"]') ?? null;
}

/** The script that is read beside it: answers are typed there. */
export function readingForm(form: HTMLFormElement): HTMLFormElement | null {
  return form.closest('[data-stage]')?.querySelector('form[data-reading]') ?? null;
}

/** The fields beside a form that belong to its draft. */
function beside(form: HTMLFormElement, field = ''): Field[] {
  const named = field && `="${field}"`;
  return [...(identifyForm(form)?.querySelectorAll<Field>(`[data-draft${named}]`) ?? [])];
}

/** The fields of a form that belong to a draft, as they stand. */
export function readForm(form: HTMLFormElement): DraftForm {
  const data = new FormData(form);
  for (const { dataset, value } of beside(form)) data.set(dataset.draft!, value);
  const reading = readingForm(form);
  if (reading) for (const [name, value] of Object.entries(readReading(reading))) data.set(name, value);
  const draft: DraftForm = {};
  for (const field of fieldsOf(Object.fromEntries(data))) {
    const value = data.get(field);
    if (typeof value === 'string') draft[field] = value;
  }
  return draft;
}

/** Puts a draft back into its fields. */
export function fillForm(form: HTMLFormElement, draft: DraftForm): void {
  const reading = readingForm(form);
  if (reading) fillReading(reading, draft);
  for (const field of fieldsOf(draft)) {
    const value = draft[field];
    if (value === undefined) continue;
    for (const element of [...form.querySelectorAll<Field>(`[name="${field}"]`), ...beside(form, field)]) {
      // A hidden field says what the server knows now, not what it knew when this was typed.
      if (element.type === 'hidden') continue;
      if (element instanceof HTMLInputElement && element.type === 'radio')
        element.checked = element.value === value;
      else if (element.value !== value) setValue(element, value);
    }
  }
}

/** The caret stays at the letters it stood between. */
function setValue(element: Field, value: string): void {
  const typing = element === document.activeElement && !(element instanceof HTMLSelectElement);
  const caret = typing ? element.selectionStart : null;
  const before = element.value;
  element.value = value;
  if (!typing || caret === null) return;
  const fromEnd = !value.startsWith(before.slice(0, caret)) && value.endsWith(before.slice(caret));
  const place = fromEnd ? value.length - (before.length - caret) : caret;
  element.setSelectionRange(place, place);
}
