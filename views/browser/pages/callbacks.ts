import { phoneRingsMs } from '../../../dialer/workspace/command-names.ts';
import { startCallbackForms } from '../workspace/callback-forms.ts';
import { need } from '../shared/dom.ts';
import { Refused, send } from '../shared/http.ts';
import { showError } from '../workspace/dom.ts';

/** Dials from the list and goes to the workspace, where the call is. */
async function dial(button: HTMLButtonElement): Promise<void> {
  const { callback, campaign, customer, e164 } = button.dataset;
  const root = need('#callbacks');
  button.disabled = true;
  try {
    const body = {
      campaignId: Number(campaign),
      callbackId: Number(callback),
      customerId: Number(customer),
      e164,
    };
    await send('POST', '/workspace/dial', body, { patienceMs: phoneRingsMs + 5_000 });
    location.assign('/workspace');
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showError(root, 'callbacks', error.problem.detail);
    button.disabled = false;
  }
}

startCallbackForms(() => {
  if (!document.querySelector('[data-callback-row]')) location.reload();
});

document.addEventListener('click', (event) => {
  const button = (event.target as HTMLElement).closest<HTMLButtonElement>('[data-do="dial-callback"]');
  if (button) void dial(button);
});
