/** Fingers that rest this long have seen that their field is gone. */
const quietMs = 1500;

interface Key {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
}

/**
 * Typing whose field went from under the hands. The letters still to come are meant for it and are no commands: until
 * the agent clicks, presses Tab or rests. What takes Alt or Ctrl is meant as it is; who hands in by Ctrl and Enter has
 * done with the field.
 */
export class InterruptedTyping {
  #lastAt: number | null = null;
  #handedIn = false;

  begin(now: number): void {
    if (!this.#handedIn) this.#lastAt = now;
  }

  over(): void {
    this.#lastAt = null;
  }

  /** Whether that key still belongs to it. */
  goesOn({ key, altKey, ctrlKey }: Key, now: number): boolean {
    this.#handedIn = ctrlKey && key === 'Enter';
    if (this.#lastAt === null || altKey || ctrlKey) return false;
    if (key === 'Tab' || now - this.#lastAt > quietMs) {
      this.over();
      return false;
    }
    this.#lastAt = now;
    return true;
  }
}
