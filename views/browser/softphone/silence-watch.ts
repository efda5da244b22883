/**
 * A microphone that gives not even the noise of a room for this long is switched off or broken. Headsets that let
 * through nothing but speech are heard within it.
 */
const silentMs = 15_000;
const lookMs = 500;

/** Says when the microphone gives no sound at all while it should. */
export class SilenceWatch {
  readonly #listening: () => boolean;
  readonly #heard: () => boolean;
  readonly #tell: (silent: boolean) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #silentFor = 0;

  constructor(listening: () => boolean, heard: () => boolean, tell: (silent: boolean) => void) {
    this.#listening = listening;
    this.#heard = heard;
    this.#tell = tell;
  }

  start(): void {
    this.stop();
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#silentFor = 0;
  }

  #look(): void {
    const silent = this.#listening() && !this.#heard();
    this.#silentFor = silent ? this.#silentFor + lookMs : 0;
    if (this.#silentFor >= silentMs) this.#tell(true);
    else if (!silent) this.#tell(false);
  }
}
