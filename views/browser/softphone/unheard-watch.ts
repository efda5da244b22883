/** A headset that slipped out is back within this. */
const slippedMs = 5_000;
/** Another microphone is open within this, where the browser does not ask the agent first. */
const standInMs = 1_000;
const lookMs = 250;

/**
 * Sees to it that nobody talks for long to an agent whose microphone is gone. Between calls the leg is ended where no
 * other has taken its place in a moment, so that no customer comes to it. In a call the agent hears on for a moment; then the leg is ended as well: the dialer
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

  /** The microphone is gone. Once more while it looks: nothing could take its place, and the time runs on. */
  start(): void {
    if (this.#timer !== undefined) return this.look();
    this.#since = this.#now();
    this.#timer = setInterval(() => this.look(), lookMs);
    this.look();
  }

  look(): void {
    if (!this.#unheard()) return this.stop();
    if (this.#now() - this.#since < (this.#inCall() ? slippedMs : standInMs)) return;
    this.stop();
    this.#end();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
