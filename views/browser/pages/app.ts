import { Dropdown, Modal, Tab, Tooltip, Collapse, Offcanvas } from '@tabler/core';
import { confirmForms } from '../shared/confirm.ts';
import { dateFields } from '../shared/date-field.ts';
import { announce } from '../shared/dom.ts';
import { fileFields } from '../shared/file-field.ts';
import { startHtmx } from '../shared/htmx.ts';
import { liveFilters } from '../shared/lists.ts';
import { nativeWords } from '../shared/native-words.ts';
import { leaveLater } from '../shared/toast.ts';
import { typedFields } from '../shared/typed-field.ts';
import { warnUnsaved } from '../shared/unsaved.ts';

// Named, so that the bundler keeps what `data-bs-toggle` attributes need.
void [Dropdown, Modal, Tab, Tooltip, Collapse, Offcanvas];

startHtmx();
typedFields();
dateFields();
fileFields();
nativeWords();
confirmForms();
liveFilters();
warnUnsaved(sendableAgain);
rememberZone();
followDeviceTheme();
onceOnly();

for (const note of document.querySelectorAll<HTMLElement>('#toasts [data-toast]')) leaveLater(note);

document.addEventListener('click', (event) => {
  const target = event.target as HTMLElement;
  if (target.closest('[data-back]')) history.back();
  const copy = target.closest<HTMLElement>('[data-copy]');
  if (copy) void copyText(copy);
});

// After a refused form, the first wrong field is where work goes on.
document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();

/** The server writes times for this zone from the next page on. */
function rememberZone(): void {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  document.cookie = `ringwise.zone=${encodeURIComponent(timeZone)}; path=/; max-age=31536000; samesite=lax`;
}

function followDeviceTheme(): void {
  const root = document.documentElement;
  if (root.dataset.theme !== 'auto') return;
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
    root.dataset.bsTheme = matches ? 'dark' : 'light';
  });
}

/** A form that is under way is not sent a second time. */
function onceOnly(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method !== 'post') return;
    if (form.dataset.sent === 'yes') return event.preventDefault();
    form.dataset.sent = 'yes';
    event.submitter?.classList.add('btn-busy');
  });
  // A page that comes back from the browser's memory can be sent again.
  addEventListener('pageshow', sendableAgain);
}

function sendableAgain(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-sent]')) delete form.dataset.sent;
  for (const button of document.querySelectorAll('.btn-busy')) button.classList.remove('btn-busy');
}

async function copyText(button: HTMLElement): Promise<void> {
  const text = document.getElementById(button.dataset.copy ?? '')?.textContent ?? '';
  await navigator.clipboard.writeText(text);
  announce(button.dataset.copied ?? '');
  button.classList.add('copied');
}
