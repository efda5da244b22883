import { need } from '../shared/dom.ts';
import { asProblem, csrfToken } from '../shared/http.ts';
import { say } from '../shared/words.ts';

interface ToldLine {
  line: number;
  text: string;
}

interface Answer {
  location?: string;
  refusals?: ToldLine[];
  /** On record and of no effect. */
  overruledLines?: ToldLine[];
  [count: string]: unknown;
}

const form = need<HTMLFormElement>('#upload');
const file = need<HTMLInputElement>('#f-file', form);
const start = need<HTMLButtonElement>('#upload-start', form);
const stop = need<HTMLButtonElement>('#upload-stop', form);
const error = need('#upload-error', form);
const progress = need('#upload-progress', form);
const result = document.querySelector<HTMLElement>('#upload-result');
let request: XMLHttpRequest | null = null;

stop.addEventListener('click', () => request?.abort());
form.addEventListener('submit', (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  error.hidden = true;
  if (result) result.hidden = true;
  const chosen = file.files?.[0];
  if (!chosen) return fail(say('noFile'), file);
  send(chosen);
});

/** Sends fields and file with progress; goes where the server says, or shows what it counted. */
function send(chosen: File): void {
  const body = new FormData();
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
  body.append('file', chosen, chosen.name);
  request = new XMLHttpRequest();
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
    const answer = parse(request?.responseText ?? '');
    if (request?.status === 200) {
      if (answer?.location) location.assign(answer.location);
      else if (answer) show(answer);
      return;
    }
    const problem = asProblem(answer, request?.status ?? 0);
    const [field, words] = Object.entries(problem.fields ?? {})[0] ?? [];
    fail(words ?? problem.detail, field ? form.querySelector<HTMLElement>(`[name="${field}"]`) : file);
  });
  request.addEventListener('error', () => {
    busy(false);
    fail(say('failed'), start);
  });
  request.addEventListener('abort', () => busy(false));
  busy(true);
  request.send(body);
}

function busy(on: boolean): void {
  start.disabled = on;
  stop.hidden = !on;
  progress.hidden = !on;
}

export function fail(words: string, focus: HTMLElement | null): void {
  need('div', error).textContent = words;
  error.hidden = false;
  focus?.focus();
}

function show(answer: Answer): void {
  if (!result) return;
  for (const cell of result.querySelectorAll<HTMLElement>('[data-count]'))
    cell.textContent = Number(answer[cell.dataset.count!]).toLocaleString(document.documentElement.lang);
  name(need('#upload-refusals', result), answer.refusals, 'code');
  const overruled = result.querySelector<HTMLElement>('#upload-overruled');
  if (overruled) name(overruled, answer.overruledLines, 'span');
  result.hidden = false;
  form.reset();
}

function name(section: HTMLElement, lines: readonly ToldLine[] | undefined, tag: 'code' | 'span'): void {
  section.hidden = !lines?.length;
  need('ul', section).replaceChildren(
    ...(lines ?? []).map(({ line, text }) => {
      const item = document.createElement('li');
      item.className = 'line-item';
      const where = document.createElement('span');
      where.textContent = say('line', { line });
      const what = document.createElement(tag);
      what.textContent = text;
      item.append(where, what);
      return item;
    }),
  );
}

function parse(text: string): Answer | null {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return null;
  }
}
