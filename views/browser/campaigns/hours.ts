/** Copies the hours of one day to all others, or closes a day. */
export function hoursTools(): void {
  document.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>(
      '[data-hours-copy], [data-hours-clear]',
    );
    const day = button?.closest<HTMLElement>('[data-day]');
    if (!button || !day) return;
    const times = (from: HTMLElement) => [...from.querySelectorAll<HTMLInputElement>('input[type="time"]')];
    if (button.matches('[data-hours-clear]')) {
      for (const input of times(day)) input.value = '';
    } else {
      for (const other of document.querySelectorAll<HTMLElement>('[data-day]'))
        times(other).forEach((input, index) => (input.value = times(day)[index]?.value ?? ''));
    }
    day.dispatchEvent(new Event('change', { bubbles: true }));
  });
}
