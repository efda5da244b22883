import { need } from '../shared/dom.ts';
import { asProblem, csrfToken } from '../shared/http.ts';
import { say } from '../shared/words.ts';

interface Result {
  lines: number;
  added: number;
  known: number;
  refused: number;
  refusals: { line: number; text: string; why: string }[];
}

/** So many refused lines are shown; the file has more. */
const shownRefusals = 100;

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
    ...answer.refusals.slice(0, shownRefusals).map(({ line, text, why }) => {
      const item = document.createElement('li');
      item.className = 'refused-line';
      const where = document.createElement('span');
      where.textContent = say('line', { line });
      const what = document.createElement('code');
      what.textContent = text;
      const reason = document.createElement('span');
      reason.className = 'text-secondary';
      reason.textContent = why;
      item.append(where, what, reason);
      return item;
    }),
  );
  offerFile(need<HTMLAnchorElement>('#dnc-refused-file', refusals), answer.refusals);
  result.hidden = false;
  form.reset();
}

/** The refused lines as a file that a spreadsheet reads, also in Chinese. */
function offerFile(link: HTMLAnchorElement, refusals: Result['refusals']): void {
  URL.revokeObjectURL(link.href);
  const rows = [
    say('columns').split('\t'),
    ...refusals.map(({ line, text, why }) => [String(line), text, why]),
  ];
  const csv = rows.map((cells) => cells.map(csvCell).join(',')).join('\r\n');
  link.href = URL.createObjectURL(new Blob([`\uFEFF${csv}\r\n`], { type: 'text/csv' }));
}

/** A leading = + - @ would be a formula to a spreadsheet. */
function csvCell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
