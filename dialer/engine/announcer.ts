import { chooseLanguage } from '../../crm/index.ts';
import type { Actions } from './actions.ts';
import type { DialerContext } from './context.ts';
import type { LiveCall } from './live-calls.ts';

/** A message that does not end by itself is ended. */
const longestMessageMs = 40_000;
const playbackPrefix = 'rw-say-';

/** Finds the sound of a campaign's identification message in a language; null when there is none. */
export type IdentificationMedia = (campaignId: number, language: string) => Promise<string | null>;

/** Tells an abandoned customer who called and how to be called no more. */
export class Announcer {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;
  readonly #mediaFor: IdentificationMedia;

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
    this.#play(live).catch((error: unknown) => {
      app.log.error(
        { call: live.call.id, error: String(error) },
        'identification message could not be played',
      );
      this.#actions.end(live, 'abandoned', 'system');
    });
  }

  async #play(live: LiveCall): Promise<void> {
    const media = await this.#mediaFor(live.campaign.id, await this.#languageOf(live));
    if (live.call.state !== 'announcing' || !live.channelId) return;
    if (!media) throw new Error('no sound for it');
    await this.#ctx.telephony.play({ channelId: live.channelId }, media, playbackPrefix + live.call.id);
  }

  playbackFinished(playbackId: string): void {
    if (!playbackId.startsWith(playbackPrefix)) return;
    const live = this.#ctx.calls.get(playbackId.slice(playbackPrefix.length));
    if (live?.call.state === 'announcing') this.#actions.end(live, 'abandoned', 'system');
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

  async #languageOf(live: LiveCall): Promise<string> {
    const { customerId } = live.call;
    const customer =
      customerId === null ? null : await this.#ctx.stores.customers.get(customerId).catch(() => null);
    return chooseLanguage(live.campaign.identification.words, customer?.language ?? null) ?? 'en';
  }
}
