import type { Phone, PhoneState } from '../softphone/index.ts';
import { BackOff } from '../softphone/back-off.ts';
import type { Truth } from './truth.ts';

/** How long an invitation may take to arrive before it is asked for: the dialer often rings by itself. */
const patienceMs = 1500;

/**
 * Keeps an agent who is signed in provided with a leg. A reload ends the page's leg, while the customer stays in the
 * bridge: once the phone is registered again and nobody rings, the dialer is asked to open the leg anew.
 */
export class LegKeeper {
  readonly #truth: Truth;
  readonly #phone: Phone;
  readonly #reopen: (fresh: boolean) => Promise<unknown>;
  readonly #backOff = new BackOff(patienceMs, 20_000, () => 0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(truth: Truth, phone: Phone, reopen: (fresh: boolean) => Promise<unknown>) {
    this.#truth = truth;
    this.#phone = phone;
    this.#reopen = reopen;
    truth.watch(() => this.#look());
    phone.watch((state) => {
      if (state.leg !== 'none') this.#settle();
      this.#look();
    });
  }

  #look(): void {
    if (!this.#missing(this.#phone.state)) return this.#settle();
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#ask(), this.#backOff.next());
  }

  async #ask(): Promise<void> {
    this.#timer = undefined;
    if (!this.#missing(this.#phone.state)) return;
    // The phone is here and has no leg: one that the dialer believes in is dead, or that of a page that is gone. Only
    // where the switch ended this page's may it have been for another place, which must not lose it again.
    await this.#reopen(!this.#phone.state.endedBySwitch).catch(() => undefined);
    // A switch that did not know this phone does now.
    if (this.#phone.state.status === 'refused') this.#phone.retry();
    this.#look();
  }

  #missing({ status, leg }: PhoneState): boolean {
    const { snapshot } = this.#truth;
    if (!snapshot || snapshot.state === 'signed-out' || leg !== 'none') return false;
    if (status !== 'registered' && status !== 'refused') return false;
    // A phone that rings for each call has a leg only while there is one.
    return snapshot.legMode === 'nailed' || snapshot.state === 'on-call';
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#backOff.reset();
  }
}
