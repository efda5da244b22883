import type { PhoneConfig } from '../softphone/index.ts';
import type { PhoneState } from '../softphone/phone.ts';
import { send } from '../shared/http.ts';

/** What is younger is not asked for again by itself: two servers that disagree must not have a page reload for ever. */
const freshMs = 30_000;
const troubles: ReadonlySet<PhoneState['status']> = new Set(['refused', 'unreachable', 'retrying']);

/**
 * How the page's phone is reached. That changes while the page stands: another dialer took the agent over, with a switch
 * of its own; a password or the kind of phone was changed. Then the page is read anew, which keeps all that is in hand.
 */
export class PhoneSettings {
  #known = '';
  #readAt = 0;

  async read(): Promise<PhoneConfig> {
    this.#readAt = performance.now();
    const config = await send<PhoneConfig>('GET', '/workspace/phone');
    this.#known = JSON.stringify(config);
    return config;
  }

  /** After a sign-in that was done: whatever leg there still is, the dialer rings elsewhere. */
  async renew(): Promise<void> {
    const known = this.#known;
    // Not to be had now, they are looked at again with the next try.
    const config = await this.read().catch(() => null);
    if (known && config && JSON.stringify(config) !== known) location.reload();
  }

  /** The same with each try of a phone that cannot register, unless somebody still talks. */
  follow({ status, leg }: PhoneState): void {
    if (troubles.has(status) && leg === 'none') void this.renewOld();
  }

  async renewOld(): Promise<void> {
    if (performance.now() - this.#readAt >= freshMs) await this.renew();
  }
}
