import type { MayConnect } from '../../campaigns/compliance/index.ts';
import { isInFlight } from '../calls/call.ts';
import type { Actions } from './actions.ts';
import type { DialerContext } from './context.ts';
import type { LiveCall } from './live-calls.ts';

/**
 * Calls that become forbidden between dialling and the talk: told by the bus at once, and asked of the gate once more
 * when a person has answered, as a message may be lost.
 */
export class LateBlock {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;

  constructor(ctx: DialerContext, actions: Actions) {
    this.#ctx = ctx;
    this.#actions = actions;
  }

  /** Returns what ends the listening. */
  listen(): () => void {
    const { bus } = this.#ctx.app;
    const stops = [
      bus.subscribe('dnc.added', (payload) => this.#dncAdded(payload)),
      bus.subscribe('calls.suspended', () => this.#askAgain()),
      bus.subscribe('consent.revoked', () => this.#askAgain()),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** `no`: nobody is connected; the call has been ended, or its person is told who has called. `slow`: the answer takes long, and may still come. */
  async mayConnect(live: LiveCall, slow?: () => void): Promise<MayConnect> {
    const { call } = live;
    const { id: callId, e164, path, leadId, customerId } = call;
    const campaignId = live.campaign.id;
    const request = { e164, stage: 'connect' as const, path, campaignId, leadId, customerId, callId };
    const may = await this.#ctx.gate.mayConnect(request, slow);
    if (may !== 'no') return may;
    this.#ctx.app.log.info({ call: callId }, 'call became forbidden while it was being set up');
    if (!isOpen(live)) return 'no';
    // A person who hears nobody is an abandoned call, whatever the reason, and is told who has called. Who was called
    // beside a customer's call is no customer of it.
    if (live.call.state === 'waiting' && live.call.parentId === null)
      this.#actions.announce(live, 'forbidden');
    else this.#actions.end(live, 'cancelled', 'system');
    return 'no';
  }

  #dncAdded(payload: unknown): void {
    const { e164, campaignId } = (payload ?? {}) as { e164?: unknown; campaignId?: unknown };
    if (typeof e164 !== 'string') return;
    for (const live of [...this.#ctx.calls.open()])
      if (
        live.call.e164 === e164 &&
        // A call beside a customer's is of no campaign, and is made for theirs.
        (campaignId == null || campaignId === live.campaign.id) &&
        isInFlight(live.call.state)
      )
        this.#actions.end(live, 'cancelled', 'system');
  }

  #askAgain(): void {
    for (const live of [...this.#ctx.calls.open()])
      if (isInFlight(live.call.state)) void this.mayConnect(live);
  }
}

function isOpen({ call: { state } }: LiveCall): boolean {
  return isInFlight(state) || state === 'detecting' || state === 'waiting';
}
