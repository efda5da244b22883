import { need } from '../shared/dom.ts';
import { say } from '../shared/words.ts';
import { openDialog } from './dialogs.ts';

/** The agent's callbacks in a dialog: leaving the page for their list would hang up the phone. */
export function openCallbacks(): Promise<void> {
  openDialog('callbacks');
  return drawCallbacks();
}

/** What is in the dialog, as it stands now. */
export async function drawCallbacks(): Promise<void> {
  const list = need('#callbacks-dialog [data-bind="callback-list"]');
  list.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch('/workspace/callbacks?part=list', { headers: { 'hx-request': 'true' } });
    if (!response.ok) throw new Error(String(response.status));
    const template = document.createElement('template');
    template.innerHTML = await response.text();
    list.replaceChildren(template.content);
  } catch {
    list.textContent = say('live.failed');
  } finally {
    list.removeAttribute('aria-busy');
  }
}
