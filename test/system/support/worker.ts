import type { AgentBrowser } from './system.ts';

/** What an agent saw of one call. */
export interface SeenCall {
  callId: string;
  name: string;
  /** Machine's time at which the customer's card stood on the page. */
  poppedAt: number;
  /** When the page asked for the card, and had the whole answer. */
  askedAt: number;
  answeredAt: number;
}

/**
 * An agent who works by the keyboard: signs in to the phone, becomes ready, talks for `talkMs`, hangs up, gives the
 * disposition with the hotkey `disposition`, and takes the next call.
 */
export class Worker {
  readonly seen: SeenCall[] = [];
  readonly #agent: AgentBrowser;
  readonly #disposition: string;
  talkMs: number;
  /** Says nothing: the microphone is muted as soon as there is a customer. */
  muted = false;
  #stopped = false;
  #running: Promise<void> | undefined;
  /** Why the agent works no more, when nobody asked for that. */
  failure: Error | undefined;

  constructor(agent: AgentBrowser, options: { talkMs: number; disposition: string }) {
    this.#agent = agent;
    this.talkMs = options.talkMs;
    this.#disposition = options.disposition;
  }

  /** Notes from now on which cards come onto the page. */
  async watch(): Promise<void> {
    const { page } = this.#agent;
    // Runs in the page: the first moment at which a call's card is there.
    await page.evaluate(`{
      const seen = (window.seenCalls = []);
      new MutationObserver(() => {
        const stage = document.querySelector('[data-stage="call"][data-call]');
        const id = stage?.dataset.call;
        if (!id || seen.some((one) => one.callId === id)) return;
        const card = performance.getEntriesByType('resource').findLast(({ name }) => name.includes('/workspace/call'));
        seen.push({
          callId: id,
          name: document.querySelector('#ws-name')?.textContent ?? '',
          poppedAt: Date.now(),
          askedAt: Math.round(performance.timeOrigin + (card?.startTime ?? 0)),
          answeredAt: Math.round(performance.timeOrigin + (card?.responseEnd ?? 0)),
        });
      }).observe(document.body, { subtree: true, childList: true });
    }`);
  }

  async signIn(): Promise<void> {
    await this.watch();
    await this.#agent.page.locator('[data-do="next"]').click();
    await this.word('paused', 20_000);
  }

  /** Waits for a state of the top bar. */
  async word(word: string, timeout = 10_000): Promise<void> {
    const { page } = this.#agent;
    try {
      await page.locator(`.ws-bar[data-word="${word}"]`).waitFor({ timeout });
    } catch (error) {
      throw new Error(`no “${word}” within ${timeout} ms; the page says ${await this.says()}`, {
        cause: error,
      });
    }
  }

  /** What an agent would read on the page now, for a test that failed. */
  async says(): Promise<string> {
    const parts = this.#agent.page.locator('.ws-bar, [data-bind="phone"], .ws-alert, [data-toast]');
    return JSON.stringify((await parts.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ')));
  }

  start(): void {
    this.#stopped = false;
    this.failure = undefined;
    // Kept until somebody asks: a rejection that nobody has taken up yet is passed over by the runner of tests.
    this.#running = this.#work().catch((error: Error) => {
      this.failure = error;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    if (this.failure) throw this.failure;
  }

  async #work(): Promise<void> {
    const { page } = this.#agent;
    while (!this.#stopped) {
      const word = await page.locator('.ws-bar').getAttribute('data-word');
      if (word === 'on-call') {
        if (this.muted) await page.keyboard.press('m');
        await page.waitForTimeout(this.talkMs);
        await page.locator('[data-do="next"]:not([data-settling])').waitFor();
        await page.keyboard.press('h');
        await this.word('wrapup', 5_000).catch(() => {});
      } else if (word === 'wrapup') {
        this.seen.splice(0, this.seen.length, ...(await this.#seenOnPage()));
        await this.#giveDisposition();
      } else if (word === 'paused') {
        await page.keyboard.press('r');
        await page.waitForTimeout(500);
      } else await page.waitForTimeout(50);
    }
  }

  /** As a person does: once the form is there, and again when it was not taken because a server was away. */
  async #giveDisposition(): Promise<void> {
    const { page } = this.#agent;
    const over = page.locator('.ws-bar:not([data-word="wrapup"])');
    for (let tries = 1; ; tries += 1) {
      if (await over.count()) return;
      await page.locator('#disposition').waitFor({ timeout: 20_000 });
      await page.keyboard.press(`Alt+${this.#disposition}`);
      await page.keyboard.press('Control+Enter');
      try {
        return await over.waitFor({ timeout: 5_000 });
      } catch (error) {
        if (tries === 3) throw error;
      }
    }
  }

  #seenOnPage(): Promise<SeenCall[]> {
    return this.#agent.page.evaluate('window.seenCalls');
  }
}
