import { announce } from '../shared/dom.ts';
import { Refused, send } from '../shared/http.ts';
import { showError } from './dom.ts';

/** Says whose number it is, without leaving the page: what is typed elsewhere on it stays. */
export function startIdentifyForms(root: HTMLElement, done: () => void): void {
  for (const form of root.querySelectorAll<HTMLFormElement>(
    'form[data-form="identify"], form[data-form="owner"]',
  ))
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void hand(root, form, new FormData(form, event.submitter), done);
    });
}

async function hand(
  root: HTMLElement,
  form: HTMLFormElement,
  data: FormData,
  done: () => void,
): Promise<void> {
  const buttons = form.querySelectorAll<HTMLButtonElement>('button');
  for (const button of buttons) button.disabled = true;
  showError(root, 'identify', '');
  try {
    await send('POST', new URL(form.action).pathname, Object.fromEntries(data));
    const name = data.get('name');
    if (typeof name === 'string') announce(name);
    done();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { fields = {}, detail } = error.problem;
    showError(root, 'identify', Object.values(fields)[0] ?? detail);
    for (const button of buttons) button.disabled = false;
    form.querySelector<HTMLInputElement>('input[name="name"]')?.focus();
  }
}
