import { trunkEndpointName } from '../trunks/trunk.ts';
import type { DialerContext } from './context.ts';
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

  constructor(ctx: DialerContext, reconciler: Reconciler, onReady: () => void) {
    this.#ctx = ctx;
    this.#reconciler = reconciler;
    this.#onReady = onReady;
  }

  /** What keeps the switch away, in words; null while it is there. */
  get fault(): string | null {
    return this.#fault;
  }

  start(): void {
    if (this.#ctx.telephony.state === 'up') this.cameUp();
    else this.#wait(patienceMs);
  }

  cameUp(): void {
    this.#fault = null;
    this.#stopPatience?.();
    this.#stopPatience = null;
    void this.#putTrunks()
      .then(() => this.#reconciler.withSwitch())
      .then(() => this.#onReady());
  }

  wentDown(why: string, notRunning: boolean): void {
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
  }

  /** Takes over the trunks as they are stored now, and tells the switch. */
  async loadTrunks(): Promise<void> {
    const { stores, trunks, telephony } = this.#ctx;
    trunks.load(await stores.trunks.all());
    if (telephony.state === 'up') await this.#putTrunks();
  }

  async #putTrunks(): Promise<void> {
    const { stores, trunks, app, telephony } = this.#ctx;
    for (const { trunk } of trunks.status(app.clock.now())) {
      const { id, host, port, transport, username, register, loginInFrom, codecs } = trunk;
      try {
        const name = trunkEndpointName(id);
        if (!trunk.enabled) {
          await telephony.removeEndpoint(name);
          continue;
        }
        const password = await stores.trunks.password(id);
        const taken = await telephony.putEndpoint({
          ...{ kind: 'trunk', name, host, port, transport, username, password, register },
          loginInFrom,
          codecs: [...codecs],
        });
        if (!taken) app.log.debug({ trunk: id }, 'the switch takes trunks from its files only');
      } catch (error) {
        app.log.warn({ trunk: id, error: String(error) }, 'the switch did not take this trunk');
      }
    }
  }
}
