/** A microphone that gives not even the noise of a room for this long is switched off or broken. */
const silentMs = 8000;
const lookMs = 500;

/** Says when the microphone gives no sound at all while it should. Level 0 is digital silence; a quiet room is not. */
export class SilenceWatch {
  readonly #listening: () => boolean;
  readonly #level: () => number;
  readonly #tell: (silent: boolean) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #silentFor = 0;

  constructor(listening: () => boolean, level: () => number, tell: (silent: boolean) => void) {
    this.#listening = listening;
    this.#level = level;
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
    const silent = this.#listening() && this.#level() === 0;
    this.#silentFor = silent ? this.#silentFor + lookMs : 0;
    if (this.#silentFor >= silentMs) this.#tell(true);
    else if (!silent) this.#tell(false);
  }
}
