import { need } from '../shared/dom.ts';
import type { Commands } from './commands.ts';
import { bound, setHidden } from './dom.ts';
import type { Truth } from './truth.ts';

/** Digits gathered within this go out as one command, in the order they were pressed. */
const gatherMs = 120;

/** The keypad for menus and extension numbers at the other end. */
export class Keypad {
  readonly #commands: Commands;
  readonly #truth: Truth;
  readonly #pad = need('#ws-keypad');
  #waiting = '';
  #sending = false;

  constructor(commands: Commands, truth: Truth) {
    this.#commands = commands;
    this.#truth = truth;
    for (const button of this.#pad.querySelectorAll<HTMLElement>('[data-digit]'))
      button.addEventListener('click', () => this.press(button.dataset.digit!));
    document.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.#pad.hidden || document.querySelector('dialog[open]')) return;
      this.close();
      bound('keypad').focus();
    });
  }

  toggle(): void {
    this.#show(this.#pad.hidden === true);
  }

  close(): void {
    this.#show(false);
  }

  /** False while the keypad is not open: then a digit means something else. */
  press(digit: string): boolean {
    if (this.#pad.hidden) return false;
    bound('digits').textContent += digit;
    this.#waiting += digit;
    if (!this.#sending) setTimeout(() => void this.#send(), gatherMs);
    this.#sending = true;
    return true;
  }

  async #send(): Promise<void> {
    const digits = this.#waiting;
    this.#waiting = '';
    const callId = this.#truth.snapshot?.call?.id;
    if (callId && digits) await this.#commands.run('dtmf', { callId, digits });
    if (this.#waiting) return this.#send();
    this.#sending = false;
  }

  #show(on: boolean): void {
    setHidden(this.#pad, !on);
    bound('keypad').setAttribute('aria-expanded', String(on));
    if (on) bound('digits').textContent = '';
  }
}
