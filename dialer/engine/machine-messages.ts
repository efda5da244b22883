import type { MachineMessage } from '../../campaigns/index.ts';
import { usualLanguage } from '../../crm/index.ts';
import type { MachineMessageEnd } from '../amd/index.ts';
import type { Actions } from './actions.ts';
import type { DialerContext } from './context.ts';
import type { LiveCall } from './live-calls.ts';

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

  constructor(
    ctx: DialerContext,
    actions: Actions,
    parts: { mediaFor: MachineMedia; prepare: (live: LiveCall) => Promise<void> },
  ) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#mediaFor = parts.mediaFor;
    this.#prepare = parts.prepare;
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
    live.stopTimers.push(this.#ctx.app.clock.after(cutWithinMs, () => this.#end(live, 'left')));
  }

  #isWanted({ call, channelId }: LiveCall): boolean {
    return call.state === 'messaging' && channelId !== null;
  }

  #mediaOf({ call, campaign, language }: LiveCall): string | null {
    return this.#mediaFor(campaign.machineMessage, language ?? usualLanguage(call.e164));
  }

  #end(live: LiveCall, end: MachineMessageEnd): void {
    if (live.call.state !== 'messaging') return;
    const { amdVerdicts } = this.#ctx.stores;
    const { id } = live.call;
    this.#actions.end(live, 'machine', 'system', null, {
      also: (trx) => amdVerdicts.messageEnded(id, end, trx),
    });
  }
}
