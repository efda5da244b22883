import { feedEveryMs, type ReservedLead } from '../../campaigns/index.ts';
import {
  blockReasons,
  type GatePath,
  type ReasonCode,
  type Verdict,
} from '../../campaigns/compliance/index.ts';
import type { LeadsWanted } from '../protocol.ts';
import type { DialerContext } from './context.ts';
import { askOtherNumbers } from './other-numbers.ts';
import { concernsAll, databaseFault, exceedsCap, setAsideMany } from './refused-leads.ts';

export interface HopperLead {
  readonly lead: ReservedLead;
  readonly lastAgent: number | null;
  readonly since: number;
}

/** Why the hopper is empty: what the last filling found. */
export type Scarcity =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'none'; readonly until: null }
  | { readonly kind: 'not-due'; readonly until: number | null }
  | {
      readonly kind: 'refused';
      readonly reason: ReasonCode;
      readonly until: number | null;
      readonly count: number;
    }
  | { readonly kind: 'database-down' | 'database-slow' };

/** Leads that wait longer than this go back: another cell may have agents for them. */
const staleMs = 120_000;
const lastAgentDays = 30;
const dayMs = 86_400_000;
const smallestBatch = 20;
const largestBatch = 200;
/** After a filling that brought nothing: pauses that grow, so that a list outside its hours costs little. */
const barrenPauseMs = [250, 500, 1_000, 2_000, 5_000];

/** After leads were given to another dialer: longer than any pause of a hopper that is empty. */
const sharedPauseMs = 6_000;
/** The same where those that may not be called have made room for others. */
const madeRoomPauseMs = 500;

/** Leads of one campaign that are reserved and have passed the gate: what may be dialled in the next seconds. */
export class Hopper {
  readonly #ctx: DialerContext;
  readonly #campaignId: number;
  readonly #path: () => GatePath;
  readonly #overCap: () => void;
  #leads: HopperLead[] = [];
  /** Callbacks of agents who are at work, each for its agent alone. */
  #own: HopperLead[] = [];
  #filling = false;
  #closed = false;
  #barren = 0;
  #nextFillAt = 0;
  #feeding = false;
  #fedAt = 0;
  #changed = false;
  #scarcity: Scarcity = { kind: 'unknown' };
  readonly #hasFree: () => boolean;

  /**
   * `path`: asked anew each time, as a campaign's mode may change. `overCap` is told when the gate holds the campaign to
   * one line for each free agent. `hasFree`: somebody here waits for a call.
   */
  constructor(
    ctx: DialerContext,
    campaignId: number,
    path: () => GatePath,
    hasFree: () => boolean,
    overCap = () => {},
  ) {
    this.#ctx = ctx;
    this.#campaignId = campaignId;
    this.#path = path;
    this.#hasFree = hasFree;
    this.#overCap = overCap;
  }

  /** Leads that any agent may get. */
  get size(): number {
    return this.#leads.length;
  }

  /** With those that wait for an agent of theirs. */
  get sizeWithOwn(): number {
    return this.#leads.length + this.#own.length;
  }

  get leadIds(): number[] {
    return [...this.#leads, ...this.#own].map(({ lead }) => lead.id);
  }

  /** It is empty, and nobody has looked yet whether there is anybody to call. */
  get isLooking(): boolean {
    return this.#leads.length === 0 && this.#scarcity.kind === 'unknown';
  }

  get scarcity(): Scarcity {
    return this.#scarcity;
  }

  /** Something about leads or lists has changed: look again at once. */
  lookAgain(): void {
    this.#barren = 0;
    this.#nextFillAt = 0;
    this.#changed = true;
  }

  take(count: number): HopperLead[] {
    return this.#leads.splice(0, count);
  }

  /** The callback that this agent has promised, once it is due. */
  takeOwn(userId: number): HopperLead | null {
    const index = this.#own.findIndex(({ lead }) => lead.agentId === userId);
    return index < 0 ? null : this.#own.splice(index, 1)[0]!;
  }

  /**
   * Fills up to `wanted` when less than half of it is left, with the next callback of each agent who is at work. `done` is
   * called when leads have come or the reason why not has changed.
   */
  fill(wanted: number, atWork: readonly number[], done: () => void): void {
    const now = this.#ctx.app.clock.now();
    this.#feed(now);
    if (this.#filling || this.#closed || this.#leads.length > wanted / 2 || now < this.#nextFillAt) return;
    this.#filling = true;
    const count = Math.min(
      largestBatch,
      Math.max(smallestBatch, wanted - this.#leads.length) * 2 ** Math.min(3, this.#barren),
    );
    this.#fill(count, atWork)
      .catch((error: unknown) => {
        this.#scarcity = { kind: 'database-down' };
        this.#pause();
        this.#ctx.app.log.warn(
          { campaign: this.#campaignId, error: String(error) },
          'no leads could be reserved',
        );
      })
      .finally(() => {
        this.#filling = false;
        if (this.#closed) void this.release();
        else done();
      });
  }

  /** Has the campaign's hopper in the database filled up ahead, so that reserving finds leads there. */
  #feed(now: number): void {
    if (this.#feeding || this.#closed || now < this.#nextFillAt || now - this.#fedAt < feedEveryMs) return;
    this.#feeding = true;
    this.#fedAt = now;
    this.#ctx.stores.leads
      .feed(this.#campaignId, now)
      // Whoever reserves fills it up then, and says why that fails.
      .catch((error: unknown) => this.#ctx.app.log.debug({ error: String(error) }, 'hopper not filled up'))
      .finally(() => (this.#feeding = false));
  }

  async #fill(count: number, atWork: readonly number[]): Promise<void> {
    const { stores, app, dialerId } = this.#ctx;
    const now = app.clock.now();
    if (this.#changed) {
      this.#changed = false;
      await stores.leads.feed(this.#campaignId, now, { force: true });
    }
    const request = {
      campaignId: this.#campaignId,
      count,
      by: dialerId,
      now,
      agentIds: atWork.filter((userId) => !this.#own.some(({ lead }) => lead.agentId === userId)),
      ownEach: 1,
    };
    const reserved = await stores.leads.reserve(request).catch((error: unknown) => {
      this.#unreserve(now);
      throw error;
    });
    if (reserved.length === 0) {
      // Another dialer may hold what is left of the list.
      const wanted: LeadsWanted = { campaignId: this.#campaignId, dialerId };
      if (this.#leads.length === 0 && this.#hasFree()) app.bus.publish('leads.wanted', wanted);
      this.#scarcity = scarcityOf(await stores.leads.nextDueLead(this.#campaignId), now);
      return this.#pause();
    }
    try {
      await this.#sort(reserved, new Set(atWork), now);
    } catch (error) {
      // Those that were set aside are held no more, and stay where they are.
      this.#giveBack(reserved.map((lead) => ({ lead, lastAgent: null, since: now })));
      throw error;
    }
  }

  /** What was reserved at `at` has not been heard of: the answer was lost, and nobody here knows that it is held. */
  #unreserve(at: number): void {
    const { errands, stores, dialerId } = this.#ctx;
    errands.add('unreserve', { campaign: this.#campaignId }, async () => {
      const held = await stores.leads.heldBy(dialerId);
      const lost = held.filter(
        ({ state, campaignId, reservedAt }) =>
          state === 'reserved' && campaignId === this.#campaignId && reservedAt === at,
      );
      await stores.leads.release(
        lost.map(({ id }) => id),
        dialerId,
      );
    });
  }

  /** Asks the gate of each: who passes may be dialled, the others are set aside. */
  async #sort(reserved: readonly ReservedLead[], atWork: ReadonlySet<number>, now: number): Promise<void> {
    const { stores, gate, app } = this.#ctx;
    const ask = (leads: readonly ReservedLead[]) =>
      gate.mayCallMany(
        leads.map((lead) => ({
          ...{ e164: lead.e164, stage: 'reserve' as const, path: this.#path(), campaignId: this.#campaignId },
          ...{ leadId: lead.id, customerId: lead.customerId },
        })),
      );
    let verdicts = await ask(reserved);
    if (verdicts.some(exceedsCap)) {
      this.#overCap();
      verdicts = await ask(reserved);
    }
    const first = reserved.map((lead, index) => ({ lead, verdict: verdicts[index]! }));
    const judged = await askOtherNumbers(this.#ctx, first, ask);
    const allowed = judged.flatMap(({ lead, verdict }) => (verdict.allowed ? [lead] : []));
    const lastAgents = await stores.calls.lastAgents(
      allowed.map((lead) => lead.customerId),
      now - lastAgentDays * dayMs,
    );
    const refused = judged.filter(({ verdict }) => !verdict.allowed);
    await setAsideMany(this.#ctx, refused);
    const since = app.clock.now();
    for (const lead of allowed) {
      const { agentId, customerId, reservedFrom } = lead;
      // One that came although its agent is not at work has been due so long that anyone may keep it.
      const isOwn = reservedFrom === 'callback' && agentId !== null && atWork.has(agentId);
      const entry = { lead, lastAgent: lastAgents.get(customerId) ?? null, since };
      (isOwn ? this.#own : this.#leads).push(entry);
    }
    if (allowed.length > 0) {
      this.#barren = 0;
      this.#scarcity = { kind: 'unknown' };
      return;
    }
    this.#nothingAllowed(refused.map(({ verdict }) => verdict));
    // They have made room: what stands behind them is looked at soon, however many there were.
    if (!refused.every(({ verdict }) => concernsAll(verdict))) this.#nextFillAt = Math.min(this.#nextFillAt, app.clock.now() + madeRoomPauseMs); // prettier-ignore
  }

  #nothingAllowed(verdicts: readonly Verdict[]): void {
    const times = verdicts.flatMap((verdict) => verdict.nextAllowedAt ?? []);
    const counts = new Map<ReasonCode, number>();
    for (const { reasonCode } of verdicts) counts.set(reasonCode, (counts.get(reasonCode) ?? 0) + 1);
    const [reason, count] = [...counts].sort((a, b) => b[1] - a[1])[0]!;
    const lost = verdicts.flatMap((verdict) => databaseFault(verdict) ?? [])[0];
    this.#scarcity =
      reason === 'FACTS_UNAVAILABLE' && lost
        ? { kind: lost }
        : { kind: 'refused', reason, count, until: times.length > 0 ? Math.min(...times) : null };
    this.#pause();
  }

  #pause(): void {
    this.#nextFillAt =
      this.#ctx.app.clock.now() + barrenPauseMs[Math.min(this.#barren, barrenPauseMs.length - 1)]!;
    this.#barren += 1;
  }

  /** Gives back the callbacks of agents who are not at work any more. */
  releaseOwnOfOthers(atWork: ReadonlySet<number>): void {
    const isHere = ({ lead }: HopperLead) => atWork.has(lead.agentId!);
    this.#giveBack(this.#own.filter((entry) => !isHere(entry)));
    this.#own = this.#own.filter(isHere);
  }

  /** Gives back what has waited too long. */
  releaseStale(): void {
    const oldest = this.#ctx.app.clock.now() - staleMs;
    const isFresh = ({ since }: HopperLead) => since >= oldest;
    this.#giveBack([...this.#leads, ...this.#own].filter((entry) => !isFresh(entry)));
    this.#leads = this.#leads.filter(isFresh);
    this.#own = this.#own.filter(isFresh);
  }

  /** Gives back the last half of what waits here, for a dialer that has nothing and an agent free. */
  share(): void {
    const half = this.#leads.length / 2;
    const given = this.#leads.splice(this.#hasFree() ? Math.ceil(half) : Math.floor(half));
    if (given.length === 0) return;
    // Or it would take them back before the other has looked.
    const { app, errands, stores, dialerId } = this.#ctx;
    this.#nextFillAt = Math.max(this.#nextFillAt, app.clock.now() + sharedPauseMs);
    const ids = given.map(({ lead }) => lead.id);
    const freed: LeadsWanted = { campaignId: this.#campaignId, dialerId };
    errands.add('release', { campaign: this.#campaignId }, async () => {
      await stores.leads.release(ids, dialerId);
      app.bus.publish('leads.freed', freed);
    });
  }

  /** Another dialer has given leads back: whoever has none looks at once. */
  freed(): void {
    if (this.#leads.length === 0) this.lookAgain();
  }

  /** Gives everything back. */
  release(): void {
    this.#giveBack([...this.#leads.splice(0), ...this.#own.splice(0)]);
  }

  close(): void {
    this.#closed = true;
    this.release();
  }

  giveBack(lead: ReservedLead): void {
    this.#giveBack([{ lead, lastAgent: null, since: 0 }]);
  }

  #giveBack(leads: readonly HopperLead[]): void {
    if (leads.length === 0) return;
    const { errands, stores, dialerId } = this.#ctx;
    const ids = leads.map(({ lead }) => lead.id);
    errands.add('release', { campaign: this.#campaignId }, () => stores.leads.release(ids, dialerId));
  }
}

const gateReasons = new Set<string>(blockReasons);
/** Nobody knows when these end: the lead only is looked at again. */
const undecided = new Set<string>(['EMERGENCY_SUPPRESSION', 'DNC_SCRUB_STALE', 'FACTS_UNAVAILABLE']);

/** Why nothing could be reserved: nothing left, or the next lead waits, perhaps because of the gate. */
function scarcityOf(next: { nextAt: number; reason: string | null } | null, now: number): Scarcity {
  if (!next) return { kind: 'none', until: null };
  // Due and yet not reserved: callbacks of agents who are not here.
  const until = next.nextAt > now ? next.nextAt : null;
  if (next.reason !== null && gateReasons.has(next.reason))
    return {
      ...{ kind: 'refused', reason: next.reason as ReasonCode, count: 1 },
      until: undecided.has(next.reason) ? null : until,
    };
  return { kind: 'not-due', until };
}
