import { isoDay } from '../../../core/time/typed.ts';
import { announce } from './dom.ts';

/** A month to choose a day from, under the date field whose button was pressed. */
export function dateFields(): void {
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('[data-date-open]') : null;
    const field = button?.parentElement?.querySelector<HTMLInputElement>('[data-date]');
    if (!(button instanceof HTMLElement) || !field) return;
    if (shown?.field === field) shown.close();
    else shown = openMonth(field, button);
  });
}

interface Month {
  field: HTMLInputElement;
  close(): void;
}
let shown: Month | null = null;

const dayMs = 86_400_000;
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
  // What scrolls around it would cut it off, so it stands before the page; and goes when the field moves away.
  const scrolled = (event: Event) => {
    if (event.target instanceof Node && event.target.contains(field)) close();
  };
  const leave = (event: Event) => {
    const to = event instanceof FocusEvent ? event.relatedTarget : event.target;
    if (to instanceof Node && !panel.contains(to) && !button.contains(to)) close();
  };
  const close = () => {
    document.removeEventListener('pointerdown', leave);
    document.removeEventListener('scroll', scrolled, true);
    panel.removeEventListener('focusout', leave);
    const had = panel.contains(document.activeElement);
    panel.remove();
    button.setAttribute('aria-expanded', 'false');
    shown = null;
    if (had) field.focus();
  };
  document.addEventListener('pointerdown', leave);
  document.addEventListener('scroll', scrolled, true);
  panel.addEventListener('focusout', leave);
  button.setAttribute('aria-expanded', 'true');
  button.after(panel);
  draw(at);
  place(panel, field);
  draw(at, true);
  return { field, close };
}

const gap = 4;

/** Under its field, above it where there is no room below, and never beside the page. */
function place(panel: HTMLElement, field: HTMLElement): void {
  const { left, top, bottom } = field.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = bottom + gap;
  const above = top - gap - height;
  panel.style.left = `${Math.max(gap, Math.min(left, document.documentElement.clientWidth - width - gap))}px`;
  panel.style.top = `${Math.max(gap, below + height > innerHeight && above > 0 ? above : below)}px`;
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
