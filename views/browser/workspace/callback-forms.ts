import { Refused, send } from '../shared/http.ts';
import { readTyped } from '../shared/typed-field.ts';
import { say } from '../shared/words.ts';
import { toast } from '../shared/toast.ts';
import { fetchPart, showError } from './dom.ts';

/** Writes down when a customer of the agent's list wants to be called, or why not at all, without leaving the page. */
export function startCallbackForms(done: () => void): void {
  // Captured: what the page does with every form that is really sent must not see this one.
  const take = (event: SubmitEvent) => {
    const form = event.target as HTMLFormElement;
    const read = form.dataset.form === 'callback-time' ? timeOf : reasonOf;
    if (read === reasonOf && form.dataset.form !== 'callback-cancel') return;
    event.preventDefault();
    void hand(form, read, done);
  };
  document.addEventListener('submit', take, { capture: true });
}

/** What the form says; null: something is missing, and that is shown. */
type Read = (form: HTMLFormElement) => Record<string, string> | null;

const timeOf: Read = (form) => {
  const fields = [...form.querySelectorAll<HTMLInputElement>('[data-date], [data-time]')];
  fields.forEach(readTyped);
  const unread = fields.find((field) => !field.validity.valid);
  if (unread) {
    showError(form, 'callback-time', unread.validationMessage);
    unread.focus();
    return null;
  }
  const { date, time, zone } = Object.fromEntries(new FormData(form)) as Record<string, string>;
  const missing = !date ? (time ? 'missingDate' : 'missing') : time ? '' : 'missingTime';
  showError(form, 'callback-time', missing && say(`callback.${missing}`));
  if (missing || !date || !time) {
    form.querySelector<HTMLInputElement>(date ? '[name="time"]' : '[name="date"]')?.focus();
    return null;
  }
  return { date, time, zone: zone ?? '' };
};

const reasonOf: Read = (form) => {
  const field = form.querySelector<HTMLInputElement>('[name="reason"]');
  const reason = field?.value.trim() ?? '';
  showError(form, 'callback-cancel', reason === '' ? say('dialog.reasonMissing') : '');
  if (reason !== '') return { reason };
  field?.focus();
  return null;
};

async function hand(form: HTMLFormElement, read: Read, done: () => void): Promise<void> {
  const row = form.closest<HTMLElement>('[data-callback-row]');
  const said = read(form);
  if (!said) return;
  const button = form.querySelector<HTMLButtonElement>('button[type="submit"]');
  if (button) button.disabled = true;
  try {
    await send('POST', new URL(form.action).pathname, said);
    toast('success', say(read === timeOf ? 'callbacks.timeSaved' : 'callbacks.cancelled'));
    await renew(row);
    done();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showError(form, form.dataset.form!, error.problem.detail);
  } finally {
    if (button) button.disabled = false;
  }
}

/** Writes that callback anew in each list it stands in; what is typed beside the others stays. */
async function renew(saved: HTMLElement | null): Promise<void> {
  const id = saved?.dataset.callbackRow ?? '';
  for (const row of document.querySelectorAll<HTMLElement>(`[data-callback-row="${CSS.escape(id)}"]`)) {
    try {
      const part = await fetchPart(`/workspace/callbacks/${id}?place=${row.dataset.place}`);
      row.replaceWith(part);
    } catch (error) {
      // It is owed no more. Whatever else went wrong, the next list tells.
      if (error instanceof Refused && error.problem.status === 404) row.remove();
    }
  }
}
