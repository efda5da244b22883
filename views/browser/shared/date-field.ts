import { announce } from './dom.ts';

/**
 * Date fields in the language of the page: year-month-day to type, a month to choose from. A browser's own date field
 * speaks the browser's language. Fields may come later with a fragment, so the document listens.
 */
export function dateFields(): void {
  document.addEventListener(
    'change',
    (event) => {
      const field = event.target;
      if (field instanceof HTMLInputElement && field.matches('[data-date]')) readDate(field);
    },
    // Before whoever sends the form on a change.
    true,
  );
  document.addEventListener('input', ({ target }) => {
    if (target instanceof HTMLInputElement && target.matches('[data-date]')) target.setCustomValidity('');
  });
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('[data-date-open]') : null;
    const field = button?.parentElement?.querySelector<HTMLInputElement>('[data-date]');
    if (!(button instanceof HTMLElement) || !field) return;
    if (shown?.field === field) shown.close();
    else shown = openMonth(field, button);
  });
}

/** 2026-11-29, 2026/11/29, 20261129, 2026年11月29日. Null: no such day. */
export function isoDay(text: string): string | null {
  const plain = text.normalize('NFKC').trim();
  const parts =
    /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/.exec(plain) ??
    /^(\d{4})(\d\d)(\d\d)$/.exec(plain);
  if (!parts) return null;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const iso = isoOf(dayOf(year, month - 1, day));
  return iso === `${parts[1]}-${twoDigits(month)}-${twoDigits(day)}` ? iso : null;
}

function readDate(field: HTMLInputElement): void {
  const iso = field.value.trim() === '' ? '' : isoDay(field.value);
  if (iso !== null) field.value = iso;
  const { dateError = '', min = '', max = '', dateRange = '' } = field.dataset;
  const outside = iso && ((min && iso < min) || (max && iso > max));
  field.setCustomValidity(iso === null ? dateError : outside ? dateRange : '');
}

interface Month {
  field: HTMLInputElement;
  close(): void;
}
let shown: Month | null = null;

const dayMs = 86_400_000;
const twoDigits = (n: number) => String(n).padStart(2, '0');
const dayOf = (year: number, month: number, day: number) => new Date(Date.UTC(year, month, day));
const isoOf = (day: Date) => day.toISOString().slice(0, 10);
const plus = (day: Date, days: number) => new Date(day.getTime() + days * dayMs);
/** Weeks begin on Monday. */
const weekday = (day: Date) => (day.getUTCDay() + 6) % 7;

function today(): Date {
  const now = new Date();
  return dayOf(now.getFullYear(), now.getMonth(), now.getDate());
}

/** The same day of another month, or that month's last. */
function otherMonth(day: Date, months: number): Date {
  const first = dayOf(day.getUTCFullYear(), day.getUTCMonth() + months, 1);
  const last = dayOf(first.getUTCFullYear(), first.getUTCMonth() + 1, 0).getUTCDate();
  return plus(first, Math.min(day.getUTCDate(), last) - 1);
}

/** A month under its field: arrows go by days and weeks, Page keys by months, Escape leaves. */
function openMonth(field: HTMLInputElement, button: HTMLElement): Month {
  shown?.close();
  const { lang } = document.documentElement;
  const write = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(lang, { timeZone: 'UTC', ...options });
  const full = write({ dateStyle: 'full' });
  const title = write({ year: 'numeric', month: 'long' });
  const short = write({ weekday: 'narrow' });
  const { min = '', max = '' } = field.dataset;
  const chosen = isoDay(field.value);
  let at = chosen ? new Date(chosen) : today();

  const panel = element('div', 'month-panel', { role: 'dialog', 'aria-label': button.title });
  const head = element('div', 'month-head');
  const name = element('strong', 'month-name', { 'aria-live': 'polite' });
  const step = (months: number, words: string, sign: string) => {
    const control = element('button', 'btn btn-ghost', { type: 'button', 'aria-label': words, title: words });
    control.textContent = sign;
    control.addEventListener('click', () => draw(otherMonth(at, months)));
    return control;
  };
  head.append(step(-1, button.dataset.previous ?? '', '‹'), name, step(1, button.dataset.next ?? '', '›'));
  const grid = element('div', 'month-days', { role: 'group' });
  panel.append(head, grid);

  const draw = (day: Date, focus = false) => {
    at = day;
    name.textContent = title.format(day);
    grid.setAttribute('aria-label', name.textContent);
    const first = dayOf(day.getUTCFullYear(), day.getUTCMonth(), 1);
    const monday = plus(first, -weekday(first));
    const heads = Array.from({ length: 7 }, (_, index) => {
      const cell = element('span', 'month-weekday', { 'aria-hidden': 'true' });
      cell.textContent = short.format(plus(monday, index));
      return cell;
    });
    const cells = Array.from({ length: 42 }, (_, index) => cellOf(plus(monday, index)));
    grid.replaceChildren(...heads, ...cells);
    if (focus) grid.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  };
  const cellOf = (day: Date) => {
    const iso = isoOf(day);
    const cell = element('button', 'month-day', { type: 'button', 'aria-label': full.format(day) });
    cell.textContent = String(day.getUTCDate());
    cell.tabIndex = iso === isoOf(at) ? 0 : -1;
    cell.classList.toggle('other', day.getUTCMonth() !== at.getUTCMonth());
    cell.disabled = (min !== '' && iso < min) || (max !== '' && iso > max);
    if (iso === isoOf(today())) cell.setAttribute('aria-current', 'date');
    if (iso === chosen) cell.setAttribute('aria-pressed', 'true');
    cell.addEventListener('click', () => {
      field.value = iso;
      close();
      announce(full.format(day));
      field.dispatchEvent(new Event('change', { bubbles: true }));
    });
    return cell;
  };

  const moves: Record<string, (day: Date) => Date> = {
    ArrowLeft: (day) => plus(day, -1),
    ArrowRight: (day) => plus(day, 1),
    ArrowUp: (day) => plus(day, -7),
    ArrowDown: (day) => plus(day, 7),
    Home: (day) => plus(day, -weekday(day)),
    End: (day) => plus(day, 6 - weekday(day)),
    PageUp: (day) => otherMonth(day, -1),
    PageDown: (day) => otherMonth(day, 1),
  };
  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      // A dialog that the field stands in stays open.
      event.preventDefault();
      event.stopPropagation();
      close();
      button.focus();
    } else if (moves[event.key] && grid.contains(event.target as Node)) {
      event.preventDefault();
      draw(moves[event.key]!(at), true);
    }
  });
  const leave = (event: Event) => {
    const to = event instanceof FocusEvent ? event.relatedTarget : event.target;
    if (to instanceof Node && !panel.contains(to) && !button.contains(to)) close();
  };
  const close = () => {
    document.removeEventListener('pointerdown', leave);
    panel.removeEventListener('focusout', leave);
    const had = panel.contains(document.activeElement);
    panel.remove();
    button.setAttribute('aria-expanded', 'false');
    shown = null;
    if (had) field.focus();
  };
  document.addEventListener('pointerdown', leave);
  panel.addEventListener('focusout', leave);
  button.setAttribute('aria-expanded', 'true');
  button.after(panel);
  draw(at, true);
  if (panel.getBoundingClientRect().right > innerWidth) panel.classList.add('month-panel-end');
  return { field, close };
}

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Record<string, string> = {},
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
