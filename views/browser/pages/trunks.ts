import { need } from '../shared/dom.ts';
import { Refused, send } from '../shared/http.ts';
import { editableRows } from '../shared/rows.ts';

editableRows();

const form = document.querySelector<HTMLFormElement>('#trunk-test');
form?.addEventListener('submit', (event) => {
  event.preventDefault();
  void test(form);
});

async function test(within: HTMLFormElement): Promise<void> {
  const button = need<HTMLButtonElement>('button', within);
  const result = need('#trunk-test-result');
  button.disabled = true;
  result.className = 'form-hint';
  result.textContent = within.dataset.busy ?? '';
  try {
    const e164 = need<HTMLInputElement>('[name=e164]', within).value;
    const url = within.dataset.url ?? '';
    // Somebody has to pick the phone up.
    const patience = { patienceMs: 45_000 };
    const { ok, text } = await send<{ ok: boolean; text: string }>('POST', url, { e164 }, patience);
    result.className = ok ? 'text-success' : 'text-danger';
    result.textContent = text;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    result.className = 'text-danger';
    result.textContent = error.problem.fields?.e164 ?? error.problem.detail;
  } finally {
    button.disabled = false;
  }
}
