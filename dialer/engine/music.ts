import { hearsMusic } from '../calls/call.ts';
import type { DialerContext } from './context.ts';
import type { LiveCall } from './live-calls.ts';

const againMs = 500;
const tries = 5;

/** Music for a customer who waits for somebody they have met: what the switch does follows what the call has come to. */
export class Music {
  readonly #ctx: DialerContext;

  constructor(ctx: DialerContext) {
    this.#ctx = ctx;
  }

  /** Has the switch do what the call as it is now wants, and again until it has: a talk under music is none. */
  async follow(live: LiveCall, left = tries): Promise<void> {
    const { telephony, app } = this.#ctx;
    const { channelId } = live;
    if (channelId === null || live.call.state === 'ended') return;
    const on = hearsMusic(live.call);
    const done = await telephony.hold(channelId, on).then(
      () => true,
      (error: unknown) => {
        app.log.warn({ call: live.call.id, on, error: String(error) }, 'music was not begun or ended');
        return false;
      },
    );
    if (done && hearsMusic(live.call) === on) return;
    if (!done && left <= 1) return;
    if (!done) await new Promise<void>((resolve) => void app.clock.after(againMs, resolve));
    return this.follow(live, done ? left : left - 1);
  }
}
