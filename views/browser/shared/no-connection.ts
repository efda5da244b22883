/** Read in this time, also where the connection is back at once. */
const readMs = 6_000;

let failedAt: number | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

function words(): string {
  return document.getElementById('live-state')?.dataset.failed ?? 'No connection.';
}

/** Something could not be sent: the words for it. */
export function notReached(): string {
  failedAt = performance.now();
  clearTimeout(timer);
  return words();
}

/** The server answers: what says of earlier presses that there is no connection goes. */
export function reached(): void {
  if (failedAt === null) return;
  clearTimeout(timer);
  timer = setTimeout(clear, Math.max(0, failedAt + readMs - performance.now()));
}

function clear(): void {
  failedAt = null;
  for (const toast of document.querySelectorAll('#toasts [data-toast="danger"]'))
    if (toast.querySelector('.toast-text')?.textContent === words()) toast.remove();
  for (const place of document.querySelectorAll<HTMLElement>('[data-error]')) {
    if (place.textContent !== words()) continue;
    place.textContent = '';
    if (place.classList.contains('notice')) place.hidden = true;
  }
}
