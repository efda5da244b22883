import type { Identification } from '../../campaigns/index.ts';
import { usualLanguage } from '../../crm/index.ts';
import type { AnnounceReason } from '../calls/call.ts';
import { isUsualIdentification, usualOptOutDigit } from '../telephony/asterisk/sounds.ts';
import type { Actions } from './actions.ts';
import type { DialerContext } from './context.ts';
import { askAgainMs, isLinkAway } from './link-away.ts';
import type { LiveCall } from './live-calls.ts';
import { OptOuts } from './opt-outs.ts';

/** A message that does not end by itself is ended: the longest text that a campaign takes, spoken slowly, is over by then. */
const longestMessageMs = 300_000;
/** After the last word, for the key that it has just named. */
export const keyAfterMs = 5_000;
/** A person who waits is not kept for the sake of the language. */
const languageWithinMs = 250;
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
  readonly #optOuts: OptOuts;
  /** Sounds that are left to try. */
  readonly #left = new WeakMap<LiveCall, string[]>();
  /** What is played, or has been. */
  readonly #playing = new WeakMap<LiveCall, string>();

  constructor(ctx: DialerContext, actions: Actions, mediaFor: IdentificationMedia) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#mediaFor = mediaFor;
    this.#optOuts = new OptOuts(ctx);
  }

  /** Reads ahead of need in which language a person who waits would be told. */
  async prepare(live: LiveCall): Promise<void> {
    const { customerId } = live.call;
    if (live.language !== undefined || customerId === null) return;
    const customer = await this.#ctx.stores.customers.get(customerId).catch(() => null);
    live.language = customer?.language ?? null;
  }

  /** False when the call is past being told anything. */
  announce(live: LiveCall, reason: AnnounceReason): boolean {
    const { calls, app } = this.#ctx;
    if (!calls.apply(live, { type: 'announce', reason }).ok) return false;
    live.stopTimers.push(
      app.clock.after(longestMessageMs, () => this.#actions.end(live, 'abandoned', 'system')),
    );
    void this.#begin(live);
    return true;
  }

  /** Whose language is not known, or not in time, is told in that of their number's country. */
  async #begin(live: LiveCall): Promise<void> {
    if (live.language === undefined) await Promise.race([this.prepare(live), this.#pause(live)]);
    const language = live.language ?? usualLanguage(live.call.e164);
    const media = this.#mediaFor(live.campaign.identification, language);
    this.#left.set(live, [...media]);
    this.#playNext(live);
  }

  /** Plays the best sound that is left; one that cannot be played gives way to the next. */
  #playNext(live: LiveCall): void {
    const { call, channelId } = live;
    const media = this.#left.get(live)?.shift();
    if (call.state !== 'announcing' || !channelId) return;
    if (media === undefined) {
      this.#ctx.app.log.error({ call: call.id }, 'no identification message could be played');
      return this.#end(live);
    }
    this.#playing.set(live, media);
    const playbackId = `${playbackPrefix}${call.id}-${this.#left.get(live)?.length ?? 0}`;
    const { telephony } = this.#ctx;
    telephony.play({ channelId }, media, playbackId).catch((error: unknown) => {
      // Who is still on the line once it is back hears who called.
      if (isLinkAway(telephony, error)) return this.#playAgainSoon(live, media);
      this.#ctx.app.log.warn(
        { call: call.id, media, error: String(error) },
        'identification message was refused',
      );
      this.#playNext(live);
    });
  }

  #playAgainSoon(live: LiveCall, media: string): void {
    this.#left.get(live)?.unshift(media);
    live.stopTimers.push(this.#ctx.app.clock.after(askAgainMs, () => this.#playNext(live)));
  }

  #end(live: LiveCall): void {
    this.#actions.end(live, 'abandoned', 'system');
  }

  playbackFinished(playbackId: string, failed: boolean): void {
    if (!playbackId.startsWith(playbackPrefix)) return;
    const callId = playbackId.slice(playbackPrefix.length).replace(/-\d+$/, '');
    const live = this.#ctx.calls.get(callId);
    if (live?.call.state !== 'announcing') return;
    if (failed) {
      this.#ctx.app.log.warn(
        { call: live.call.id, campaign: live.campaign.id, media: this.#playing.get(live) },
        'the switch could not play this identification message; the next is tried: see bin/ringwise asterisk check',
      );
      this.#playNext(live);
    } else if (this.#keysOf(live).length === 0) this.#end(live);
    else live.stopTimers.push(this.#ctx.app.clock.after(keyAfterMs, () => this.#end(live)));
  }

  /** Keys by which this customer may ask to be called no more: the campaign's, and the one that what is played names. */
  #keysOf(live: LiveCall): string[] {
    const { optOutDigit } = live.campaign.identification;
    const isUsual = isUsualIdentification(this.#playing.get(live) ?? '');
    return [...(optOutDigit === null ? [] : [optOutDigit]), ...(isUsual ? [usualOptOutDigit] : [])];
  }

  /** The opt-out digit stops all calls to this number and customer, and ends the call, in the message or after it. */
  pressed(live: LiveCall, digit: string): void {
    if (live.call.state !== 'announcing' || !this.#keysOf(live).includes(digit)) return;
    const { e164, customerId, id: callId } = live.call;
    const at = this.#ctx.app.clock.now();
    const also = this.#optOuts.add({ callId, e164, customerId, leadId: null, at });
    // Its lead ends with the call.
    live.optedOut = true;
    this.#actions.end(live, 'abandoned', 'customer', null, { also });
  }

  #pause(live: LiveCall): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#ctx.app.clock.after(languageWithinMs, resolve);
      live.stopTimers.push(() => (cancel(), resolve()));
    });
  }
}
