/** How long a call that was given up may still turn up on the switch. */
const disownedForMs = 120_000;

/**
 * Originates that were never answered by the switch: nobody waits for those calls any more, but they may have been
 * taken. Whenever one shows itself it is hung up.
 */
export class DisownedCalls {
  readonly #ids = new Set<string>();
  readonly #hangUp: (channelId: string) => void;

  constructor(hangUp: (channelId: string) => void) {
    this.#hangUp = hangUp;
  }

  add(channelId: string): void {
    this.#ids.add(channelId);
    setTimeout(() => this.#ids.delete(channelId), disownedForMs).unref();
    this.#hangUp(channelId);
  }

  /** The switch has spoken of this channel. */
  seen(channelId: string | undefined): void {
    if (channelId !== undefined && this.#ids.has(channelId)) this.#hangUp(channelId);
  }
}
