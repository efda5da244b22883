/** Rows of a form that can be added, cleared and moved: `data-rows`, with buttons `data-row-add|clear|up`. */
export function editableRows(): void {
  document.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>('button');
    const list = button?.closest<HTMLElement>('[data-rows]');
    if (!button || !list) return;
    const item = button.closest<HTMLElement>('.row-item');
    if (button.matches('[data-row-add]')) addRow(list, button);
    else if (item && button.matches('[data-row-clear]')) clearRow(list, item);
    else if (item && button.matches('[data-row-up]')) moveUp(list, item);
  });
}

const itemsOf = (list: HTMLElement) => [...list.querySelectorAll<HTMLElement>(':scope > .row-item')];

function addRow(list: HTMLElement, button: HTMLButtonElement): void {
  const last = itemsOf(list).at(-1);
  if (!last) return;
  const copy = last.cloneNode(true) as HTMLElement;
  empty(copy);
  button.before(copy);
  number(list);
  copy.querySelector<HTMLInputElement>('input')?.focus();
}

function clearRow(list: HTMLElement, item: HTMLElement): void {
  if (itemsOf(list).length > 1) item.remove();
  else empty(item);
  number(list);
}

function moveUp(list: HTMLElement, item: HTMLElement): void {
  const before = item.previousElementSibling;
  if (before?.classList.contains('row-item')) before.before(item);
  number(list);
  item.querySelector<HTMLButtonElement>('[data-row-up]')?.focus();
}

function empty(item: HTMLElement): void {
  for (const input of item.querySelectorAll<HTMLInputElement>('input')) {
    // A box is ticked or not; its value is what a ticked one sends.
    if (input.type === 'checkbox') input.checked = input.defaultChecked;
    // What is mostly the same in the next row.
    else if (!input.matches('[data-keep]')) input.value = '';
    input.classList.remove('is-invalid');
    input.removeAttribute('aria-invalid');
  }
  item.querySelector('.row-note')?.replaceChildren();
}

/** The server reads rows by their numbers, so these follow the order on the page. */
function number(list: HTMLElement): void {
  itemsOf(list).forEach((item, index) => {
    for (const field of item.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[name]'))
      field.name = field.name.replace(/\[\d+\]/, `[${index}]`);
    for (const element of item.querySelectorAll<HTMLElement>('[id]'))
      element.id = element.id.replace(/-\d+/, `-${index}`);
    for (const label of item.querySelectorAll<HTMLLabelElement>('label[for]'))
      label.htmlFor = label.htmlFor.replace(/-\d+/, `-${index}`);
    for (const field of item.querySelectorAll<HTMLElement>('[aria-describedby]'))
      field.setAttribute(
        'aria-describedby',
        field.getAttribute('aria-describedby')!.replace(/-\d+/, `-${index}`),
      );
  });
}
