import {
  advance,
  nextOf,
  numberIn,
  placeOf,
  type Place,
  type WalkStep,
} from '../../../crm/script/script-walk.ts';
import { isoDay } from '../../../core/time/typed.ts';
import { announce } from './dom.ts';
import { say } from './words.ts';

type Field = HTMLInputElement | HTMLTextAreaElement;

const answerFields = '[name^="answer."], [name^="words."]';
const isTicked = (field: Field): field is HTMLInputElement =>
  field instanceof HTMLInputElement && (field.type === 'radio' || field.type === 'checkbox');

/** The fields of a script that is read, as they stand: answers by their names, and where the agent is. */
export function readReading(form: HTMLFormElement): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of ['scriptPath', 'scriptAt', 'scriptSuggested']) values[name] = hidden(form, name).value;
  for (const field of form.querySelectorAll<Field>(answerFields)) {
    values[field.name] ??= '';
    if (!isTicked(field)) values[field.name] = field.value;
    else if (field.checked) values[field.name] = [values[field.name], field.value].filter(Boolean).join(',');
  }
  return values;
}

/** Puts values back into its fields; `Reading` then shows the step that they name. */
export function fillReading(
  form: HTMLFormElement,
  values: Readonly<Record<string, string | undefined>>,
): void {
  for (const name of ['scriptPath', 'scriptAt', 'scriptSuggested'])
    if (values[name] !== undefined) hidden(form, name).value = values[name];
  for (const field of form.querySelectorAll<Field>(answerFields)) {
    const value = values[field.name];
    if (value === undefined) continue;
    if (isTicked(field)) field.checked = value.split(',').includes(field.value);
    else if (field.value !== value && field !== document.activeElement) field.value = value;
  }
  form.dispatchEvent(new Event('reading-filled'));
}

const hidden = (form: HTMLFormElement, name: string) =>
  form.querySelector<HTMLInputElement>(`input[type="hidden"][name="${name}"]`)!;

/**
 * A script that is gone through step by step: answers lead to the next one, the way that was gone can be gone back, and
 * what was answered stays. Tells of each change by an event `input`, and `suggest` what the script's end suggests.
 */
export class Reading {
  readonly #form: HTMLFormElement;
  readonly #walk: readonly WalkStep[];
  readonly #suggest: (disposition: string) => void;
  #place: Place;

  constructor(form: HTMLFormElement, suggest: (disposition: string) => void = () => undefined) {
    this.#form = form;
    this.#suggest = suggest;
    this.#walk = JSON.parse(form.dataset.walk ?? '[]') as WalkStep[];
    this.#place = this.#kept();
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.move(1);
    });
    form.addEventListener('click', (event) => {
      const target = event.target as HTMLElement;
      if (target.closest('[data-reading-do="back"]')) this.move(-1);
      const at = target.closest<HTMLElement>('[data-at]')?.dataset.at;
      if (at !== undefined) this.#go({ ...this.#place, at: Number(at) });
    });
    form.addEventListener('input', () => this.#answered());
    // Enter in a text of several lines is a line; with Ctrl it belongs to the page.
    form.addEventListener('change', () => this.#answered());
    form.addEventListener('reading-filled', () => {
      this.#place = this.#kept();
      this.#draw();
    });
    this.#draw();
  }

  /** Forwards by what is answered, or back the way that was gone. False where there is nothing to read. */
  move(by: 1 | -1): boolean {
    const step = this.#step();
    if (!step) return false;
    if (by < 0) {
      if (this.#place.at > 0) this.#go({ ...this.#place, at: this.#place.at - 1 });
      return true;
    }
    const wrong = this.#wrong(step);
    this.#tell(step, wrong);
    if (wrong) {
      this.focusQuestion();
      return true;
    }
    const to = nextOf(step, this.#answer(step));
    if (to !== null) this.#go(advance(this.#place, to));
    return true;
  }

  /** False where the step asks nothing. */
  focusQuestion(): boolean {
    const fields = [...(this.#section()?.querySelectorAll<Field>(answerFields) ?? [])];
    const first = fields.find((field) => isTicked(field) && field.checked) ?? fields[0];
    first?.focus();
    return first !== undefined;
  }

  #kept(): Place {
    return placeOf(hidden(this.#form, 'scriptPath').value, hidden(this.#form, 'scriptAt').value, this.#walk);
  }

  #step(): WalkStep | undefined {
    return this.#walk.find(({ id }) => id === this.#place.path[this.#place.at]);
  }

  #section(id = this.#step()?.id): HTMLElement | null {
    return this.#form.querySelector<HTMLElement>(`[data-reading-step="${id}"]`);
  }

  #question(step: WalkStep): HTMLElement | null {
    return this.#section(step.id)?.querySelector<HTMLElement>('[data-question]') ?? null;
  }

  #answer(step: WalkStep): string {
    const field = this.#question(step)?.dataset.question;
    return field ? (readReading(this.#form)[field] ?? '') : '';
  }

  #wrong(step: WalkStep): string {
    // Looked at only: nothing can be answered.
    if (this.#question(step)?.hasAttribute('disabled')) return '';
    const answer = this.#answer(step).trim();
    if (step.required && answer === '') return say('reading.required');
    if (answer !== '' && step.kind === 'number' && numberIn(answer) === null) return say('reading.number');
    if (answer !== '' && step.kind === 'date' && isoDay(answer) === null) return say('reading.date');
    return '';
  }

  #tell(step: WalkStep, text: string): void {
    const place = this.#section(step.id)?.querySelector<HTMLElement>('[data-error]');
    if (place && place.textContent !== text) place.textContent = text;
  }

  #go(place: Place): void {
    this.#place = place;
    hidden(this.#form, 'scriptPath').value = place.path.join(',');
    hidden(this.#form, 'scriptAt').value = String(place.at);
    this.#form.dispatchEvent(new Event('input', { bubbles: true }));
    const section = this.#section();
    section?.closest('.reading-body')?.scrollTo({ top: 0 });
    announce(say('reading.step', { title: section?.dataset.title ?? '', step: place.at + 1 }));
  }

  #answered(): void {
    const step = this.#step();
    if (step && this.#wrong(step) === '') this.#tell(step, '');
    this.#draw();
  }

  #draw(): void {
    const step = this.#step();
    for (const section of this.#form.querySelectorAll<HTMLElement>('[data-reading-step]'))
      section.hidden = section.dataset.readingStep !== step?.id;
    this.#drawWay();
    if (!step) return;
    const ends = nextOf(step, this.#answer(step)) === null;
    this.#button('back').disabled = this.#place.at === 0;
    this.#button('next').disabled = ends;
    this.#form.querySelector<HTMLElement>('[data-bind="reading-end"]')!.hidden = !ends;
    const section = this.#section();
    const note = section?.querySelector<HTMLElement>('[data-bind="reading-suggested"]');
    if (note) note.hidden = !ends;
    if (ends && section?.dataset.suggest) this.#suggest(section.dataset.suggest);
  }

  /** The steps that were gone through, the one on the screen among them; each can be gone to. */
  #drawWay(): void {
    const way = this.#form.querySelector<HTMLElement>('[data-bind="reading-way"]')!;
    const { path, at } = this.#place;
    const items = path.map((id, index) => {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.dataset.at = String(index);
      button.className = index === at ? 'current' : 'done';
      if (index === at) button.setAttribute('aria-current', 'step');
      button.textContent = this.#section(id)?.dataset.title ?? id;
      item.append(button);
      return item;
    });
    const focused = way.contains(document.activeElement);
    way.replaceChildren(...items);
    const current = way.querySelector<HTMLElement>('.current');
    if (focused) current?.focus();
    if (current) way.scrollLeft = Math.max(0, current.offsetLeft - way.clientWidth / 2);
  }

  #button(name: string): HTMLButtonElement {
    return this.#form.querySelector<HTMLButtonElement>(`[data-reading-do="${name}"]`)!;
  }
}
