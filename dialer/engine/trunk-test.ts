import { randomBytes } from 'node:crypto';
import { CommandRefused } from '../../core/bus/bus.ts';
import { unansweredMeaning } from '../calls/cause.ts';
import { TelephonyError } from '../telephony/telephony.ts';
import { headersFor } from '../trunks/sip-headers.ts';
import { dialString } from '../trunks/trunk.ts';
import { channelNames, mayHaveLeft } from './channels.ts';
import type { DialerContext } from './context.ts';

const ringMs = 20_000;
const talkMs = 3_000;
const givenUpAfterMs = 60_000;

/** Reasons for which even an administrator's test call is not placed. Hours and attempts do not bind it. */
const forbidden = new Set([
  'NUMBER_INVALID',
  'DNC_INTERNAL',
  'DNC_NATIONAL',
  'CONSENT_REVOKED',
  'NUMBER_REASSIGNED',
  'EMERGENCY_SUPPRESSION',
  'FACTS_UNAVAILABLE',
]);

/** A short call over one trunk, outside any campaign, to a number that the administrator names. */
export class TrunkTest {
  readonly #ctx: DialerContext;
  #running = false;

  constructor(ctx: DialerContext) {
    this.#ctx = ctx;
  }

  /** `outcome` is a key under `dialer:cause`. @throws CommandRefused */
  async run(request: {
    trunkId: number;
    e164: string;
  }): Promise<{ outcome: string; cause: number; ms: number }> {
    const { trunks, telephony, gate, app, channels } = this.#ctx;
    const trunk = trunks.get(request.trunkId);
    if (!trunk) throw new CommandRefused('no-trunk');
    if (telephony.state !== 'up') throw new CommandRefused('switch-down');
    if (this.#running) throw new CommandRefused('too-many-lines');
    this.#running = true;
    try {
      const verdict = await gate.mayCall({
        e164: request.e164,
        stage: 'dial',
        path: 'api',
        campaignId: null,
      });
      if (!verdict.allowed && forbidden.has(verdict.reasonCode))
        throw new CommandRefused('blocked-by-gate', { reasonCode: verdict.reasonCode });
      const begun = app.clock.now();
      if (!trunks.hasRoom(trunk.id, begun)) throw new CommandRefused('no-trunk');
      const endpoint = dialString(trunk, request.e164);
      if (endpoint === null) return { outcome: 'trunk-rule', cause: 0, ms: 0 };
      const channelId = channelNames.test(randomBytes(8).toString('hex'));
      const result = await new Promise<{ outcome: string; cause: number }>((resolve) => {
        let answered = false;
        const stopRinging = app.clock.after(ringMs + 5_000, () => channels.drop(channelId));
        // Of a switch that was away while it ended nothing is told: the next test is not kept waiting for ever.
        const giveUp = app.clock.after(givenUpAfterMs, () => tell({ outcome: 'failed', cause: 0 }));
        const tell = (came: { outcome: string; cause: number }) => {
          giveUp();
          resolve(came);
        };
        channels.register(channelId, {
          kind: 'test',
          trunkId: trunk.id,
          answered() {
            answered = true;
            app.clock.after(talkMs, () => channels.drop(channelId));
          },
          ended(end) {
            stopRinging();
            const { words, refusesUs } = unansweredMeaning(end);
            // What is put right at the carrier is known by it, and what is wrong there as well.
            if (answered) trunks.worked(trunk.id);
            else if (refusesUs) trunks.failed(trunk.id, app.clock.now(), true);
            tell({ outcome: answered ? 'answered' : words, cause: end.cause });
          },
        });
        trunks.seize(trunk.id, channelId, begun);
        telephony
          .originate({
            channelId,
            endpoint,
            callerId: trunk.callerId ?? '',
            ringTimeoutMs: ringMs,
            formats: trunk.codecs.join(','),
            headers: headersFor(trunk.headers, { number: request.e164, callerId: trunk.callerId ?? '' }),
          })
          .catch((error: unknown) => {
            const fault = error instanceof TelephonyError ? error.fault : 'refused';
            stopRinging();
            if (mayHaveLeft(fault)) channels.doubt(channelId);
            else channels.gone(channelId);
            tell({ outcome: fault === 'unreachable-endpoint' ? 'trunk-unreachable' : 'failed', cause: 0 });
          });
      });
      return { ...result, ms: app.clock.now() - begun };
    } finally {
      this.#running = false;
    }
  }
}
