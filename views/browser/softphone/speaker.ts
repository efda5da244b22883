/** Plays the other side. A browser may hold sound back until the first key or click on the page. */
export class Speaker {
  readonly #element = new Audio();
  readonly #heldBack: (on: boolean) => void;
  #isHeldBack = false;

  /** `heldBack` is told whether the browser keeps the sound to itself. */
  constructor(heldBack: (on: boolean) => void) {
    this.#heldBack = heldBack;
    this.#element.autoplay = true;
  }

  async useDevice(deviceId: string): Promise<void> {
    if ('setSinkId' in this.#element) await this.#element.setSinkId(deviceId);
  }

  play(stream: MediaStream): void {
    this.#element.srcObject = stream;
    this.#play();
  }

  /** Somebody has pressed a key or clicked. */
  wake(): void {
    if (this.#isHeldBack) this.#play();
  }

  stop(): void {
    this.#element.srcObject = null;
  }

  #play(): void {
    this.#element.play().then(
      () => this.#tell(false),
      (error: unknown) => this.#tell(error instanceof Error && error.name === 'NotAllowedError'),
    );
  }

  #tell(on: boolean): void {
    this.#isHeldBack = on;
    this.#heldBack(on);
  }
}
