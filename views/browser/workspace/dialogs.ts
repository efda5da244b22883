import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { need } from '../shared/dom.ts';
import { bound, isTypingIn, showError } from './dom.ts';

/** Opens a dialog of the page by its name (`dial` is `#dial-dialog`). */
export function openDialog(name: string): HTMLDialogElement {
  const dialog = need<HTMLDialogElement>(`#${name}-dialog`);
  if (dialog.open) return dialog;
  for (const other of document.querySelectorAll<HTMLDialogElement>('dialog[open]')) other.close();
  showError(dialog, name, '');
  dialog.showModal();
  return dialog;
}

export function closeDialog(name: string): void {
  need<HTMLDialogElement>(`#${name}-dialog`).close();
}

/**
 * Closes what is open when another customer comes. A reason that is being given is about who was there before; any other
 * text stays to be typed on.
 */
export function makeWay(snapshot: AgentSnapshot, before: AgentSnapshot | null): void {
  // Of a preview that has run out nothing is skipped, nor of the one that comes next.
  if (before?.preview && snapshot.preview?.leadId !== before.preview.leadId) {
    const skip = need<HTMLDialogElement>('#skip-dialog');
    for (const field of skip.querySelectorAll('input')) if (isTypingIn(field)) field.value = '';
    skip.close();
  }
  if (!before || !isAnother(snapshot, before)) return;
  for (const dialog of document.querySelectorAll<HTMLDialogElement>('dialog[open]')) {
    const fields = [...dialog.querySelectorAll<HTMLInputElement>('input, textarea')].filter(isTypingIn);
    for (const field of fields) if (field.name === 'reason') field.value = '';
    if (fields.every(({ value, defaultValue }) => value === defaultValue)) dialog.close();
  }
}

/** Another customer is at hand than before. */
function isAnother(snapshot: AgentSnapshot, before: AgentSnapshot): boolean {
  const { call, preview } = snapshot;
  if (call) return call.id !== before.call?.id && (!before.preview || call.leadId !== before.preview.leadId);
  return preview !== null && preview.leadId !== before.preview?.leadId;
}

/** Where screen readers hear of what goes on: beside an open dialog the rest of the page is silent to them. */
export function liveRegion(name: 'say' | 'shout'): HTMLElement {
  const dialog = document.querySelector('dialog[open]');
  return dialog?.querySelector<HTMLElement>(`[data-live="${name}"]`) ?? bound(name);
}

/** Buttons that close, a click beside the dialog, and digits that press the button they stand on. */
export function startDialogs(): void {
  for (const dialog of document.querySelectorAll<HTMLDialogElement>('dialog.ws-dialog')) {
    for (const name of ['say', 'shout']) {
      const region = bound(name).cloneNode() as HTMLElement;
      delete region.dataset.bind;
      region.dataset.live = name;
      dialog.append(region);
    }
    dialog.addEventListener('click', (event) => {
      const target = event.target as HTMLElement;
      if (target === dialog || target.closest('[data-close]')) dialog.close();
    });
    dialog.addEventListener('keydown', (event) => {
      if (event.altKey || event.ctrlKey || event.target instanceof HTMLInputElement) return;
      const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
      const button = digit && dialog.querySelector<HTMLButtonElement>(`button[data-digit-key="${digit}"]`);
      if (!button) return;
      event.preventDefault();
      button.click();
    });
  }
}

/** A dialog that wants a reason: one of the ready-made ones by a click or a digit, or a typed one. */
export function onReason(
  name: string,
  given: (reason: string) => Promise<string | null>,
  missing: string,
): void {
  const dialog = need<HTMLDialogElement>(`#${name}-dialog`);
  const field = need<HTMLInputElement>('input[name="reason"]', dialog);
  const give = async (reason: string) => {
    if (!reason) return showError(dialog, name, missing);
    const wrong = await given(reason);
    showError(dialog, name, wrong ?? '');
    if (wrong !== null) return;
    field.value = '';
    dialog.close();
  };
  for (const button of dialog.querySelectorAll<HTMLElement>('[data-do="reason"]'))
    button.addEventListener('click', () => void give(button.dataset.reason ?? ''));
  need('form', dialog).addEventListener('submit', (event) => {
    event.preventDefault();
    void give(field.value.trim());
  });
}
