import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import type { Phone } from '../softphone/index.ts';

/**
 * Muting belongs to a call: it survives a reload in its middle, follows the phone to another tab, and never reaches the
 * next customer.
 */
export class Mute {
  readonly #phone: Phone;
  readonly #key: string;
  #callId: string | null = null;
  /** The call that was muted. */
  #muted: string | null;

  constructor(phone: Phone, userId: number) {
    this.#phone = phone;
    this.#key = `ringwise.mutedCall.${userId}`;
    this.#muted = this.#stored();
    addEventListener('storage', ({ key, newValue }) => {
      if (key !== this.#key) return;
      this.#muted = newValue;
      this.#apply();
    });
  }

  toggle(): void {
    this.#muted = this.#phone.state.muted ? null : this.#callId;
    this.#store();
    this.#phone.mute(!this.#phone.state.muted);
  }

  follow(snapshot: AgentSnapshot): void {
    const callId = snapshot.call?.id ?? null;
    if (callId === this.#callId) return;
    this.#callId = callId;
    this.#apply();
  }

  #apply(): void {
    this.#phone.mute(this.#callId !== null && this.#callId === this.#muted);
  }

  #stored(): string | null {
    try {
      return localStorage.getItem(this.#key);
    } catch {
      return null;
    }
  }

  #store(): void {
    try {
      if (this.#muted === null) localStorage.removeItem(this.#key);
      else localStorage.setItem(this.#key, this.#muted);
    } catch {
      // Storage full or forbidden: it holds in this tab.
    }
  }
}
