import { formatDuration } from '../../../core/i18n/duration.ts';
import { scoreOf, type Answers, type Question } from '../../../dialer/quality/score-sheet.ts';
import { need } from './dom.ts';
import { Refused, send } from './http.ts';
import type { Player } from './player.ts';
import { toast } from './toast.ts';
import { say } from './words.ts';

/** Scoring beside the wave form: the total as it comes, remarks at moments of the call, and what is missing in its place. */
export function reviewPanel(player: Player | null): void {
  const list = document.querySelector<HTMLElement>('[data-remarks]');
  if (!list) return;
  const showRemarks = () => player?.showRemarks(remarksIn(list));
  showRemarks();
  list.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>('button');
    const item = button?.closest<HTMLElement>('[data-at-ms]');
    if (!button || !item) return;
    if (button.matches('[data-remark-play]')) player?.playFrom(Number(item.dataset.atMs));
    else if (button.matches('[data-remark-remove]')) void remove(item);
  });
  const url = list.dataset.remarks ?? '';

  async function remove(item: HTMLElement): Promise<void> {
    try {
      await send('POST', `${url}/${item.dataset.id}/delete`);
      item.remove();
      showRemarks();
    } catch (error) {
      tell(error);
    }
  }

  const form = document.querySelector<HTMLFormElement>('#review-form');
  if (!form) return;
  const text = need<HTMLInputElement>('#review-remark');
  need('[data-remark-add]').addEventListener('click', () => void add());
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    void add();
  });

  async function add(): Promise<void> {
    const words = text.value.trim();
    if (words === '' || !list) return text.focus();
    const atMs = player?.at() ?? 0;
    try {
      const { id } = await send<{ id: number }>('POST', url, { atMs, text: words });
      insert(list, { id, atMs, words });
      text.value = '';
      text.focus();
      showRemarks();
    } catch (error) {
      tell(error);
    }
  }

  const showTotal = () => total(form);
  form.addEventListener('change', showTotal);
  showTotal();
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void handIn(form);
  });
}

function insert(list: HTMLElement, { id, atMs, words }: { id: number; atMs: number; words: string }): void {
  const made = need<HTMLTemplateElement>('#remark-template').content.firstElementChild!.cloneNode(
    true,
  ) as HTMLElement;
  made.dataset.id = String(id);
  made.dataset.atMs = String(atMs);
  need('[data-remark-at]', made).textContent = formatDuration(atMs);
  need('[data-remark-text]', made).textContent = words;
  const after = [...list.querySelectorAll<HTMLElement>('[data-at-ms]')].find(
    (item) => Number(item.dataset.atMs) > atMs,
  );
  list.insertBefore(made, after ?? null);
}

const remarksIn = (list: HTMLElement) =>
  [...list.querySelectorAll<HTMLElement>('[data-at-ms]')].map((item) => ({
    atMs: Number(item.dataset.atMs),
    text: need('[data-remark-text]', item).textContent ?? '',
  }));

const questionsIn = (form: HTMLFormElement) => [...form.querySelectorAll<HTMLElement>('[data-question]')];

function answersIn(form: HTMLFormElement): Answers {
  const given = new FormData(form);
  return Object.fromEntries(
    questionsIn(form).flatMap(({ dataset }) => {
      const value = given.get(`answers[${dataset.question}]`);
      return typeof value === 'string' ? [[dataset.question!, value === 'na' ? 'na' : Number(value)]] : [];
    }),
  ) as Answers;
}

/** As the server will reckon it. */
function total(form: HTMLFormElement): void {
  const questions = questionsIn(form).map(({ dataset }) => ({
    id: dataset.question!,
    max: Number(dataset.max),
    weight: Number(dataset.weight),
    isFatal: dataset.fatal === 'yes',
  })) as unknown as Question[];
  const { score, isFatal } = scoreOf(questions, answersIn(form));
  const shown = need('[data-total]', form);
  const style = { style: 'percent', maximumFractionDigits: 1 } as const;
  shown.textContent = score === null ? '–' : new Intl.NumberFormat(document.documentElement.lang, style).format(score / 10_000); // prettier-ignore
  need('[data-total-fatal]', form).hidden = !isFatal;
}

async function handIn(form: HTMLFormElement): Promise<void> {
  const button = need<HTMLButtonElement>('[data-hand-in]', form);
  const value = (name: string) => form.querySelector<HTMLInputElement>(`[name="${name}"]`)?.value;
  button.disabled = true;
  showErrors(form, {});
  try {
    const body = {
      revision: value('revision'),
      answers: answersIn(form),
      feedback: value('feedback'),
      settlement: value('settlement'),
    };
    const { location: next } = await send<{ location: string }>('POST', form.action, body);
    window.location.assign(next);
  } catch (error) {
    if (error instanceof Refused && error.problem.fields) showErrors(form, error.problem.fields);
    tell(error);
    button.disabled = false;
  }
}

function showErrors(form: HTMLFormElement, fields: Readonly<Record<string, string>>): void {
  for (const place of form.querySelectorAll<HTMLElement>('[data-error-for]')) {
    const error = fields[place.dataset.errorFor ?? ''] ?? '';
    place.textContent = error;
    place.hidden = error === '';
  }
  const first = form.querySelector<HTMLElement>('[data-error-for]:not([hidden])');
  first?.closest('fieldset, .field')?.querySelector<HTMLElement>('input, textarea')?.focus();
}

function tell(error: unknown): void {
  if (!(error instanceof Refused)) throw error;
  toast('danger', error.problem.detail || say('failed'));
}
