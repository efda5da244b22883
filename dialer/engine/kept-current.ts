import type { App } from '../../core/app.ts';

/** Changes may be told on the bus and lost there. */
const rereadMs = 30_000;

/** What is read from the database anew whenever it is told to have changed, may have been told so unheard, and by the clock. */
export class KeptCurrent {
  readonly #app: Pick<App, 'bus' | 'clock' | 'log'>;
  readonly #what: string;
  readonly #readOnce: () => Promise<void>;
  #reading: Promise<void> | null = null;
  #again = false;
  #stops: (() => void)[] = [];

  constructor(app: Pick<App, 'bus' | 'clock' | 'log'>, what: string, readOnce: () => Promise<void>) {
    this.#app = app;
    this.#what = what;
    this.#readOnce = readOnce;
  }

  listen(...topics: string[]): void {
    const { bus, clock } = this.#app;
    const read = () => void this.read();
    const told = topics.map((topic) => bus.subscribe(topic, read));
    this.#stops = [...told, bus.onReconnect(read), clock.every(rereadMs, read)];
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** Reads what the database says. Calls made while one is under way share one more reading, so that the newest wins. */
  read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#readUntilCurrent().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #readUntilCurrent(): Promise<void> {
    do {
      this.#again = false;
      try {
        await this.#readOnce();
      } catch (error) {
        this.#app.log.warn(
          { what: this.#what, error: String(error) },
          'could not be read; what was known stays',
        );
      }
    } while (this.#again);
  }
}
