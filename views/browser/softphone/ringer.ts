/** A ringing tone made in the page, played on its own output device: the loudspeaker while the headset is on the desk. */
export class Ringer {
  readonly #element = new Audio();
  #context: AudioContext | null = null;
  #gain: GainNode | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Ends a ring that is only to be tried. */
  #trial: ReturnType<typeof setTimeout> | undefined;

  async useDevice(deviceId: string): Promise<void> {
    if ('setSinkId' in this.#element) await this.#element.setSinkId(deviceId);
  }

  start(): void {
    clearTimeout(this.#trial);
    if (this.#timer !== undefined) return;
    this.#prepare();
    void this.#context?.resume().catch(() => undefined);
    void this.#element.play().catch(() => undefined);
    this.#burst();
    this.#timer = setInterval(() => this.#burst(), 3000);
  }

  stop(): void {
    clearTimeout(this.#trial);
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#gain?.gain.cancelScheduledValues(0);
    this.#gain?.gain.setValueAtTime(0, this.#context?.currentTime ?? 0);
    this.#element.pause();
  }

  /** Lets it be heard for a moment, unless a call rings: that one goes on. */
  once(): void {
    if (this.#timer !== undefined) return;
    this.start();
    this.#trial = setTimeout(() => this.stop(), 1200);
  }

  close(): void {
    this.stop();
    void this.#context?.close().catch(() => undefined);
    this.#context = null;
  }

  #prepare(): void {
    if (this.#context) return;
    const context = (this.#context = new AudioContext());
    const gain = (this.#gain = context.createGain());
    gain.gain.value = 0;
    for (const frequency of [440, 480]) {
      const oscillator = context.createOscillator();
      oscillator.frequency.value = frequency;
      oscillator.connect(gain);
      oscillator.start();
    }
    const out = context.createMediaStreamDestination();
    gain.connect(out);
    this.#element.srcObject = out.stream;
  }

  /** One second of sound with soft edges: hard ones click. */
  #burst(): void {
    if (!this.#context || !this.#gain) return;
    const at = this.#context.currentTime;
    const { gain } = this.#gain;
    gain.cancelScheduledValues(at);
    gain.setValueAtTime(0, at);
    gain.linearRampToValueAtTime(0.2, at + 0.05);
    gain.setValueAtTime(0.2, at + 0.95);
    gain.linearRampToValueAtTime(0, at + 1);
  }
}
