/** Shows what becomes of the lead as the chosen category has it: fixed by law or promise, or to be chosen. */
export function dispositionEnd(): void {
  const box = document.querySelector<HTMLElement>('[data-disposition-end]');
  const category = document.querySelector<HTMLSelectElement | HTMLInputElement>('[name="category"]');
  if (!box || !category) return;
  const amount = box.querySelector<HTMLInputElement>('[name="retryAmount"]');
  const show = () => {
    const fixed = ['dnc', 'callback'].includes(category.value) ? category.value : 'other';
    for (const part of box.querySelectorAll<HTMLElement>('[data-when]'))
      part.hidden = part.dataset.when !== fixed;
    const later = box.querySelector<HTMLInputElement>('[value="later"]')?.checked ?? false;
    const row = box.querySelector<HTMLElement>('.end-later');
    if (row) row.hidden = !later && !row.querySelector('.is-invalid');
    if (amount) amount.required = later && fixed === 'other';
  };
  category.addEventListener('change', show);
  box.addEventListener('change', show);
  show();
}
