/** A headset that slipped out is back within this. */
const slippedMs = 5_000;
const lookMs = 250;

/**
 * Sees to it that nobody talks for long to an agent whose microphone is gone. Between calls the leg is ended at once, so
 * that no customer comes to it. In a call the agent hears on for a moment; then the leg is ended as well: the dialer
 * plays music to the customer, and has a colleague take over who can be heard.
 */
export class UnheardWatch {
  readonly #unheard: () => boolean;
  readonly #inCall: () => boolean;
  readonly #end: () => void;
  readonly #now: () => number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #since = 0;

  /** `unheard`: there is a leg, and no microphone for it. `end` ends the leg and keeps others away. */
  constructor(
    on: { unheard: () => boolean; inCall: () => boolean; end: () => void },
    now = () => performance.now(),
  ) {
    this.#unheard = on.unheard;
    this.#inCall = on.inCall;
    this.#end = on.end;
    this.#now = now;
  }

  /** The microphone is gone, and nothing could take its place. */
  start(): void {
    this.stop();
    this.#since = this.#now();
    this.#timer = setInterval(() => this.look(), lookMs);
    this.look();
  }

  look(): void {
    if (!this.#unheard()) return this.stop();
    if (this.#inCall() && this.#now() - this.#since < slippedMs) return;
    this.stop();
    this.#end();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
