import type { App } from '../../core/app.ts';
import { KeptCurrent } from '../engine/kept-current.ts';
import type { TrunkPool } from '../trunks/trunk-pool.ts';
import { clearlyWorse, looksWell, type Verdict } from './judge.ts';
import { spanMs } from './line-record.ts';
import { createLineResultStore } from './line-result-store.ts';
import type { SpanResult } from './line-result.ts';
import { probeCalls, unblemished, type HealthEvent, type TrunkHealth } from './trunk-health.ts';
import { createTrunkHealthStore } from './trunk-health-store.ts';
import { autoQuarantine } from './health-settings.ts';

/** Calls of so long are looked at together. */
export const windowMs = 3_600_000;
const lookEveryMs = 60_000;

/**
 * Looks each minute at what came of the calls on each trunk, keeps out one that is clearly worse than the others, and
 * takes it back once it is not. One of the dialers decides; all go by what is written.
 */
export class TrunkKeeper {
  readonly #app: App;
  readonly #trunks: TrunkPool;
  readonly #results: ReturnType<typeof createLineResultStore>;
  readonly #store: ReturnType<typeof createTrunkHealthStore>;
  readonly #decides: () => boolean;
  readonly #current: KeptCurrent;
  #looking: Promise<void> | null = null;

  constructor(app: App, trunks: TrunkPool, decides: () => boolean) {
    this.#app = app;
    this.#trunks = trunks;
    this.#results = createLineResultStore(app);
    this.#store = createTrunkHealthStore(app);
    this.#decides = decides;
    this.#current = new KeptCurrent(app, 'health of trunks', async () => {
      this.#trunks.setHealth(await this.#store.all());
    });
  }

  async start(): Promise<() => void> {
    this.#current.listen('trunk-health.changed');
    await this.#current.read();
    const stop = this.#app.clock.every(lookEveryMs, () => void this.look());
    return () => {
      stop();
      this.#current.stop();
    };
  }

  /** Decides about every trunk anew. */
  look(): Promise<void> {
    if (!this.#decides()) return Promise.resolve();
    return (this.#looking ??= this.#look()
      .catch((error: unknown) => {
        this.#app.log.warn({ error: String(error) }, 'trunks could not be judged; they stay as they are');
      })
      .finally(() => (this.#looking = null)));
  }

  async #look(): Promise<void> {
    const now = this.#app.clock.now();
    const rows = await this.#results.since('trunk', now - windowMs);
    const health = await this.#store.all();
    const enabled = this.#trunks.status(now).filter(({ trunk }) => trunk.enabled);
    const trunks = enabled.map(({ trunk }) => health.get(trunk.id) ?? unblemished(trunk.id));
    const isAuto = await autoQuarantine(this.#app);
    for (const each of trunks) {
      if (each.state === 'quarantined' && (each.until ?? 0) <= now) await this.#apply(each, { type: 'try' });
      if (each.state === 'probing') await this.#judgeProbes(each, rows, trunks);
    }
    const spared = isAuto ? await this.#judge(rows, trunks) : null;
    for (const { trunkId, worse } of health.values())
      if (worse && trunkId !== spared?.trunkId) await this.#store.setWorse(trunkId, null, now);
    if (spared && (await this.#store.setWorse(spared.trunkId, spared.reason, now)))
      this.#app.log.warn(
        { trunk: spared.trunkId, reason: spared.reason },
        'a trunk is clearly worse than the others, and is used on: a campaign would lose too many channels',
      );
  }

  async #judgeProbes(
    probing: TrunkHealth,
    rows: readonly SpanResult[],
    trunks: readonly TrunkHealth[],
  ): Promise<void> {
    const own = countedOf(rows, probing);
    if (own.reduce((sum, { calls }) => sum + calls, 0) < probeCalls) return;
    const beside = [...own, ...freeRows(rows, trunks)];
    if (looksWell(beside, String(probing.trunkId))) return this.#apply(probing, { type: 'clear' });
    await this.#apply(probing, { type: 'condemn', reason: probing.reason });
  }

  /** One that is worse and is used on, as it cannot be spared. */
  async #judge(
    rows: readonly SpanResult[],
    trunks: readonly TrunkHealth[],
  ): Promise<{ trunkId: number; reason: readonly Verdict[] } | null> {
    const free = trunks.filter(({ state }) => state === 'free');
    const beside = freeRows(rows, trunks);
    const [worst] = free
      .map((each) => ({ each, reason: clearlyWorse(beside, String(each.trunkId)) }))
      .filter(({ reason }) => reason.length > 0)
      .sort((a, b) => Math.abs(b.reason[0]!.z) - Math.abs(a.reason[0]!.z));
    // One at a time: without it the others may not look bad any more.
    if (!worst) return null;
    const { each, reason } = worst;
    if (await this.#store.isNeeded(each.trunkId, this.#channelsOf(free, each.trunkId)))
      return { trunkId: each.trunkId, reason };
    await this.#apply(each, { type: 'condemn', reason });
    return null;
  }

  /** Channels of those that work, and of the one that is judged. */
  #channelsOf(free: readonly TrunkHealth[], judged: number): Map<number, number> {
    const ids = new Set(free.map(({ trunkId }) => trunkId));
    const uses = this.#trunks.status(this.#app.clock.now());
    return new Map(
      uses
        .filter(({ trunk, restsUntil }) => ids.has(trunk.id) && (restsUntil === null || trunk.id === judged))
        .map(({ trunk }) => [trunk.id, trunk.channels]),
    );
  }

  async #apply(health: TrunkHealth, event: HealthEvent): Promise<void> {
    const next = await this.#store.apply(health, event, this.#app.clock.now());
    if (!next) return;
    const { trunkId: trunk, state, until } = next;
    this.#app.log.warn({ trunk, state, until }, 'what came of the calls on a trunk has changed its state');
    await this.#current.read();
  }
}

/** Its calls that still say something: spans that began before are of an earlier state of things. */
function countedOf(rows: readonly SpanResult[], { trunkId, state, countedFrom }: TrunkHealth): SpanResult[] {
  // Nothing went over it before it was tried: the span in which that began has no other calls.
  const from = state === 'probing' ? countedFrom - spanMs.trunk : countedFrom;
  return rows.filter(({ subject, at }) => subject === String(trunkId) && at >= from);
}

const freeRows = (rows: readonly SpanResult[], trunks: readonly TrunkHealth[]): SpanResult[] =>
  trunks.flatMap((each) => (each.state === 'free' ? countedOf(rows, each) : []));
