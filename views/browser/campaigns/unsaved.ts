/** A form that was changed and not sent is not left without a question. */
export function warnUnsaved(): void {
  const form = document.querySelector<HTMLFormElement>('form[data-warn-unsaved]');
  if (!form) return;
  let changed = false;
  form.addEventListener('input', () => (changed = true));
  form.addEventListener('change', () => (changed = true));
  form.addEventListener('submit', () => (changed = false));
  addEventListener('beforeunload', (event) => {
    if (changed) event.preventDefault();
  });
}
