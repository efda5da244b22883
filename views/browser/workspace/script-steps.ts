import { bound, setHidden, setText } from './dom.ts';
import { say } from '../shared/words.ts';

const prefix = 'ringwise.step.';

/** One step of the script at a time; where the agent was comes back after a reload. */
export class ScriptSteps {
  readonly #stage: HTMLElement;
  readonly #key: string;
  readonly #steps: HTMLElement[];
  #at = 0;

  constructor(stage: HTMLElement, path: string) {
    this.#stage = stage;
    this.#key = prefix + path;
    this.#steps = [...stage.querySelectorAll<HTMLElement>('[data-step]')];
    stage.querySelector('[data-do="step-next"]')?.addEventListener('click', () => this.move(1));
    stage.querySelector('[data-do="step-back"]')?.addEventListener('click', () => this.move(-1));
    if (this.#steps.length > 1) this.#go(Number(sessionStorage.getItem(this.#key) ?? 0));
  }

  /** False where there is nothing to move in. */
  move(by: number): boolean {
    if (this.#steps.length < 2) return false;
    this.#go(this.#at + by);
    return true;
  }

  #go(to: number): void {
    this.#at = Math.max(0, Math.min(this.#steps.length - 1, Number.isFinite(to) ? to : 0));
    for (const [index, step] of this.#steps.entries()) setHidden(step, index !== this.#at);
    const text = say('script.step', { step: this.#at + 1, total: this.#steps.length });
    setText(bound('step-count', this.#stage), text);
    this.#button('step-back').disabled = this.#at === 0;
    this.#button('step-next').disabled = this.#at === this.#steps.length - 1;
    sessionStorage.setItem(this.#key, String(this.#at));
  }

  #button(name: string): HTMLButtonElement {
    return this.#stage.querySelector<HTMLButtonElement>(`[data-do="${name}"]`)!;
  }
}
