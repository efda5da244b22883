import { Observable } from './observable.ts';
import { initialState, type Phone, type PhoneState } from './phone.ts';

/** A phone without sound in this page: the simulator's, or a telephone on the desk. */
export class PlainPhone implements Phone {
  readonly devices = null;
  readonly #state: Observable<PhoneState>;

  constructor(kind: 'simulated' | 'desk') {
    this.#state = new Observable<PhoneState>({ ...initialState, status: kind });
  }

  get state(): PhoneState {
    return this.#state.value;
  }
  watch(listener: (state: PhoneState) => void): () => void {
    return this.#state.watch(listener);
  }
  async start(): Promise<void> {}
  takeOver(): void {}
  giveUp(): void {}
  isHere(): void {}
  retry(): void {}
  answer(): void {}
  mute(on: boolean): void {
    this.#state.change({ muted: on });
  }
  levels(): { microphone: number; speaker: number } {
    return { microphone: 0, speaker: 0 };
  }
  echo(): null {
    return null;
  }
  stop(): void {}
}
