import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { formatDuration } from '../../../core/i18n/duration.ts';
import { barView } from '../../../dialer/workspace/bar.ts';
import { say } from '../shared/words.ts';
import { liveRegion } from './dialogs.ts';
import { endingWords } from './ending.ts';
import type { Truth } from './truth.ts';

/** Moments at which the running wrap-up limit is spoken of. */
const remindAtMs = [30_000, 10_000];

/** Tells screen readers what the eye sees: a call and whose, its end, the limit running out. */
export class Narrator {
  readonly #truth: Truth;
  #reminded = 0;
  #until: number | null = null;

  constructor(truth: Truth) {
    this.#truth = truth;
    truth.watch((snapshot, before) => this.#follow(snapshot, before));
    setInterval(() => this.#remind(), 1000);
  }

  /** The customer's card is on the screen. */
  popped(stage: HTMLElement, path: string): void {
    const name = stage.querySelector('#ws-name')?.textContent?.trim();
    if (path.startsWith('call/')) this.#shout(name ? say('say.call', { name }) : say('say.callUnknown'));
    if (path.startsWith('preview/')) this.#shout(say('say.preview', { name: name ?? '' }));
  }

  #follow(snapshot: AgentSnapshot, before: AgentSnapshot | null): void {
    if (before?.state === snapshot.state) return;
    if (snapshot.state === 'wrapup') this.#shout(say('say.ended', { text: endingWords(snapshot.call) }));
    else liveRegion('say').textContent = say(`state.${barView(snapshot).word}`);
  }

  #remind(): void {
    const { snapshot } = this.#truth;
    const until = snapshot?.state === 'wrapup' ? snapshot.wrapupUntil : null;
    if (until !== this.#until) {
      this.#until = until;
      this.#reminded = 0;
    }
    if (until === null) return;
    const left = until - this.#truth.now();
    const due = remindAtMs.filter((ms) => left <= ms).length;
    if (due <= this.#reminded) return;
    this.#reminded = due;
    liveRegion('say').textContent = say('say.wrapupSoon', { time: formatDuration(left) });
  }

  #shout(text: string): void {
    liveRegion('shout').textContent = text;
  }
}
