import type { Identification } from '../../campaigns/index.ts';
import type { Actions } from './actions.ts';
import type { DialerContext } from './context.ts';
import type { LiveCall } from './live-calls.ts';

/** A message that does not end by itself is ended. */
const longestMessageMs = 40_000;
const playbackPrefix = 'rw-say-';

/** Sounds of a campaign's identification message for a customer's language, the best first. */
export type IdentificationMedia = (
  identification: Identification,
  language: string | null,
) => readonly string[];

/** Tells an abandoned customer who called and how to be called no more. */
export class Announcer {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #mediaFor: IdentificationMedia;
  /** Sounds that are left to try, by call. */
  readonly #left = new Map<string, string[]>();

  constructor(ctx: DialerContext, actions: Actions, mediaFor: IdentificationMedia) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#mediaFor = mediaFor;
  }

  announce(live: LiveCall): void {
    const { calls, app } = this.#ctx;
    if (!calls.apply(live, { type: 'announce' }).ok) return;
    live.stopTimers.push(
      app.clock.after(longestMessageMs, () => this.#actions.end(live, 'abandoned', 'system')),
    );
    void this.#begin(live);
  }

  async #begin(live: LiveCall): Promise<void> {
    const media = this.#mediaFor(live.campaign.identification, await this.#languageOf(live));
    this.#left.set(live.call.id, [...media]);
    this.#playNext(live);
  }

  /** Plays the best sound that is left; one that cannot be played gives way to the next. */
  #playNext(live: LiveCall): void {
    const { call, channelId } = live;
    const media = this.#left.get(call.id)?.shift();
    if (call.state !== 'announcing' || !channelId) return void this.#left.delete(call.id);
    if (media === undefined) {
      this.#ctx.app.log.error({ call: call.id }, 'no identification message could be played');
      return this.#end(live);
    }
    const playbackId = `${playbackPrefix}${call.id}-${this.#left.get(call.id)?.length ?? 0}`;
    this.#ctx.telephony.play({ channelId }, media, playbackId).catch((error: unknown) => {
      this.#ctx.app.log.warn(
        { call: call.id, media, error: String(error) },
        'identification message was refused',
      );
      this.#playNext(live);
    });
  }

  #end(live: LiveCall): void {
    this.#left.delete(live.call.id);
    this.#actions.end(live, 'abandoned', 'system');
  }

  playbackFinished(playbackId: string, failed: boolean): void {
    if (!playbackId.startsWith(playbackPrefix)) return;
    const callId = playbackId.slice(playbackPrefix.length).replace(/-\d+$/, '');
    const live = this.#ctx.calls.get(callId);
    if (live?.call.state !== 'announcing') return void this.#left.delete(callId);
    if (failed) this.#playNext(live);
    else this.#end(live);
  }

  /** The opt-out digit puts the number on the campaign's firm's DNC list and ends the call. */
  pressed(live: LiveCall, digit: string): void {
    if (live.call.state !== 'announcing' || digit !== live.campaign.identification.optOutDigit) return;
    const { errands, dnc, app } = this.#ctx;
    const { e164, id } = live.call;
    const at = app.clock.now();
    errands.add('opt-out', { call: id }, () =>
      dnc.add({ e164, campaignId: null, reason: 'opt-out', source: 'customer', by: null, at }),
    );
    this.#actions.end(live, 'abandoned', 'customer');
  }

  async #languageOf({ call }: LiveCall): Promise<string | null> {
    if (call.customerId === null) return null;
    const customer = await this.#ctx.stores.customers.get(call.customerId).catch(() => null);
    return customer?.language ?? null;
  }
}
