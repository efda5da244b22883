import type { MachineMessage } from '../../campaigns/index.ts';
import { usualLanguage } from '../../crm/index.ts';
import type { MachineMessageEnd } from '../amd/index.ts';
import type { EndedBy } from '../calls/call.ts';
import type { Actions } from './actions.ts';
import { keyAfterMs } from './announcer.ts';
import type { DialerContext } from './context.ts';
import type { AlsoWritten } from './journal.ts';
import type { LiveCall } from './live-calls.ts';
import { OptOuts } from './opt-outs.ts';

/** Greeting, silence and the longest message that a campaign takes are over by then. */
const longestMs = 300_000;
/** A playback also ends where its line is cut, and the switch tells that a moment before. */
const cutWithinMs = 250;
const playbackPrefix = 'rw-leave-';

/** Sound of a campaign's message to machines for a customer's language; null: there is none. */
export type MachineMedia = (message: MachineMessage, language: string | null) => string | null;

/** Leaves a campaign's message on answering machines, once their greeting is over, where the gate lets a recorded one be left. */
export class MachineMessages {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #mediaFor: MachineMedia;
  readonly #prepare: (live: LiveCall) => Promise<void>;
  readonly #optOuts: OptOuts;
  /** They have heard it to its end. */
  readonly #left = new WeakSet<LiveCall>();

  constructor(
    ctx: DialerContext,
    actions: Actions,
    parts: { mediaFor: MachineMedia; prepare: (live: LiveCall) => Promise<void> },
  ) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#mediaFor = parts.mediaFor;
    this.#prepare = parts.prepare;
    this.#optOuts = new OptOuts(ctx);
  }

  /** The call is in the state for it. */
  begin(live: LiveCall): void {
    const cut = () => this.#end(live, 'cut');
    live.stopTimers.push(this.#ctx.app.clock.after(longestMs, cut));
    this.#ask(live).catch((error: unknown) => {
      this.#ctx.app.log.warn({ call: live.call.id, error: String(error) }, 'no message could be left');
      cut();
    });
  }

  async #ask(live: LiveCall): Promise<void> {
    const { gate, telephony } = this.#ctx;
    const { id: callId, e164, leadId, customerId } = live.call;
    const campaignId = live.campaign.id;
    const request = {
      e164,
      stage: 'connect',
      path: 'greeting',
      campaignId,
      leadId,
      customerId,
      callId,
    } as const;
    const [verdict] = await Promise.all([gate.mayCall(request), this.#prepare(live)]);
    if (!this.#isWanted(live)) return;
    if (!verdict.allowed) return this.#end(live, 'refused');
    if (this.#mediaOf(live) === null) return this.#end(live, 'no-sound');
    await telephony.awaitSilence(live.channelId!);
  }

  silence(live: LiveCall, heard: boolean): void {
    if (!this.#isWanted(live)) return;
    if (!heard) return this.#end(live, 'no-silence');
    const media = this.#mediaOf(live);
    if (media === null) return this.#end(live, 'no-sound');
    const play = this.#ctx.telephony.play(
      { channelId: live.channelId! },
      media,
      playbackPrefix + live.call.id,
    );
    play.catch((error: unknown) => {
      this.#ctx.app.log.warn(
        { call: live.call.id, error: String(error) },
        'message to a machine was refused',
      );
      this.#end(live, 'cut');
    });
  }

  playbackFinished(playbackId: string, failed: boolean): void {
    if (!playbackId.startsWith(playbackPrefix)) return;
    const live = this.#ctx.calls.get(playbackId.slice(playbackPrefix.length));
    if (live?.call.state !== 'messaging') return;
    if (failed) return this.#end(live, 'no-sound');
    live.stopTimers.push(this.#ctx.app.clock.after(cutWithinMs, () => this.#played(live)));
  }

  #played(live: LiveCall): void {
    this.#left.add(live);
    if (live.campaign.identification.optOutDigit === null) return this.#end(live, 'left');
    live.stopTimers.push(this.#ctx.app.clock.after(keyAfterMs, () => this.#end(live, 'left')));
  }

  /** The line is gone. */
  hungUp(live: LiveCall, cause: number | null): void {
    this.#end(live, this.#left.has(live) ? 'left' : 'cut', { by: 'customer', cause });
  }

  /** Who was taken for a machine and is a person asks to be called no more, in the message or after it. */
  pressed(live: LiveCall, digit: string): void {
    if (!this.#isWanted(live) || digit !== live.campaign.identification.optOutDigit) return;
    const { e164, customerId, id: callId } = live.call;
    const at = this.#ctx.app.clock.now();
    const kept = this.#optOuts.add({ callId, e164, customerId, leadId: null, at });
    // Its lead ends with the call.
    live.optedOut = true;
    this.#end(live, this.#left.has(live) ? 'left' : 'cut', { by: 'customer', also: kept });
  }

  #isWanted({ call, channelId }: LiveCall): boolean {
    return call.state === 'messaging' && channelId !== null;
  }

  #mediaOf({ call, campaign, language }: LiveCall): string | null {
    return this.#mediaFor(campaign.machineMessage, language ?? usualLanguage(call.e164));
  }

  #end(
    live: LiveCall,
    end: MachineMessageEnd,
    given: { by?: EndedBy; cause?: number | null; also?: AlsoWritten } = {},
  ): void {
    if (live.call.state !== 'messaging') return;
    const { amdVerdicts } = this.#ctx.stores;
    const { id } = live.call;
    const { by = 'system', cause = null, also } = given;
    this.#actions.end(live, 'machine', by, cause, {
      also: async (trx) => {
        await amdVerdicts.messageEnded(id, end, trx);
        await also?.(trx);
      },
    });
  }
}
