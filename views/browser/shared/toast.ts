import { need } from './dom.ts';

export type ToastKind = 'success' | 'info' | 'warning' | 'danger';

const stayMs = 6_000;

/** Says something in the corner. What went wrong stays until it is closed, and is not said twice beside itself. */
export function toast(kind: ToastKind, text: string): void {
  const template = document.querySelector<HTMLTemplateElement>(`#toast-${kind}`);
  if (!template) return;
  const toasts = need('#toasts');
  const stands = [...toasts.querySelectorAll(`[data-toast="${kind}"] .toast-text`)].map(
    (each) => each.textContent,
  );
  if (kind === 'danger' && stands.includes(text)) return;
  const note = need('[data-toast]', template.content).cloneNode(true) as HTMLElement;
  need('.toast-text', note).textContent = text;
  toasts.append(note);
  leaveLater(note);
}

/** Lets a note go after a while, but not while it is looked at. */
export function leaveLater(note: HTMLElement): void {
  note.querySelector('[data-dismiss-toast]')?.addEventListener('click', () => note.remove());
  if (note.dataset.toast === 'danger') return;
  let timer = setTimeout(() => note.remove(), stayMs);
  note.addEventListener('pointerenter', () => clearTimeout(timer));
  note.addEventListener('focusin', () => clearTimeout(timer));
  note.addEventListener('pointerleave', () => (timer = setTimeout(() => note.remove(), stayMs)));
}
