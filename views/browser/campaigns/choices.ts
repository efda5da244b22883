/** A long choice of boxes: narrowed while typing, all or none at once, and counted. */
export function choices(): void {
  for (const counter of document.querySelectorAll<HTMLElement>('[data-choice-count]')) {
    const box = document.getElementById(counter.dataset.choiceCount ?? '');
    if (!box) continue;
    const count = () => {
      const number = box.querySelectorAll('input:checked').length;
      counter.textContent = (counter.dataset.words ?? '').replace(
        '{{number}}',
        number.toLocaleString(document.documentElement.lang),
      );
    };
    box.addEventListener('change', count);
    count();
  }
  document.addEventListener('input', (event) => {
    const field = event.target as HTMLInputElement;
    const box = field.dataset.choiceFilter ? document.getElementById(field.dataset.choiceFilter) : null;
    if (!box) return;
    const wanted = field.value.trim().toLowerCase();
    for (const label of box.querySelectorAll<HTMLElement>('label'))
      label.hidden = !(label.textContent ?? '').toLowerCase().includes(wanted);
  });
  document.addEventListener('click', (event) => {
    const { choiceAll, choiceNone } = (event.target as HTMLElement).dataset;
    const box = document.getElementById(choiceAll ?? choiceNone ?? '');
    if (!box) return;
    // Only what is seen: "all" after a search means all that were found.
    for (const label of box.querySelectorAll<HTMLElement>('label:not([hidden])')) {
      const input = label.querySelector('input');
      if (input) input.checked = choiceAll !== undefined;
    }
    box.dispatchEvent(new Event('change', { bubbles: true }));
  });
}
