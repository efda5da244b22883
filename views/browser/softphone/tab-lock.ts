/** How long a reloaded page waits for the lock of the page it replaces before it believes in another tab. */
const patienceMs = 1500;

/** A page that is back within this was reloaded, and nobody has begun to work with the phone in another tab. */
const reloadMs = 20_000;

/**
 * Holds the phone for one tab of the browser by a Web Lock, so that a second tab does not register beside the first.
 * A tab that lost the race waits its turn: when the other is closed, the phone comes here. A reload looks like that to
 * the one that waits; the reloaded page takes the phone back.
 */
export class TabLock {
  readonly #name: string;
  readonly #onHeld: () => void;
  readonly #onElsewhere: () => void;
  #waiting: AbortController | null = null;
  #release: (() => void) | null = null;
  #held = false;

  constructor(name: string, on: { held: () => void; elsewhere: () => void }) {
    this.#name = name;
    this.#onHeld = on.held;
    this.#onElsewhere = on.elsewhere;
  }

  get held(): boolean {
    return this.#held;
  }

  acquire(): void {
    if (!navigator.locks) return this.#take();
    if (this.#wasReloaded()) return this.steal();
    const waiting = new AbortController();
    this.#waiting = waiting;
    const impatient = setTimeout(() => {
      if (this.#waiting === waiting) this.#onElsewhere();
    }, patienceMs);
    navigator.locks
      .request(this.#name, { signal: waiting.signal }, () => {
        clearTimeout(impatient);
        this.#waiting = null;
        return this.#hold();
      })
      .catch((error: unknown) => this.#lost(error, waiting.signal.aborted));
  }

  /** Takes the lock from whichever tab has it; that tab is told. */
  steal(): void {
    if (this.#release) return;
    if (!navigator.locks) return this.#take();
    this.#waiting?.abort();
    this.#waiting = null;
    navigator.locks
      .request(this.#name, { steal: true }, () => this.#hold())
      .catch((error: unknown) => this.#lost(error, false));
  }

  /** The page goes. */
  release(): void {
    if (this.#held) this.#note(String(Date.now()));
    this.letGo();
  }

  /** No tab of this browser is to have the phone, nor to wait for it here. */
  letGo(): void {
    this.#held = false;
    this.#waiting?.abort();
    this.#waiting = null;
    this.#release?.();
    this.#release = null;
  }

  /** The page before this one in this tab had the phone. A copy of a tab that lives finds no word of it. */
  #wasReloaded(): boolean {
    try {
      const leftAt = Number(sessionStorage.getItem(this.#name) ?? 0);
      sessionStorage.removeItem(this.#name);
      return Date.now() - leftAt < reloadMs;
    } catch {
      return false;
    }
  }

  #note(text: string): void {
    try {
      sessionStorage.setItem(this.#name, text);
    } catch {
      // Storage forbidden: a reload gives the phone to whoever waits for it.
    }
  }

  #hold(): Promise<void> {
    this.#take();
    return new Promise((resolve) => (this.#release = resolve));
  }

  #take(): void {
    this.#held = true;
    this.#onHeld();
  }

  /** Our own abort is no news; any other end of the promise means that another tab stole the lock. */
  #lost(error: unknown, ours: boolean): void {
    if (ours || !(error instanceof DOMException && error.name === 'AbortError')) return;
    this.#release = null;
    this.#held = false;
    this.#onElsewhere();
    this.acquire();
  }
}
