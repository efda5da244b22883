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

/** What a customer is told, and how far it has come. */
interface Telling {
  /** Nothing is begun from then on, epoch milliseconds: a dialer that has been stopped or replaced would try for ever. */
  readonly until: number;
  /** Sounds that are left to try, the best first. */
  left: readonly string[];
  /** What is played, or has been. */
  media: string;
  /** The latest; what becomes of an earlier one is no news. */
  playbackId: string;
  tries: number;
  phase: 'asked' | 'plays' | 'over';
  /** How often the link had been cut when it was asked for. */
  cuts: number;
}

/** Tells an abandoned customer who called and how to be called no more. */
export class Announcer {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #mediaFor: IdentificationMedia;
  readonly #optOuts: OptOuts;
  readonly #tellings = new WeakMap<LiveCall, Telling>();
  #cuts = 0;

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
    const until = app.clock.now() + longestMessageMs;
    const telling: Telling = { until, left: [], media: '', playbackId: '', tries: 0, phase: 'over', cuts: 0 };
    this.#tellings.set(live, telling);
    void this.#begin(live, telling);
    return true;
  }

  /** Whose language is not known, or not in time, is told in that of their number's country. */
  async #begin(live: LiveCall, telling: Telling): Promise<void> {
    if (live.language === undefined) await Promise.race([this.prepare(live), this.#pause(live)]);
    const language = live.language ?? usualLanguage(live.call.e164);
    telling.left = this.#mediaFor(live.campaign.identification, language);
    this.#playNext(live, telling);
  }

  /** Plays the best sound that is left; one that cannot be played gives way to the next. */
  #playNext(live: LiveCall, telling: Telling): void {
    const [media, ...left] = telling.left;
    if (live.call.state !== 'announcing' || !live.channelId) return;
    if (media === undefined) {
      this.#ctx.app.log.error({ call: live.call.id }, 'no identification message could be played');
      return this.#end(live);
    }
    telling.left = left;
    this.#play(live, telling, media);
  }

  #play(live: LiveCall, telling: Telling, media: string): void {
    const { call, channelId } = live;
    const { telephony, app } = this.#ctx;
    if (call.state !== 'announcing' || !channelId || app.clock.now() >= telling.until) return;
    const playbackId = `${playbackPrefix}${call.id}-${++telling.tries}`;
    Object.assign(telling, { media, playbackId, phase: 'asked', cuts: this.#cuts });
    const isAsked = () => telling.playbackId === playbackId && telling.phase === 'asked';
    telephony.play({ channelId }, media, playbackId).then(
      () => {
        if (isAsked()) telling.phase = 'plays';
      },
      (error: unknown) => {
        // Its end has been told: only the answer was lost.
        if (!isAsked()) return;
        // Who is still on the line once it is back hears who called.
        if (isLinkAway(telephony, error)) {
          const again = () => this.#playAnew(live, telling);
          return void live.stopTimers.push(app.clock.after(askAgainMs, again));
        }
        app.log.warn({ call: call.id, media, error: String(error) }, 'identification message was refused');
        this.#playNext(live, telling);
      },
    );
  }

  /** From here on the end of what is played is told to nobody. */
  linkCut(): void {
    this.#cuts += 1;
  }

  /** The link is back: who was being told as it was cut may hear silence by now. */
  linkBack(live: LiveCall): void {
    const telling = this.#tellings.get(live);
    if (telling?.phase === 'plays' && telling.cuts !== this.#cuts) this.#playAnew(live, telling);
  }

  /** From its first word; the switch may play it still, and must not say it twice. */
  #playAnew(live: LiveCall, telling: Telling): void {
    if (live.call.state !== 'announcing') return;
    this.#ctx.telephony.stopPlayback(telling.playbackId).catch(() => {});
    this.#play(live, telling, telling.media);
  }

  #end(live: LiveCall): void {
    this.#actions.end(live, 'abandoned', 'system');
  }

  playbackFinished(playbackId: string, failed: boolean): void {
    if (!playbackId.startsWith(playbackPrefix)) return;
    const callId = playbackId.slice(playbackPrefix.length).replace(/-\d+$/, '');
    const live = this.#ctx.calls.get(callId);
    const telling = live && this.#tellings.get(live);
    if (live?.call.state !== 'announcing' || telling?.playbackId !== playbackId) return;
    telling.phase = 'over';
    if (failed) {
      this.#ctx.app.log.warn(
        { call: live.call.id, campaign: live.campaign.id, media: telling.media },
        'the switch could not play this identification message; the next is tried: see bin/ringwise asterisk check',
      );
      this.#playNext(live, telling);
    } else if (this.#keysOf(live).length === 0) this.#end(live);
    else live.stopTimers.push(this.#ctx.app.clock.after(keyAfterMs, () => this.#end(live)));
  }

  /** Keys by which this customer may ask to be called no more: the campaign's, and the one that what is played names. */
  #keysOf(live: LiveCall): string[] {
    const { optOutDigit } = live.campaign.identification;
    const isUsual = isUsualIdentification(this.#tellings.get(live)?.media ?? '');
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
