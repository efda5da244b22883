import { clockTime, isoDay } from '../../../core/time/typed.ts';

/**
 * Fields for a day or a time of day, in the language of the page: a browser's own speak the browser's language. What is
 * typed is brought into one shape when the field is left. Fields may come later with a fragment, so the document listens.
 */
export function typedFields(): void {
  document.addEventListener(
    'change',
    ({ target }) => {
      if (target instanceof HTMLInputElement) readTyped(target);
    },
    // Before whoever sends the form on a change.
    true,
  );
  document.addEventListener('input', ({ target }) => {
    if (isTyped(target)) target.setCustomValidity('');
  });
  document.addEventListener('keydown', (event) => {
    const { target, key } = event;
    if (!isTyped(target) || target.dataset.time === undefined || (key !== 'ArrowUp' && key !== 'ArrowDown'))
      return;
    event.preventDefault();
    stepTime(target, key === 'ArrowUp' ? 1 : -1);
  });
}

/** What a field says so far: its day or time, '' while it is empty, null where it says none. */
export function typedValue(field: HTMLInputElement): string | null {
  if (field.value.trim() === '') return '';
  if (field.dataset.date !== undefined) return isoDay(field.value);
  const time = clockTime(field.value);
  if (field.dataset.dayEnd !== undefined) return time === '00:00' ? '24:00' : time;
  return time === '24:00' ? null : time;
}

/** As a field gives it that is left; a text that says no day or time stays what it is. */
export function readTyped(field: HTMLInputElement): void {
  if (!isTyped(field)) return;
  const value = typedValue(field);
  const { typedError = '', min = '', max = '', dateRange = '' } = field.dataset;
  const outside = Boolean(value) && ((min !== '' && value! < min) || (max !== '' && value! > max));
  if (value !== null && field.value !== value) field.value = value;
  field.setCustomValidity(value === null ? typedError : outside ? dateRange : '');
}

function isTyped(target: EventTarget | null): target is HTMLInputElement {
  return target instanceof HTMLInputElement && target.matches('[data-date], [data-time]');
}

const dayMinutes = 24 * 60;

function stepTime(field: HTMLInputElement, way: 1 | -1): void {
  const [hour, minute] = (typedValue(field) ?? '').split(':').map(Number);
  const step = Number(field.dataset.time);
  const at = (hour ?? 0) * 60 + (minute ?? 0) + way * step;
  const next = minute === undefined ? 9 * 60 : (Math.round(at / step) * step + dayMinutes) % dayMinutes;
  const two = (n: number) => String(n).padStart(2, '0');
  field.value = `${two(Math.floor(next / 60))}:${two(next % 60)}`;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
}
