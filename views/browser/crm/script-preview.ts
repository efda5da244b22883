import { fillReading, Reading, readReading } from '../shared/reading.ts';
import { need } from '../shared/dom.ts';

const pauseMs = 350;

/** The script as an agent would have it, tried out with a sample customer: a change of it leaves one where one was. */
export class ScriptPreview {
  readonly #script: string;
  readonly #language: () => string;
  #asked: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(script: string, language: () => string) {
    this.#script = script;
    this.#language = language;
    mountReading();
    document.querySelector('#preview-customer')?.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.refresh(), pauseMs);
    });
    document.querySelector('[data-preview-again]')?.addEventListener('click', () => void this.refresh(true));
  }

  async refresh(fromTheStart = false): Promise<void> {
    this.#asked?.abort();
    const asked = (this.#asked = new AbortController());
    const customer = document.querySelector<HTMLInputElement>('#preview-customer')?.value ?? '';
    const query = new URLSearchParams({ lang: this.#language(), customer });
    try {
      const answer = await fetch(`/scripts/${this.#script}/preview?${query}`, {
        signal: asked.signal,
        headers: { 'hx-request': 'true' },
      });
      if (!answer.ok) return;
      const html = await answer.text();
      const before = readingForm();
      const kept = before && !fromTheStart ? readReading(before) : null;
      need('#script-preview').innerHTML = html;
      mountReading();
      const form = readingForm();
      if (kept && form) fillReading(form, kept);
    } catch {
      // Overtaken by the next letter, or no connection: the last preview stays.
    }
  }
}

const readingForm = () => document.querySelector<HTMLFormElement>('#script-preview form[data-reading]');

/** The script on the page can be clicked through. */
export function mountReading(): void {
  const form = readingForm();
  if (form) new Reading(form);
}
