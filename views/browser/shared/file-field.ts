/** The face of a file field says in the page's language what is chosen; the browser's own stays under it and does the work. */
export function fileFields(): void {
  document.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement) show(target);
  });
  document.addEventListener('reset', ({ target }) => {
    // The fields are emptied after this event.
    if (target instanceof HTMLFormElement)
      setTimeout(() => target.querySelectorAll<HTMLInputElement>('.file-field input').forEach(show));
  });
  document.querySelectorAll<HTMLInputElement>('.file-field input').forEach(show);
}

function show(input: HTMLInputElement): void {
  const name = input.closest('.file-field')?.querySelector<HTMLElement>('[data-file-name]');
  if (!name) return;
  const chosen = [...(input.files ?? [])].map((file) => file.name).join(', ');
  name.textContent = chosen || (name.dataset.none ?? '');
  // In place of the browser's own words under the pointer.
  input.title = name.textContent;
}
