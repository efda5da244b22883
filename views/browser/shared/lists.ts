/** Filters apply as they are chosen; text after a pause. Empty ones do not clutter the address. */
export function liveFilters(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-autosubmit]')) {
    form.addEventListener('submit', () => dropEmpty(form));
    form.addEventListener('change', (event) => {
      if ((event.target as HTMLInputElement).type !== 'search') form.requestSubmit();
    });
  }
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-columns]'))
    form.addEventListener('submit', () => {
      const chosen = [...form.querySelectorAll<HTMLInputElement>('input[type="checkbox"]:checked')];
      const field = form.querySelector<HTMLInputElement>('input[name="columns"]');
      if (field) field.value = chosen.map((box) => box.value).join(',');
    });
}

function dropEmpty(form: HTMLFormElement): void {
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>(
    'input[name], select[name]',
  ))
    field.disabled = field.value === '';
}
