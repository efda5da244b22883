import { need } from '../shared/dom.ts';
import { asProblem, csrfToken } from '../shared/http.ts';
import { say } from '../shared/words.ts';

interface Result {
  lines: number;
  added: number;
  known: number;
  refused: number;
  refusals: { line: number; text: string }[];
}

const form = need<HTMLFormElement>('#dnc-upload');
const file = need<HTMLInputElement>('#f-file', form);
const button = need<HTMLButtonElement>('#dnc-start', form);
const error = need('#dnc-error', form);
const progress = need('#dnc-progress', form);
const result = need('#dnc-result');

form.addEventListener('submit', (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  error.hidden = true;
  result.hidden = true;
  const chosen = file.files?.[0];
  if (!chosen) return fail(say('noFile'), file);
  send(chosen);
});

/** Sends fields and file with progress. */
function send(chosen: File): void {
  const body = new FormData();
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
  body.append('file', chosen, chosen.name);
  const request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.setRequestHeader('accept', 'application/json');
  request.setRequestHeader('x-csrf-token', csrfToken());
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    const percent = Math.round((loaded / Math.max(1, total)) * 100);
    need<HTMLProgressElement>('progress', progress).value = percent;
    need('.progress-text', progress).textContent =
      percent < 100 ? say('sending', { percent }) : say('reading');
  });
  request.addEventListener('load', () => {
    busy(false);
    const answer = parse(request.responseText);
    if (request.status === 200) return show(answer as Result);
    const problem = asProblem(answer, request.status);
    const [field, words] = Object.entries(problem.fields ?? {})[0] ?? [];
    fail(words ?? problem.detail, field ? form.querySelector<HTMLElement>(`[name="${field}"]`) : file);
  });
  request.addEventListener('error', () => {
    busy(false);
    fail(say('failed'), button);
  });
  busy(true);
  request.send(body);
}

function busy(on: boolean): void {
  button.disabled = on;
  progress.hidden = !on;
}

function fail(words: string, focus: HTMLElement | null): void {
  need('div', error).textContent = words;
  error.hidden = false;
  focus?.focus();
}

function show(answer: Result): void {
  for (const cell of result.querySelectorAll<HTMLElement>('[data-count]'))
    cell.textContent = answer[cell.dataset.count as 'lines'].toLocaleString(document.documentElement.lang);
  const refusals = need('#dnc-refusals', result);
  refusals.hidden = answer.refusals.length === 0;
  need('ul', refusals).replaceChildren(
    ...answer.refusals.map(({ line, text }) => {
      const item = document.createElement('li');
      item.className = 'line-item';
      const where = document.createElement('span');
      where.textContent = say('line', { line });
      const what = document.createElement('code');
      what.textContent = text;
      item.append(where, what);
      return item;
    }),
  );
  result.hidden = false;
  form.reset();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
