import { CallRate } from './call-rate.ts';
import { Doubts } from './doubts.ts';
import { ranks, Turns } from './turns.ts';
import { probeEveryMs, type HealthState, type TrunkHealth } from '../line-health/trunk-health.ts';
import type { Trunk } from './trunk.ts';

/** Why none of a campaign's trunks takes a call now. */
export type NoTrunk =
  /** None is assigned, or all are switched off. */
  | { readonly ok: false; readonly reason: 'none' }
  | { readonly ok: false; readonly reason: 'full' }
  | { readonly ok: false; readonly reason: 'calls-per-second' }
  /** All that are left have failed too often; `until` is when the first is tried again. */
  | { readonly ok: false; readonly reason: 'failing'; readonly until: number }
  /** All have been tried for this call. */
  | { readonly ok: false; readonly reason: 'tried' };

/** `among`: the trunks of its rank that could have taken the call as well. */
export type TrunkChoice =
  { readonly ok: true; readonly trunk: Trunk; readonly among: readonly number[] } | NoTrunk;

export interface TrunkUse {
  readonly trunk: Trunk;
  readonly channelsInUse: number;
  readonly restsUntil: number | null;
  /** Its rest is over, and no call has left over it since. */
  readonly toBeTried: boolean;
  readonly refusesUs: boolean;
  readonly troubledSince: number | null;
}

interface Slot {
  trunk: Trunk;
  rate: CallRate;
  /** Channels in use on it, by channel id. */
  channels: Set<string>;
  /** Channels that are this dialer's to use. */
  most: number;
  failures: number;
  quarantines: number;
  /** Not used before then, after failures; 0: in use. */
  restsUntil: number;
  /** The one call that goes out after a rest, to see. */
  probe: string | null;
  /** Its rule has left nothing of a number, and it has carried no call since. */
  leftNothing: boolean;
  /** Since when it has carried no call and refused at least one. */
  troubledSince: number | null;
  /** The carrier refuses our login or account, and it has carried no call since. */
  refusesUs: boolean;
  doubts: Doubts;
  /** What has come of its calls so far, whatever it does now. */
  health: HealthState;
  /** When a call last went over it to see whether it is well again. */
  triedAt: number;
}

/** What may be chosen for one call. */
export interface Wanted {
  /** Trunks of the rank of the one before them, which take turns by weight. */
  readonly shared?: readonly number[];
  /** Whom the call is for. Who was called to try a trunk is not called so again for a day, over whichever trunk. */
  readonly lead?: string;
}

const triedLeadMs = 24 * 3_600_000;
const failuresAllowed = 3;
const firstRestMs = 10_000;
const longestRestMs = 120_000;

/** What is known of the trunks now: who is on them, how fast they may be used, which have failed. */
export class TrunkPool {
  readonly #slots = new Map<number, Slot>();
  #share = { index: 0, of: 1 };
  readonly #turns = new Turns();
  /** When a call to them has tried a trunk, oldest first. */
  readonly #triedLeads = new Map<string, number>();
  #health: ReadonlyMap<number, Pick<TrunkHealth, 'state'>> = new Map();

  /** Takes over the trunks as they are stored now; calls on them go on. */
  load(trunks: readonly Trunk[]): void {
    const known = new Set(trunks.map((trunk) => trunk.id));
    for (const id of this.#slots.keys()) if (!known.has(id)) this.#slots.delete(id);
    for (const trunk of trunks) {
      const slot = this.#slots.get(trunk.id);
      if (slot) {
        // A trunk that was changed gets another chance at once.
        if (slot.trunk.updatedAt !== trunk.updatedAt)
          Object.assign(slot, { ...unblemished, doubts: new Doubts() });
        slot.trunk = trunk;
      } else
        this.#slots.set(trunk.id, {
          trunk,
          rate: new CallRate(trunk.callsPerSecond),
          channels: new Set(),
          most: trunk.channels,
          ...unblemished,
          doubts: new Doubts(),
          health: this.#health.get(trunk.id)?.state ?? 'free',
          triedAt: Number.NEGATIVE_INFINITY,
        });
    }
    this.#turns.forget();
    this.#divide();
  }

  /** Takes over what is known of their health now; of those that are not named nothing speaks against. */
  setHealth(health: ReadonlyMap<number, Pick<TrunkHealth, 'state'>>): void {
    this.#health = health;
    for (const [id, slot] of this.#slots) slot.health = health.get(id)?.state ?? 'free';
  }

  /** Several dialers use the same trunks: each takes an equal part of the channels and of the calls per second. */
  shareWith(of: number, index: number): void {
    this.#share = { of: Math.max(1, of), index };
    this.#divide();
  }

  /** Dialers that run, this one among them. */
  get dialers(): number {
    return this.#share.of;
  }

  #divide(): void {
    const { of, index } = this.#share;
    for (const slot of this.#slots.values()) {
      const { channels, callsPerSecond } = slot.trunk;
      // What does not divide goes to another on each trunk, or small trunks would all be the first dialer's.
      const turn = (index + slot.trunk.id) % of;
      slot.most = Math.floor(channels / of) + (turn < channels % of ? 1 : 0);
      slot.rate.rate = callsPerSecond / of;
    }
  }

  get(id: number): Trunk | undefined {
    return this.#slots.get(id)?.trunk;
  }

  /** How many calls could leave over these trunks now. */
  capacity(ids: readonly number[], now: number): number {
    let sum = 0;
    const assigned = this.#assigned(ids);
    const trials = trialsOf(assigned, now);
    for (const slot of inUse(assigned, now)) {
      if (!isWorking(slot, now)) continue;
      const one = slot.restsUntil > 0 || trials.includes(slot);
      sum += Math.min(one ? 1 : free(slot), free(slot), slot.rate.available(now));
    }
    return sum;
  }

  /**
   * A trunk of the first rank in the given order that can take a call now. Nothing is taken yet.
   */
  choose(
    ids: readonly number[],
    tried: ReadonlySet<number>,
    now: number,
    { shared = [], lead }: Wanted = {},
  ): TrunkChoice {
    const assigned = this.#assigned(ids);
    if (assigned.length === 0) return { ok: false, reason: 'none' };
    const mayTry = !this.#hasTried(lead, now);
    const left = inUse(assigned, now, mayTry).filter((slot) => !tried.has(slot.trunk.id));
    if (left.length === 0) return { ok: false, reason: 'tried' };
    const working = left.filter((slot) => isWorking(slot, now));
    if (working.length === 0)
      return {
        ok: false,
        reason: 'failing',
        until: Math.min(...left.map((slot) => Math.max(slot.restsUntil, now))),
      };
    const roomy = working.filter((slot) => free(slot) > 0);
    if (roomy.length === 0) return { ok: false, reason: 'full' };
    const open = new Set(
      roomy.filter(({ rate }) => rate.available(now) > 0).map((candidate) => candidate.trunk.id),
    );
    if (open.size === 0) return { ok: false, reason: 'calls-per-second' };
    // Whatever its rank: a trunk that is only asked when all others are full is never known to be well again.
    const trial = mayTry && trialsOf(assigned, now).find((slot) => open.has(slot.trunk.id));
    if (trial) return { ok: true, trunk: trial.trunk, among: [trial.trunk.id] };
    const among = ranks(ids, shared)
      .map((rank) => rank.filter((id) => open.has(id)))
      .find((rank) => rank.length > 0)!;
    const id = this.#turns.next(among, (each) => this.#slots.get(each)!.trunk.weight);
    return { ok: true, trunk: this.#slots.get(id)!.trunk, among };
  }

  #hasTried(lead: string | undefined, now: number): boolean {
    const at = lead === undefined ? undefined : this.#triedLeads.get(lead);
    // A clock that was set back must not keep them for ever.
    return at !== undefined && at <= now && now - at < triedLeadMs;
  }

  /** A call begins over the trunk, chosen from `among`, for `lead`. */
  seize(
    id: number,
    channelId: string,
    now: number,
    { among = [id], lead }: { readonly among?: readonly number[]; readonly lead?: string } = {},
  ): void {
    const slot = this.#slots.get(id);
    if (!slot) return;
    this.#turns.taken(id, among, (each) => this.#slots.get(each)?.trunk.weight ?? 0);
    slot.rate.note(now);
    slot.triedAt = now;
    if (lead !== undefined && slot.health === 'probing') this.#leadTried(lead, now);
    slot.channels.add(channelId);
    if (slot.restsUntil > 0) slot.probe = channelId;
  }

  #leadTried(lead: string, now: number): void {
    this.#triedLeads.delete(lead);
    this.#triedLeads.set(lead, now);
    for (const [old, at] of this.#triedLeads) {
      if (now - at < triedLeadMs) return;
      this.#triedLeads.delete(old);
    }
  }

  /** A call of an earlier process is found on the trunk: it takes a channel, and none of the calls per second. */
  occupy(id: number, channelId: string): void {
    this.#slots.get(id)?.channels.add(channelId);
  }

  /** Whether this trunk could take one more call now, rested or not. */
  hasRoom(id: number, now: number): boolean {
    const slot = this.#slots.get(id);
    return slot !== undefined && free(slot) > 0 && slot.rate.available(now) > 0;
  }

  free(id: number, channelId: string): void {
    const slot = this.#slots.get(id);
    if (!slot) return;
    slot.channels.delete(channelId);
    // It ended without telling: the next call is the probe.
    if (slot.probe === channelId) slot.probe = null;
  }

  /** The trunk carried a call to the network. True when it had been failing. */
  worked(id: number): boolean {
    const slot = this.#slots.get(id);
    if (!slot) return false;
    const wasResting = slot.restsUntil > 0;
    Object.assign(slot, unblemished);
    slot.doubts.carried();
    return wasResting;
  }

  /**
   * A call over it rings: numbers that are refused beside it are no sign against our login. The probe has shown then what
   * it was to show, long before anybody picks up; what the trunk has refused is remembered, so that the next refusal is
   * a longer rest. True when it had been resting.
   */
  rings(id: number, channelId: string): boolean {
    const slot = this.#slots.get(id);
    if (!slot) return false;
    slot.doubts.carried();
    if (slot.probe !== channelId) return false;
    slot.probe = null;
    slot.restsUntil = 0;
    slot.refusesUs = false;
    return true;
  }

  /**
   * The trunk refused a call. Returns until when it rests now, or null when it is used on. One that `refusesUs` does so
   * whomever is called, and rests at once.
   */
  failed(id: number, now: number, refusesUs = false): number | null {
    const slot = this.#slots.get(id);
    if (!slot) return null;
    slot.failures = refusesUs ? Math.max(slot.failures + 1, failuresAllowed) : slot.failures + 1;
    slot.troubledSince ??= now;
    if (refusesUs) slot.refusesUs = true;
    if (slot.probe === null && slot.failures < failuresAllowed) return null;
    // A burst that was under way when the rest began says nothing new.
    if (slot.probe === null && slot.restsUntil > now) return null;
    slot.restsUntil = now + Math.min(longestRestMs, firstRestMs * 2 ** slot.quarantines);
    slot.quarantines += 1;
    slot.probe = null;
    return slot.restsUntil;
  }

  /**
   * The trunk refused this number at once, and nobody says why. Returns as `failed` does, or `number` when the number is
   * at fault itself and the trunk is as it was.
   */
  doubted(id: number, e164: string, now: number): number | null | 'number' {
    const slot = this.#slots.get(id);
    if (!slot || slot.doubts.isNumbers(e164)) return 'number';
    slot.doubts.add(e164);
    const { pointAtTrunk } = slot.doubts;
    return pointAtTrunk || slot.probe !== null ? this.failed(id, now, pointAtTrunk) : null;
  }

  /** The first of these trunks that refuses our login or account. */
  thatRefusesUs(ids: readonly number[]): Trunk | null {
    const slot = ids.flatMap((id) => this.#slots.get(id) ?? []).find(({ refusesUs }) => refusesUs);
    return slot?.trunk ?? null;
  }

  /** The trunk's rule leaves nothing of a number: the way is not at fault, and other numbers go over it. */
  leavesNothing(id: number): void {
    const slot = this.#slots.get(id);
    if (slot) slot.leftNothing = true;
  }

  /** The first of these trunks whose rule has left nothing of a number. */
  withUselessRule(ids: readonly number[]): Trunk | null {
    const slot = ids.flatMap((id) => this.#slots.get(id) ?? []).find(({ leftNothing }) => leftNothing);
    return slot?.trunk ?? null;
  }

  status(now: number): TrunkUse[] {
    return [...this.#slots.values()].map((slot) => ({
      trunk: slot.trunk,
      channelsInUse: slot.channels.size,
      refusesUs: slot.refusesUs,
      troubledSince: slot.troubledSince,
      restsUntil: slot.restsUntil > now || slot.probe !== null ? Math.max(slot.restsUntil, now) : null,
      toBeTried: slot.restsUntil > 0 && isWorking(slot, now),
    }));
  }

  /** Until when the first of them rests, when all of them do; null when one works or none is there. */
  allRestUntil(ids: readonly number[], now: number): number | null {
    const choice = this.choose(ids, new Set(), now);
    return !choice.ok && choice.reason === 'failing' ? choice.until : null;
  }

  has(ids: readonly number[]): boolean {
    return this.#assigned(ids).length > 0;
  }

  /** Those that are not switched off, nor held by somebody. */
  #assigned(ids: readonly number[]): Slot[] {
    return ids
      .flatMap((id) => this.#slots.get(id) ?? [])
      .filter(({ trunk, health }) => trunk.enabled && health !== 'held');
  }
}

const isWorking = ({ restsUntil, probe }: Slot, now: number): boolean => restsUntil <= now && probe === null;

/** One of which other dialers have all channels is none that this one could use instead. */
const mayCarry = (slot: Slot, now: number): boolean => slot.most > 0 && isWorking(slot, now);

/**
 * Those that calls may leave over: without the ones in quarantine, unless no other works. Which of them a call has tried
 * changes nothing in that: what one refuses is no reason to use one that is worse.
 */
function inUse(assigned: readonly Slot[], now: number, mayTry = true): readonly Slot[] {
  const sound = assigned.filter(({ health }) => health === 'free');
  if (!sound.some((slot) => mayCarry(slot, now))) return assigned;
  const trials = mayTry ? trialsOf(assigned, now) : [];
  return assigned.filter((slot) => slot.health === 'free' || trials.includes(slot));
}

/** Those over which one call is to go now, to see whether they are well again. */
function trialsOf(assigned: readonly Slot[], now: number): Slot[] {
  if (!assigned.some((slot) => slot.health === 'free' && mayCarry(slot, now))) return [];
  // A clock that was set back must not put it off for ever.
  return assigned.filter(
    ({ health, triedAt }) => health === 'probing' && (now - triedAt >= probeEveryMs || triedAt > now),
  );
}

const unblemished = {
  failures: 0,
  quarantines: 0,
  restsUntil: 0,
  probe: null,
  leftNothing: false,
  refusesUs: false,
  troubledSince: null,
};

function free(slot: Slot): number {
  return Math.max(0, slot.most - slot.channels.size);
}
