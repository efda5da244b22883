import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import type { Phone } from '../softphone/index.ts';

const storageKey = 'ringwise.mutedCall';

/** Muting belongs to a call: it survives a reload in its middle, and never reaches the next customer. */
export class Mute {
  readonly #phone: Phone;
  #callId: string | null;

  constructor(phone: Phone, snapshot: AgentSnapshot | null) {
    this.#phone = phone;
    this.#callId = snapshot?.call?.id ?? null;
    if (this.#callId && sessionStorage.getItem(storageKey) === this.#callId) phone.mute(true);
  }

  toggle(): void {
    const muted = !this.#phone.state.muted;
    this.#phone.mute(muted);
    if (muted && this.#callId) sessionStorage.setItem(storageKey, this.#callId);
    else sessionStorage.removeItem(storageKey);
  }

  follow(snapshot: AgentSnapshot): void {
    const callId = snapshot.call?.id ?? null;
    if (callId === this.#callId) return;
    this.#callId = callId;
    sessionStorage.removeItem(storageKey);
    if (this.#phone.state.muted) this.#phone.mute(false);
  }
}
