import { Refused } from '../shared/http.ts';
import { BackOff } from './back-off.ts';
import { Observable } from './observable.ts';
import { initialState, type EchoCall, type Phone, type PhoneDevices, type PhoneState } from './phone.ts';

/**
 * Stands for the page's phone until it is known how that is reached, which is asked again and again where it is not to
 * be had; from then on it is that phone.
 */
export class AwaitedPhone implements Phone {
  readonly #load: () => Promise<Phone>;
  readonly #backOff = new BackOff(2_000, 30_000);
  readonly #state = new Observable<PhoneState>(initialState);
  #phone: Phone | null = null;
  #loading = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(load: () => Promise<Phone>) {
    this.#load = load;
  }

  get state(): PhoneState {
    return this.#state.value;
  }

  get devices(): PhoneDevices | null {
    return this.#phone?.devices ?? null;
  }

  watch(listener: (state: PhoneState) => void): () => void {
    return this.#state.watch(listener);
  }

  async start(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#phone || this.#loading) return;
    this.#loading = true;
    const phone = await this.#load().catch((error: unknown) => {
      const problem = error instanceof Refused ? error.problem.detail : null;
      this.#state.change({ status: 'unavailable', problem });
      return null;
    });
    this.#loading = false;
    if (!phone) return void (this.#timer = setTimeout(() => void this.start(), this.#backOff.next()));
    this.#phone = phone;
    phone.mute(this.#state.value.muted);
    phone.watch((state) => this.#state.change(state));
    await phone.start();
  }

  takeOver(): void {
    this.#phone?.takeOver();
  }

  giveUp(): void {
    this.#phone?.giveUp();
  }

  isHere(): void {
    this.#phone?.isHere();
  }

  retry(): void {
    if (this.#phone) this.#phone.retry();
    else void this.start();
  }

  answer(): void {
    this.#phone?.answer();
  }

  mute(on: boolean): void {
    if (this.#phone) this.#phone.mute(on);
    else this.#state.change({ muted: on });
  }

  levels(): { microphone: number; speaker: number } {
    return this.#phone?.levels() ?? { microphone: 0, speaker: 0 };
  }

  echo(): EchoCall | null {
    return this.#phone?.echo() ?? null;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#phone?.stop();
  }
}
