/** Windows of a day in the calling hours: added, taken away, and copied to all other days. */
export function hoursTools(): void {
  document.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>('button');
    const day = button?.closest<HTMLElement>('[data-day]');
    if (!button || !day) return;
    if (button.matches('[data-window-add]')) addWindow(day).querySelector('input')?.focus();
    else if (button.matches('[data-window-remove]')) removeWindow(day, button);
    else if (button.matches('[data-hours-copy]')) copyToAll(day);
    else return;
    day.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

const windowsOf = (day: HTMLElement) => [...day.querySelectorAll<HTMLElement>('[data-window]')];
const timesOf = (window: HTMLElement) => [...window.querySelectorAll<HTMLInputElement>('input')];

function addWindow(day: HTMLElement): HTMLElement {
  const windows = windowsOf(day);
  const copy = windows.at(-1)!.cloneNode(true) as HTMLElement;
  const next = 1 + Math.max(...windows.map((window) => numberOf(timesOf(window)[0]!)));
  for (const input of timesOf(copy)) {
    input.name = input.name.replace(/_\d+_/, `_${next}_`);
    input.id = `f-${input.name}`;
  }
  const note = copy.querySelector<HTMLElement>('.field-note');
  if (note) note.id = `${timesOf(copy)[0]!.id}-note`;
  for (const input of timesOf(copy)) input.setAttribute('aria-describedby', note?.id ?? '');
  empty(copy);
  windows.at(-1)!.after(copy);
  return copy;
}

function removeWindow(day: HTMLElement, button: HTMLElement): void {
  const window = button.closest<HTMLElement>('[data-window]')!;
  if (windowsOf(day).length > 1) window.remove();
  else empty(window);
  windowsOf(day).at(-1)?.querySelector('input')?.focus();
}

function copyToAll(day: HTMLElement): void {
  const from = windowsOf(day).map((window) => timesOf(window).map((input) => input.value));
  for (const other of document.querySelectorAll<HTMLElement>('[data-day]')) {
    if (other === day) continue;
    while (windowsOf(other).length < from.length) addWindow(other);
    for (const extra of windowsOf(other).slice(from.length)) extra.remove();
    windowsOf(other).forEach((window, row) => {
      empty(window);
      timesOf(window).forEach((input, end) => (input.value = from[row]![end] ?? ''));
    });
  }
}

function empty(window: HTMLElement): void {
  for (const input of timesOf(window)) {
    input.value = '';
    input.classList.remove('is-invalid');
    input.removeAttribute('aria-invalid');
  }
  window.querySelector('.field-note')?.replaceChildren();
}

const numberOf = (input: HTMLInputElement) => Number(/_(\d+)_/.exec(input.name)?.[1] ?? 0);
