import { say } from '../shared/words.ts';

/** A field for what an agent writes while the call's own form is on its way; the form takes it over. */
export class EarlyNote {
  readonly element = document.createElement('label');
  readonly callId: string;
  readonly #field = document.createElement('textarea');

  constructor(callId: string) {
    this.callId = callId;
    this.element.className = 'ws-note-field';
    this.#field.className = 'form-control';
    this.#field.rows = 3;
    this.#field.maxLength = 2000;
    this.element.append(say('live.earlyNote'), this.#field);
  }

  get text(): string {
    return this.#field.value.trim();
  }

  get hasFocus(): boolean {
    return document.activeElement === this.#field;
  }

  focus(): void {
    this.#field.focus();
  }
}
