import type { CallOutcome } from '../calls/call.ts';
import { unansweredMeaning, type UnansweredEnd } from '../calls/cause.ts';
import { amdArguments } from '../amd/index.ts';
import { amdVariable } from '../telephony/dialplan.ts';
import { TelephonyError } from '../telephony/telephony.ts';
import { headersFor } from '../trunks/sip-headers.ts';
import { dialString, type Trunk } from '../trunks/trunk.ts';
import type { TrunkChoice } from '../trunks/trunk-pool.ts';
import type { Actions } from './actions.ts';
import { channelNames, mayHaveLeft } from './channels.ts';
import type { DialerContext } from './context.ts';
import { databaseFault } from './refused-leads.ts';
import { isStale, mayLeaveUntil } from './leave.ts';
import type { LiveCall } from './live-calls.ts';
import type { Roster } from './roster.ts';

const tokenWaitMs = 200;
/** How long a call may wait for a trunk's calls per second before it is given up. */
const tokenPatienceMs = 5_000;

/** A carrier refuses a login within the time of a few packets; a customer, and most networks, take longer. */
const atOnceMs = 2_000;

/** Brings calls onto trunks: one after the other until one takes it. */
export class Dialling {
  readonly #ctx: DialerContext;
  readonly #actions: Actions;

  readonly #roster: Pick<Roster, 'entries'>;
  /** When a call left over the trunk that it is on. */
  readonly #leftAt = new WeakMap<LiveCall, number>();
  /** What the latest trunk has said instead of carrying the call. */
  readonly #refusals = new WeakMap<LiveCall, { outcome: CallOutcome; cause: number | null }>();
  /** Calls of which the trunk has sent sound, and has not said that they ring. */
  readonly #onlyHeard = new WeakSet<LiveCall>();

  constructor(ctx: DialerContext, actions: Actions, roster: Pick<Roster, 'entries'>) {
    this.#ctx = ctx;
    this.#actions = actions;
    this.#roster = roster;
  }

  /**
   * Dials over the first trunk that takes the call. Each time it leaves, the gate has been asked in that moment and the
   * campaign still runs: a wait for the trunk's pace, or a trunk that refuses, uses up the leave it had.
   */
  async dial(live: LiveCall, patienceMs = tokenPatienceMs): Promise<void> {
    const { trunks, app } = this.#ctx;
    for (;;) {
      if (!this.#mayDial(live)) return;
      const { sharedTrunkIds } = live.campaign;
      const choice = trunks.choose(live.trunkIds, live.triedTrunks, app.clock.now(), {
        ...{ shared: sharedTrunkIds, lead: whomOf(live) },
      });
      if (!choice.ok) {
        if (choice.reason !== 'calls-per-second' || patienceMs <= 0) return this.#giveUp(live);
        live.leaveUntil = null;
        app.clock.after(tokenWaitMs, () => void this.dial(live, patienceMs - tokenWaitMs));
        return;
      }
      const endpoint = dialString(choice.trunk, live.call.e164);
      if (endpoint === null) {
        this.#leavesNothing(live, choice.trunk);
        continue;
      }
      if (live.leaveUntil === null || app.clock.now() >= live.leaveUntil) {
        const waitMs = await this.#waitForLeave(live);
        if (waitMs === 0) continue;
        if (waitMs === null) return this.#giveUp(live);
        app.clock.after(waitMs, () => void this.dial(live, patienceMs));
        return;
      }
      if (this.#needsNumber(live)) {
        if (await this.#takeNumber(live)) continue;
        return this.#giveUp(live);
      }
      live.leaveUntil = null;
      if (await this.#originate(live, choice, endpoint)) return;
    }
  }

  /**
   * Asks the gate; after how long to go on, null: not at all. Where the clock is about to end what it allows, it is asked
   * again once it has.
   */
  async #waitForLeave(live: LiveCall): Promise<number | null> {
    const { gate, slowFacts, app } = this.#ctx;
    const { id: callId, e164, path, leadId, customerId } = live.call;
    const campaignId = live.campaign.id;
    const request = { e164, stage: 'dial' as const, path, campaignId, leadId, customerId, callId };
    const verdict = await gate.mayCall(request);
    if (databaseFault(verdict)) live.undialledWaitMs = 0;
    if (!verdict.allowed) {
      app.log.info({ call: callId, reason: verdict.reasonCode }, 'call became forbidden before it left');
      return null;
    }
    const now = app.clock.now();
    if (isStale(verdict, now)) {
      app.log.warn({ call: callId, ms: now - verdict.at }, 'the gate took too long to dial on its answer');
      live.undialledWaitMs = 0;
      slowFacts.begin();
      return null;
    }
    live.leaveUntil = mayLeaveUntil(verdict);
    return now < live.leaveUntil ? 0 : Math.max(1, verdict.goodUntil - now);
  }

  #needsNumber = ({ campaign, poolNumber }: LiveCall): boolean =>
    campaign.numberPoolId !== null && poolNumber === null;

  /** The call keeps its number on every trunk. False: there is none, and its lead is due as before. */
  async #takeNumber(live: LiveCall): Promise<boolean> {
    const { callerNumbers, slowFacts, app } = this.#ctx;
    const { call, campaign } = live;
    try {
      live.poolNumber = await callerNumbers.take(campaign.numberPoolId!, call.e164);
    } catch (error) {
      app.log.warn({ call: call.id, error: String(error) }, 'no caller number could be taken');
      // Its lead is due at once: without a pause it would be tried as fast as the machine can.
      slowFacts.begin();
    }
    if (live.poolNumber === null) live.undialledWaitMs = 0;
    return live.poolNumber !== null;
  }

  /** What the trunk before has said of it stands, where no other takes it. */
  #giveUp(live: LiveCall): void {
    const { triedTrunks, call } = live;
    const refusal = this.#refusals.get(live);
    const refused = refusal?.outcome ?? (call.dialedAt === null ? 'failed' : 'congestion');
    const outcome = triedTrunks.size > 0 ? refused : 'cancelled';
    this.#actions.end(live, outcome, 'system', refusal?.cause ?? null);
  }

  #leavesNothing(live: LiveCall, trunk: Trunk): void {
    live.triedTrunks.add(trunk.id);
    this.#ctx.trunks.leavesNothing(trunk.id);
    this.#ctx.app.log.warn(
      { call: live.call.id, trunk: trunk.id },
      'the dialling rule of this trunk leaves nothing of the number: change the rule',
    );
  }

  /** False when the call did not leave and another trunk may take it. */
  async #originate(
    live: LiveCall,
    { trunk, among }: Extract<TrunkChoice, { ok: true }>,
    endpoint: string,
  ): Promise<boolean> {
    const { calls, channels, trunks, telephony, app } = this.#ctx;
    const { call, campaign } = live;
    live.triedTrunks.add(trunk.id);
    const channelId = channelNames.call(call.id, live.triedTrunks.size);
    const callerId = live.poolNumber ?? campaign.callerId ?? trunk.callerId;
    channels.register(channelId, { kind: 'call', callId: call.id, trunkId: trunk.id });
    trunks.seize(trunk.id, channelId, app.clock.now(), { among, lead: whomOf(live) });
    live.channelId = channelId;
    this.#leftAt.set(live, app.clock.now());
    this.#onlyHeard.delete(live);
    this.#refusals.delete(live);
    // What the trunk before has said is no word of what becomes of it on this one.
    live.refusedUs = false;
    calls.apply(live, { type: call.state === 'created' ? 'dial' : 'redial', trunkId: trunk.id, callerId });
    try {
      await channels.whileAsked(
        channelId,
        telephony.originate({
          channelId,
          endpoint,
          callerId: callerId ?? '',
          ringTimeoutMs: campaign.ringTimeoutMs,
          formats: trunk.codecs.join(','),
          ...(campaign.amd ? { variables: { [amdVariable]: amdArguments(campaign.amdSettings) } } : {}),
          headers: headersFor(trunk.headers, { number: call.e164, callerId: callerId ?? '' }),
        }),
      );
    } catch (error) {
      return this.#originateFailed(live, trunk, channelId, error);
    }
    // Ended while the switch took it: the hang-up may have come before there was anything to hang up.
    if (live.call.state === 'ended') channels.drop(channelId);
    return true;
  }

  #originateFailed(live: LiveCall, trunk: Trunk, channelId: string, error: unknown): boolean {
    const { channels, telephony, app } = this.#ctx;
    const fault = error instanceof TelephonyError ? error.fault : 'refused';
    app.log.debug({ call: live.call.id, trunk: trunk.id, fault }, 'originate failed');
    // Its end may have been told by an event already.
    if (!channels.owner(channelId)) return true;
    if (mayHaveLeft(fault)) channels.doubt(channelId);
    else channels.gone(channelId);
    if (live.channelId !== channelId) return true;
    const trunksFault = fault === 'unreachable-endpoint' || fault === 'refused' || fault === 'not-found';
    if (!trunksFault || telephony.state !== 'up') {
      live.channelId = null;
      this.#actions.end(live, 'failed', 'system');
      return true;
    }
    this.#trunkFailed(trunk.id);
    this.#ctx.lines.unanswered(live.call, live.poolNumber, 'trunk-unreachable');
    return live.call.state === 'ended';
  }

  ringing(live: LiveCall, channelId: string): void {
    if (live.channelId !== channelId || !isDialled(live)) return;
    this.#onlyHeard.delete(live);
    const { trunkId } = live.call;
    if (trunkId !== null && this.#ctx.trunks.rings(trunkId, channelId)) this.#carriesAgain(trunkId);
    if (live.call.state === 'dialing') this.#ctx.calls.apply(live, { type: 'ringing' });
  }

  /** A ringing tone or an announcement of the network in place of "it rings": the same to whoever waits for an answer. */
  earlyMedia(live: LiveCall, channelId: string): void {
    if (live.channelId !== channelId || live.call.state !== 'dialing') return;
    // Carriers play before they refuse as well: it says nothing for the trunk.
    this.#onlyHeard.add(live);
    this.#ctx.calls.apply(live, { type: 'ringing' });
  }

  /** Since when it has been on its way over the trunk that it is on, epoch milliseconds. */
  rungSince(live: LiveCall): number {
    const { ringingAt, dialedAt, createdAt } = live.call;
    return this.#leftAt.get(live) ?? ringingAt ?? dialedAt ?? createdAt;
  }

  answered(live: LiveCall, trunkId: number): void {
    live.refusedUs = false;
    this.trunkWorked(trunkId);
  }

  /** The customer's leg is gone without an answer. */
  unanswered(live: LiveCall, trunkId: number, end: UnansweredEnd): void {
    const { trunks, lines, app } = this.#ctx;
    const { outcome, words, trunk: isTrunks, refusesUs } = this.#meaningOf(live, trunkId, end);
    live.refusedUs = refusesUs;
    if (outcome !== 'cancelled') lines.unanswered(live.call, live.poolNumber, words);
    if (isTrunks) {
      const next = trunks.choose(live.trunkIds, live.triedTrunks, app.clock.now(), { lead: whomOf(live) });
      const isThereAnother = next.ok || (next.reason !== 'none' && next.reason !== 'tried');
      this.#refusals.set(live, { outcome, cause: end.cause });
      if (isThereAnother && this.#mayDial(live)) return void this.#actions.dial(live);
    }
    const byNetwork = outcome === 'congestion' || outcome === 'failed';
    this.#actions.end(live, outcome, byNetwork ? 'system' : 'customer', end.cause);
  }

  /** What the end means, of which the trunk is told as well: of a doubtful one it knows better. */
  #meaningOf(live: LiveCall, trunkId: number, end: UnansweredEnd): ReturnType<typeof unansweredMeaning> {
    const { trunks, app } = this.#ctx;
    const meaning = unansweredMeaning(end);
    const now = app.clock.now();
    if (
      meaning.isDoubtful &&
      (live.call.state === 'dialing' || this.#onlyHeard.has(live)) &&
      now - (this.#leftAt.get(live) ?? 0) < atOnceMs
    ) {
      const restsUntil = trunks.doubted(trunkId, live.call.e164, now);
      if (restsUntil === 'number') return meaning;
      this.#rests(trunkId, restsUntil);
      return { ...meaning, outcome: 'failed', trunk: true, refusesUs: true };
    }
    if (meaning.trunk) this.#trunkFailed(trunkId, meaning.refusesUs);
    else this.trunkWorked(trunkId);
    return meaning;
  }

  trunkWorked(trunkId: number): void {
    if (this.#ctx.trunks.worked(trunkId)) this.#carriesAgain(trunkId);
  }

  #carriesAgain(trunkId: number): void {
    this.#ctx.app.log.info({ trunk: trunkId }, 'trunk carries calls again');
  }

  #trunkFailed(trunkId: number, refusesUs = false): void {
    const { trunks, app } = this.#ctx;
    this.#rests(trunkId, trunks.failed(trunkId, app.clock.now(), refusesUs));
  }

  #rests(trunkId: number, until: number | null): void {
    const { trunks, app } = this.#ctx;
    if (until === null) return;
    const restSeconds = Math.round((until - app.clock.now()) / 1000);
    const why = trunks.thatRefusesUs([trunkId])
      ? 'trunk refuses our login or account'
      : 'trunk refuses calls';
    app.log.warn({ trunk: trunkId, restSeconds }, `${why}: it rests, then one call is tried`);
  }

  /** Whether this call is still to be placed: nobody ended it, campaign and agent want it, and the switch is there. */
  #mayDial(live: LiveCall): boolean {
    const { telephony, agents, calls } = this.#ctx;
    const { call, forAgent } = live;
    if (call.state === 'ended') return false;
    const isWanted = forAgent === null || agents.get(forAgent)?.agent.callId === call.id;
    // Beside a customer's call it is wanted as long as that customer is there, whether the campaign dials on or not.
    const goesOn =
      call.parentId === null
        ? isWanted && this.#roster.entries.has(live.campaign.id)
        : (calls.get(call.parentId)?.call.state ?? 'ended') !== 'ended';
    if (!goesOn) {
      this.#giveUp(live);
      return false;
    }
    if (telephony.state === 'up') return true;
    this.#actions.end(live, 'failed', 'system');
    return false;
  }
}

const isDialled = ({ call }: LiveCall): boolean => call.state === 'dialing' || call.state === 'ringing';

/** The same through all attempts on a lead, by whatever number; of a call without one its number. */
const whomOf = ({ call }: LiveCall): string => (call.leadId === null ? call.e164 : `lead ${call.leadId}`);
