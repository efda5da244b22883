import { Refused, send } from '../shared/http.ts';
import { readTyped } from '../shared/typed-field.ts';
import { say } from '../shared/words.ts';
import { showError } from './dom.ts';

/** Writes down when a customer of the agent's list wants to be called, without leaving the page. */
export function startCallbackTimes(done: () => void): void {
  // Captured: what the page does with every form that is really sent must not see this one.
  const take = (event: SubmitEvent) => {
    const form = event.target as HTMLFormElement;
    if (form.dataset.form !== 'callback-time') return;
    event.preventDefault();
    void hand(form, done);
  };
  document.addEventListener('submit', take, { capture: true });
}

async function hand(form: HTMLFormElement, done: () => void): Promise<void> {
  const fields = [...form.querySelectorAll<HTMLInputElement>('[data-date], [data-time]')];
  fields.forEach(readTyped);
  const unread = fields.find((field) => !field.validity.valid);
  if (unread) {
    showError(form, 'callback-time', unread.validationMessage);
    return unread.focus();
  }
  const data = Object.fromEntries(new FormData(form)) as Record<string, string>;
  const missing = !data.date ? (data.time ? 'missingDate' : 'missing') : data.time ? '' : 'missingTime';
  showError(form, 'callback-time', missing && say(`callback.${missing}`));
  if (missing)
    return form.querySelector<HTMLInputElement>(data.date ? '[name="time"]' : '[name="date"]')?.focus();
  const button = form.querySelector<HTMLButtonElement>('button');
  if (button) button.disabled = true;
  try {
    await send('POST', new URL(form.action).pathname, { date: data.date, time: data.time, zone: data.zone });
    done();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showError(form, 'callback-time', error.problem.detail);
  } finally {
    if (button) button.disabled = false;
  }
}
