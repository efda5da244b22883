import { trunkEndpointName } from '../trunks/trunk.ts';
import type { DialerContext } from './context.ts';
import { KeptCurrent } from './kept-current.ts';
import type { Reconciler } from './reconcile.ts';

/** Calls on a switch that is away for longer are taken to be over. */
export const patienceMs = 30_000;
/** Between a switch that is known not to run and the end of the calls that were on it. */
const restartPatienceMs = 2_000;

/** The connection to the switch: what it is told when it is there, and how long its calls are believed in when not. */
export class SwitchLink {
  readonly #ctx: DialerContext;
  readonly #reconciler: Reconciler;
  readonly #onReady: () => void;
  #stopPatience: (() => void) | null = null;
  #patienceUntil = 0;
  #fault: string | null = null;
  readonly #trunks: KeptCurrent;
  /** The trunks that the switch has been told of since it came up, as of when they were changed. */
  #put = new Map<number, number>();
  #isReady = false;

  constructor(ctx: DialerContext, reconciler: Reconciler, onReady: () => void) {
    this.#ctx = ctx;
    this.#reconciler = reconciler;
    this.#onReady = onReady;
    this.#trunks = new KeptCurrent(ctx.app, 'trunks', () => this.#readTrunks());
  }

  /** What keeps the switch away, in words; null while it is there. */
  get fault(): string | null {
    return this.#fault;
  }

  /** Calls may leave: all is as it is at the switch, which knows the trunks. One that has just been started knows none. */
  get isReady(): boolean {
    return this.#isReady && this.#ctx.telephony.state === 'up';
  }

  start(): void {
    this.#trunks.listen('trunks.changed');
    if (this.#ctx.telephony.state === 'up') this.cameUp();
    else this.#wait(patienceMs);
  }

  cameUp(): void {
    this.#fault = null;
    this.#stopPatience?.();
    this.#stopPatience = null;
    this.#isReady = false;
    const put = (this.#put = new Map<number, number>());
    // Whoever has answered meanwhile hears silence: the calls do not wait for what the database says of trunks.
    const reconciled = this.#reconciler.withSwitch();
    void Promise.all([reconciled, this.loadTrunks()]).then(() => {
      // It has gone, or come up anew, since.
      if (this.#put !== put) return;
      this.#isReady = true;
      this.#onReady();
    });
  }

  wentDown(why: string, notRunning: boolean): void {
    this.#isReady = false;
    this.#put = new Map();
    this.#fault = why;
    this.#wait(notRunning ? restartPatienceMs : patienceMs);
  }

  /** A cut connection leaves the calls alone for a while; once nothing listens any more, they are gone. */
  #wait(ms: number): void {
    const { clock } = this.#ctx.app;
    const until = clock.now() + ms;
    if (this.#stopPatience && until >= this.#patienceUntil) return;
    this.#stopPatience?.();
    this.#patienceUntil = until;
    this.#stopPatience = clock.after(ms, () => this.#reconciler.giveUp());
  }

  stop(): void {
    this.#stopPatience?.();
    this.#trunks.stop();
  }

  /** Takes over the trunks as they are stored now, and tells the switch of those that have changed. */
  loadTrunks(): Promise<void> {
    return this.#trunks.read();
  }

  async #readTrunks(): Promise<void> {
    const { stores, trunks, telephony } = this.#ctx;
    trunks.load(await stores.trunks.all());
    if (telephony.state === 'up') await this.#putTrunks();
  }

  async #putTrunks(): Promise<void> {
    const { stores, trunks, app, telephony } = this.#ctx;
    const put = this.#put;
    for (const { trunk } of trunks.status(app.clock.now())) {
      if (put.get(trunk.id) === trunk.updatedAt) continue;
      const { id, host, port, transport, username, register, loginInFrom, codecs } = trunk;
      try {
        const name = trunkEndpointName(id);
        if (!trunk.enabled) {
          await telephony.removeEndpoint(name);
          put.set(id, trunk.updatedAt);
          continue;
        }
        const password = await stores.trunks.password(id);
        const taken = await telephony.putEndpoint({
          ...{ kind: 'trunk', name, host, port, transport, username, password, register },
          loginInFrom,
          codecs: [...codecs],
        });
        put.set(id, trunk.updatedAt);
        if (!taken) app.log.debug({ trunk: id }, 'the switch takes trunks from its files only');
      } catch (error) {
        app.log.warn({ trunk: id, error: String(error) }, 'the switch did not take this trunk');
      }
    }
  }
}
