import { need } from '../shared/dom.ts';
import { csrfToken } from '../shared/http.ts';
import { say } from '../shared/words.ts';

const form = document.querySelector<HTMLFormElement>('#upload-form');
if (form) upload(form);
const mapping = document.querySelector<HTMLFormElement>('#columns-form');
if (mapping) columns(mapping);
const rows = document.querySelector<HTMLElement>('#import-rows');
if (rows) showRows(rows);

/** An own field has a name, and only one of the ways to find repeats has days. */
function columns(form: HTMLFormElement): void {
  const follow = () => {
    for (const target of form.querySelectorAll<HTMLSelectElement>('[data-target]')) {
      const name = target.parentElement?.querySelector<HTMLInputElement>('[data-own-name]');
      if (name) name.hidden = target.value !== 'custom';
    }
    const repeats = form.querySelector<HTMLSelectElement>('#f-repeats');
    const days = form.querySelector<HTMLElement>('[data-days]');
    if (repeats && days) days.hidden = repeats.value !== 'days';
  };
  form.addEventListener('change', follow);
  follow();
}

/** Rows open further down: they are brought into view, and closing them leads back to what was chosen. */
function showRows(place: HTMLElement): void {
  let chosen: HTMLElement | null = null;
  document.body.addEventListener('htmx:afterSwap', (event) => {
    const { target, requestConfig } = (
      event as CustomEvent<{ target: Element; requestConfig?: { elt?: Element } }>
    ).detail;
    if (target !== place) return;
    const opener = requestConfig?.elt;
    if (opener instanceof HTMLElement && !place.contains(opener)) chosen = opener;
    const heading = place.querySelector<HTMLElement>('#rows-heading');
    heading?.focus({ preventScroll: true });
    place.scrollIntoView({ block: 'start', behavior: calm() ? 'auto' : 'smooth' });
  });
  place.addEventListener('click', (event) => {
    if (!(event.target instanceof Element) || !event.target.closest('[data-close-rows]')) return;
    place.replaceChildren();
    chosen?.scrollIntoView({ block: 'center', behavior: calm() ? 'auto' : 'smooth' });
    chosen?.focus({ preventScroll: true });
  });
}

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Sends the file with progress that can be stopped; what the server says of it stands on the page. */
function upload(form: HTMLFormElement): void {
  const file = need<HTMLInputElement>('#f-file', form);
  const list = need<HTMLSelectElement>('#f-list', form);
  const button = need<HTMLButtonElement>('#upload-button', form);
  const stop = need<HTMLButtonElement>('#upload-stop', form);
  const error = need('#upload-error', form);
  const line = need('#upload-progress', form);
  let request: XMLHttpRequest | null = null;

  const show = (busy: boolean) => {
    button.hidden = busy;
    stop.hidden = !busy;
    line.hidden = !busy;
  };
  const fail = (text: string) => {
    show(false);
    error.hidden = false;
    need('div', error).textContent = text;
    file.focus();
  };
  const nameOfNewList = () => {
    need('[data-new-list]', form).hidden = list.value !== '';
  };
  list.addEventListener('change', nameOfNewList);
  nameOfNewList();
  stop.addEventListener('click', () => request?.abort());

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    error.hidden = true;
    show(true);
    const body = new FormData();
    // Fields first: the server reads them while the file is still coming.
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
    const chosen = file.files?.[0];
    if (chosen) body.append('file', chosen, chosen.name);
    request = new XMLHttpRequest();
    request.open('POST', form.action);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('x-csrf-token', csrfToken());
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      need<HTMLProgressElement>('progress', line).value = (loaded / Math.max(1, total)) * 100;
      need('.progress-text', line).textContent = say('sending', {
        percent: Math.round((loaded / Math.max(1, total)) * 100),
      });
    });
    request.addEventListener('load', () => {
      const answer = parse(request?.responseText ?? '');
      if (request?.status === 200 && answer?.location) location.assign(answer.location);
      else fail(answer?.detail ?? say('failed'));
    });
    request.addEventListener('error', () => fail(say('failed')));
    request.addEventListener('abort', () => fail(say('stopped')));
    request.send(body);
  });

  const place = need('[data-drop]', form);
  for (const name of ['dragenter', 'dragover'])
    place.addEventListener(name, (event) => {
      event.preventDefault();
      place.classList.add('over');
    });
  for (const name of ['dragleave', 'drop'])
    place.addEventListener(name, () => place.classList.remove('over'));
  place.addEventListener('drop', (event) => {
    event.preventDefault();
    const dropped = event.dataTransfer?.files;
    if (!dropped?.length) return;
    file.files = dropped;
    file.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

function parse(text: string): { location?: string; detail?: string } | null {
  try {
    return JSON.parse(text) as { location?: string; detail?: string };
  } catch {
    return null;
  }
}
