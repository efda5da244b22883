import { randomBytes } from 'node:crypto';
import { CommandRefused } from '../../core/bus/bus.ts';
import { within } from '../../core/database/in-time.ts';
import type { Verdict } from '../../campaigns/compliance/index.ts';
import { advanceCall, newCall, type Call, type CallEvent, type CallOutcome } from '../calls/call.ts';
import { unansweredMeaning } from '../calls/cause.ts';
import { endedAsTest } from '../calls/trunk-test-call.ts';
import { TelephonyError } from '../telephony/telephony.ts';
import { headersFor } from '../trunks/sip-headers.ts';
import { dialString, type Trunk } from '../trunks/trunk.ts';
import { channelNames, mayHaveLeft } from './channels.ts';
import type { DialerContext } from './context.ts';
import { mayLeaveUntil } from './leave.ts';
import { newCallId } from './live-calls.ts';
import { databaseFault } from './refused-leads.ts';
import { writeTransition, type WrittenEvent } from './write-transition.ts';

const ringMs = 20_000;
const talkMs = 3_000;
const givenUpAfterMs = 60_000;
const writtenWithinMs = 3_000;

/** `outcome` is a key under `dialer:cause`. */
interface Tested {
  readonly outcome: string;
  readonly cause: number;
}

/**
 * A short call over one trunk, outside any campaign, to a number that the administrator names. For the gate it is a call
 * by hand: hours, lists and consents bind it, a leave for one call lets it through, and counts of attempts know of it.
 */
export class TrunkTest {
  readonly #ctx: DialerContext;
  #running = false;

  constructor(ctx: DialerContext) {
    this.#ctx = ctx;
  }

  /** @throws CommandRefused */
  async run({ trunkId, e164 }: { trunkId: number; e164: string }): Promise<Tested & { ms: number }> {
    const { trunks, telephony, calls, journal, app } = this.#ctx;
    const trunk = trunks.get(trunkId);
    if (!trunk) throw new CommandRefused('no-trunk');
    if (telephony.state !== 'up') throw new CommandRefused('switch-down');
    if (!journal.healthy) throw new CommandRefused('database-down');
    if (this.#running) throw new CommandRefused('too-many-lines');
    const callId = newCallId(app.clock.now());
    if (!calls.claim(callId, { e164, customerId: null })) throw new CommandRefused('number-in-call');
    this.#running = true;
    try {
      const verdict = await this.#passGate(callId, e164);
      const begun = app.clock.now();
      if (!trunks.hasRoom(trunk.id, begun)) throw new CommandRefused('no-trunk');
      const endpoint = dialString(trunk, e164);
      if (endpoint === null) return { outcome: 'trunk-rule', cause: 0, ms: 0 };
      const call = new TestCall(this.#ctx, callId, e164);
      await this.#written(call);
      if (app.clock.now() >= mayLeaveUntil(verdict)) {
        call.ends('cancelled');
        throw new CommandRefused('database-slow');
      }
      const result = await this.#dial(call, trunk, endpoint);
      return { ...result, ms: app.clock.now() - begun };
    } finally {
      this.#running = false;
      calls.unclaim(callId);
    }
  }

  async #passGate(callId: string, e164: string): Promise<Verdict> {
    const request = { e164, stage: 'dial', path: 'manual', campaignId: null, callId } as const;
    const verdict = await this.#ctx.gate.mayCall(request);
    if (verdict.allowed) return verdict;
    const lost = databaseFault(verdict);
    if (lost) throw new CommandRefused(lost);
    const { reasonCode, nextAllowedAt } = verdict;
    throw new CommandRefused('blocked-by-gate', { reasonCode, nextAllowedAt });
  }

  /** In the database before the switch is told of it. */
  async #written(call: TestCall): Promise<void> {
    const { app, journal } = this.#ctx;
    const slow = () => new CommandRefused('database-slow');
    try {
      await within(app.clock, journal.flushed(), writtenWithinMs, slow);
    } catch (error) {
      call.ends('cancelled');
      throw error;
    }
  }

  #dial(call: TestCall, trunk: Trunk, endpoint: string): Promise<Tested> {
    const { trunks, telephony, channels, app } = this.#ctx;
    const channelId = channelNames.test(randomBytes(8).toString('hex'));
    const callerId = trunk.callerId ?? '';
    return new Promise<Tested>((resolve) => {
      let answered = false;
      const stopRinging = app.clock.after(ringMs + 5_000, () => channels.drop(channelId));
      const tell = (came: Tested, outcome: CallOutcome) => {
        giveUp();
        call.ends(outcome, came.cause);
        resolve(came);
      };
      // Of a switch that was away while it ended nothing is told: the next test is not kept waiting for ever.
      const giveUp = app.clock.after(givenUpAfterMs, () => tell({ outcome: 'failed', cause: 0 }, 'failed'));
      channels.register(channelId, {
        kind: 'test',
        trunkId: trunk.id,
        answered() {
          answered = true;
          call.apply({ type: 'answer' });
          app.clock.after(talkMs, () => channels.drop(channelId));
        },
        ended(end) {
          stopRinging();
          const { words, refusesUs, outcome } = unansweredMeaning(end);
          // What is put right at the carrier is known by it, and what is wrong there as well.
          if (answered) trunks.worked(trunk.id);
          else if (refusesUs) trunks.failed(trunk.id, app.clock.now(), true);
          tell({ outcome: answered ? 'answered' : words, cause: end.cause }, outcome);
        },
      });
      trunks.seize(trunk.id, channelId, app.clock.now());
      call.apply({ type: 'dial', trunkId: trunk.id, callerId: trunk.callerId });
      telephony
        .originate({
          ...{ channelId, endpoint, callerId, ringTimeoutMs: ringMs, formats: trunk.codecs.join(',') },
          headers: headersFor(trunk.headers, { number: call.e164, callerId }),
        })
        .catch((error: unknown) => {
          const fault = error instanceof TelephonyError ? error.fault : 'refused';
          stopRinging();
          if (mayHaveLeft(fault)) channels.doubt(channelId);
          else channels.gone(channelId);
          const outcome = fault === 'unreachable-endpoint' ? 'trunk-unreachable' : 'failed';
          tell({ outcome, cause: 0 }, 'failed');
        });
    });
  }
}

/** The call as it is kept: no campaign, agent or figure of customers knows of it. */
class TestCall {
  readonly #ctx: DialerContext;
  #call: Call;

  constructor(ctx: DialerContext, id: string, e164: string) {
    this.#ctx = ctx;
    const nobody = { campaignId: null, leadId: null, customerId: null, attempt: 1 };
    const at = ctx.app.clock.now();
    this.#call = newCall({ id, direction: 'out', path: 'manual', e164, ...nobody }, at);
    this.#write(null, { type: 'create' }, at);
  }

  get e164(): string {
    return this.#call.e164;
  }

  apply(event: CallEvent): void {
    const at = this.#ctx.app.clock.now();
    const before = this.#call;
    const advance = advanceCall(before, event, at);
    if (!advance.ok) return;
    this.#call = event.type === 'end' ? endedAsTest(advance.call) : advance.call;
    this.#write(before, event, at);
  }

  ends(reported: CallOutcome, cause: number | null = null): void {
    this.apply({ type: 'end', reported, by: 'system', cause, graceMs: 0 });
  }

  #write(before: Call | null, event: WrittenEvent, at: number): void {
    const { journal, stores, app, dialerId } = this.#ctx;
    writeTransition({ journal, calls: stores.calls, bus: app.bus, dialerId }, this.#call, before, event, at);
  }
}
