/** Shows what belongs to the chosen dialling mode; the rest keeps its values out of sight. */
export function modeSections(): void {
  const sections = document.querySelectorAll<HTMLElement>('[data-modes]');
  if (sections.length === 0) return;
  const show = () => {
    const mode = document.querySelector<HTMLInputElement>('input[name="mode"]:checked')?.value ?? '';
    for (const section of sections)
      section.hidden =
        !(section.dataset.modes ?? '').split(' ').includes(mode) && !section.querySelector('.is-invalid');
  };
  for (const radio of document.querySelectorAll('input[name="mode"]')) radio.addEventListener('change', show);
  show();
}
