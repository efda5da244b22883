import type { App } from '../../core/app.ts';
import { UserStore } from '../../core/users/index.ts';
import { createCampaignStore } from '../../campaigns/campaigns/index.ts';
import { createPauseCodeStore } from '../agents/pause-code-store.ts';
import type { PauseCode } from '../agents/pause-code.ts';
import type { CallState } from '../calls/call.ts';
import { askEach } from '../cells/ask-dialers.ts';
import { lineNowTopic, type LineNowTold } from '../line-quality/index.ts';
import type { AgentSnapshot, CallTransition, FloorCall } from '../protocol.ts';
import { isNewer } from '../workspace/bar.ts';
import { floorLimits, poorLineSetting, type FloorLimits } from './floor-settings.ts';

/** An agent of the floor; without a snapshot nobody has heard of them since the dialers began. */
export interface FloorAgent {
  readonly userId: number;
  readonly name: string;
  readonly snapshot: AgentSnapshot | null;
}

/** How an agent's talk has sounded a moment ago. */
export interface FloorLine extends LineNowTold {
  readonly at: number;
  readonly isPoor: boolean;
}

/** The floor as this process knows it, for no reader in particular. */
export interface Floor {
  readonly agents: ReadonlyMap<number, FloorAgent>;
  readonly calls: ReadonlyMap<string, FloorCall>;
  readonly campaigns: ReadonlyMap<number, string>;
  readonly pauseCodes: ReadonlyMap<number, PauseCode>;
  readonly limits: FloorLimits;
  /** By agent. */
  readonly lines: ReadonlyMap<number, FloorLine>;
  readonly silent: readonly string[];
  readonly away: boolean;
}

export interface FloorNews {
  /** Everything may have changed. */
  readonly whole: boolean;
  readonly agents: ReadonlySet<number>;
  readonly calls: ReadonlySet<string>;
}

type Listener = (floor: Floor, news: FloorNews) => void;

/** All that happens in this time goes out together. */
const tellMs = 250;
/** An event may be lost, and a dialer that dies tells nothing: everything is read anew this often. */
const rereadMs = 5_000;
const askMs = 1_500;
/** A page tells of its line every six seconds; one that has told nothing for so long is not measuring any more. */
const lineHoldsMs = 20_000;
/** A line that was poor is better once it is by so much: one at the limit would come and go. */
const betterMos = 0.2;

const open: ReadonlySet<CallState> = new Set([
  ...(['dialing', 'ringing', 'detecting', 'waiting', 'messaging'] as const),
  ...(['announcing', 'connected', 'held'] as const),
  ...(['parked', 'transferring', 'outside'] as const),
]);

/**
 * The floor for any number of viewers: read from all dialers once, and kept by the events that they tell of each agent
 * and call. Listens only while somebody looks.
 */
export class FloorHub {
  readonly #app: App;
  readonly #users: UserStore;
  readonly #listeners = new Set<Listener>();
  readonly #snapshots = new Map<number, AgentSnapshot>();
  readonly #agents = new Map<number, FloorAgent>();
  readonly #calls = new Map<string, FloorCall>();
  #names = new Map<number, { name: string; always: boolean }>();
  #campaigns: ReadonlyMap<number, string> = new Map();
  #pauseCodes: ReadonlyMap<number, PauseCode> = new Map();
  #limits: FloorLimits | null = null;
  #poorMos = poorLineSetting.fallback;
  readonly #lines = new Map<number, FloorLine>();
  #silent: readonly string[] = [];
  #away = false;
  #changedAgents = new Set<number>();
  #changedCalls = new Set<string>();
  #whole = false;
  /** Calls told of while the dialers were being asked: newer than what they answer. */
  readonly #toldMeanwhile = new Set<string>();
  #reading: Promise<void> | null = null;
  #again = false;
  #undo: (() => void)[] = [];

  constructor(app: App) {
    this.#app = app;
    this.#users = new UserStore(app.db);
  }

  /** The floor as it is now. */
  async view(): Promise<Floor> {
    if (this.#undo.length === 0 || this.#limits === null) await this.#read();
    return this.#floor();
  }

  watch(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#undo.length === 0) this.#begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#listeners.clear();
  }

  #begin(): void {
    const { bus, clock } = this.#app;
    const anew = () => this.#readSoon();
    this.#undo = [
      bus.subscribe('agent.snapshot.*', (event) => this.#heard(event as AgentSnapshot)),
      bus.subscribe('call.transition', (event) => this.#moved(event as CallTransition)),
      bus.subscribe(lineNowTopic, (event) => this.#sounds(event as LineNowTold)),
      ...['campaign.changed', 'user.changed', 'settings.changed'].map((topic) => bus.subscribe(topic, anew)),
      bus.onReconnect(anew),
      clock.every(tellMs, () => this.#tell()),
      clock.every(rereadMs, anew),
    ];
    anew();
  }

  #floor(): Floor {
    return {
      agents: this.#agents,
      calls: this.#calls,
      campaigns: this.#campaigns,
      pauseCodes: this.#pauseCodes,
      limits: this.#limits!,
      lines: this.#lines,
      silent: this.#silent,
      away: this.#away,
    };
  }

  #heard(snapshot: AgentSnapshot): void {
    if (!isNewer(snapshot, this.#snapshots.get(snapshot.userId) ?? null)) return;
    this.#snapshots.set(snapshot.userId, snapshot);
    this.#put(snapshot.userId);
    if (!this.#names.has(snapshot.userId)) this.#readSoon();
  }

  /** Who works here is always on the floor; a supervisor while signed in. */
  #put(userId: number): void {
    const known = this.#names.get(userId);
    const snapshot = this.#snapshots.get(userId) ?? null;
    const isIn = snapshot !== null && snapshot.state !== 'signed-out';
    const before = this.#agents.get(userId);
    if (known && (known.always || isIn)) {
      if (before?.snapshot === snapshot && before.name === known.name) return;
      this.#agents.set(userId, { userId, name: known.name, snapshot });
    } else if (!this.#agents.delete(userId)) return;
    this.#changedAgents.add(userId);
  }

  #sounds(told: LineNowTold): void {
    const { userId, callId, mos } = told;
    if (!this.#agents.has(userId)) return;
    const before = this.#lines.get(userId);
    const wasPoor = before?.callId === callId && before.isPoor;
    const isPoor = mos < (wasPoor ? this.#poorMos + betterMos : this.#poorMos);
    this.#lines.set(userId, { ...told, at: this.#app.clock.now(), isPoor });
    this.#changedAgents.add(userId);
  }

  #forgetLines(): void {
    for (const [userId, { at }] of this.#lines) {
      if (this.#app.clock.now() - at < lineHoldsMs) continue;
      this.#lines.delete(userId);
      this.#changedAgents.add(userId);
    }
  }

  #moved({ callId: id, to: state, at, ...event }: CallTransition): void {
    this.#toldMeanwhile.add(id);
    const before = this.#calls.get(id);
    const { campaignId, customerId, e164, userId, parkSlot } = event;
    // It rings from the moment it is dialled.
    const since = before && state === 'ringing' ? before.since : at;
    if (open.has(state))
      this.#calls.set(id, { id, state, since, campaignId, customerId, e164, userId, parkSlot });
    else this.#calls.delete(id);
    this.#changedCalls.add(id);
  }

  #readSoon(): void {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#read().catch((error: unknown) =>
      this.#app.log.warn({ err: error }, 'floor could not be read; it is tried again'),
    );
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = null;
      if (!this.#again) return;
      this.#again = false;
      if (this.#undo.length > 0) this.#readSoon();
    });
    return this.#reading;
  }

  async #readNow(): Promise<void> {
    const app = this.#app;
    this.#toldMeanwhile.clear();
    const [people, campaigns, pauseCodes, limits, poorMos, answers] = await Promise.all([
      this.#users.active('agent', 'supervisor'),
      createCampaignStore(app).list(),
      createPauseCodeStore(app).all(),
      floorLimits(app.settings),
      app.settings.get(poorLineSetting),
      askEach(app, 'dialer.floor', askMs).catch(() => null),
    ]);
    const before = this.#outline();
    this.#names = new Map(people.map(({ id, name, role }) => [id, { name, always: role === 'agent' }]));
    this.#campaigns = new Map(campaigns.map(({ id, name }) => [id, name]));
    this.#pauseCodes = new Map(pauseCodes.map((code) => [code.id, code]));
    this.#limits = limits;
    this.#poorMos = poorMos;
    this.#silent = (answers ?? []).flatMap(({ dialerId, answer }) => (answer ? [] : [dialerId]));
    this.#away = answers === null || answers.every(({ answer }) => answer === null);
    for (const { answer } of answers ?? [])
      for (const snapshot of answer?.agents ?? []) {
        const known = this.#snapshots.get(snapshot.userId) ?? null;
        if (isNewer(snapshot, known) && !saysTheSame(snapshot, known))
          this.#snapshots.set(snapshot.userId, snapshot);
      }
    for (const userId of new Set([...this.#names.keys(), ...this.#agents.keys()])) this.#put(userId);
    // Of a dialer that does not answer nobody can say whether its calls live.
    if (answers && this.#silent.length === 0)
      this.#agree(answers.flatMap(({ answer }) => answer?.calls ?? []));
    if (this.#outline() !== before) this.#whole = true;
  }

  /** What only a whole view tells. */
  #outline(): string {
    const { waiting, ...limits } = this.#limits ?? { waiting: 0 };
    return JSON.stringify([
      ...[[...this.#campaigns], waiting, limits, this.#silent, this.#away],
      [...this.#pauseCodes.values()].map(({ id, names, limitMs }) => [id, names, limitMs]),
    ]);
  }

  #agree(calls: readonly FloorCall[]): void {
    const answered = new Map(calls.map((call) => [call.id, call]));
    for (const id of new Set([...this.#calls.keys(), ...answered.keys()])) {
      if (this.#toldMeanwhile.has(id)) continue;
      const call = answered.get(id);
      if (call && open.has(call.state)) {
        if (this.#calls.get(id)?.state === call.state) continue;
        this.#calls.set(id, call);
      } else if (!this.#calls.delete(id)) continue;
      this.#changedCalls.add(id);
    }
  }

  #tell(): void {
    if (this.#limits === null) return;
    this.#forgetLines();
    const news: FloorNews = {
      whole: this.#whole,
      agents: this.#changedAgents,
      calls: this.#changedCalls,
    };
    if (!news.whole && news.agents.size === 0 && news.calls.size === 0) return;
    this.#whole = false;
    this.#changedAgents = new Set();
    this.#changedCalls = new Set();
    const floor = this.#floor();
    for (const listener of [...this.#listeners]) listener(floor, news);
  }
}

function saysTheSame(next: AgentSnapshot, known: AgentSnapshot | null): boolean {
  return known !== null && JSON.stringify({ ...next, now: 0 }) === JSON.stringify({ ...known, now: 0 });
}
