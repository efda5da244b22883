import type { App } from '../../core/app.ts';
import {
  createNumberFlagStore,
  createNumberPoolStore,
  type NumberFlag,
  type NumberPool,
} from '../../campaigns/index.ts';
import { compareLines } from './judge.ts';
import { createLineResultStore } from './line-result-store.ts';
import type { SpanResult } from './line-result.ts';

const dayMs = 24 * 3_600_000;
/** A label comes within days, and the weeks before say how the number did without. */
const nowMs = 3 * dayMs;
const beforeMs = 21 * dayMs;
const lookEveryMs = 15 * 60_000;

const leastCalls = 100;
const clearlyZ = 4;
/** Of the others' share: below, it is answered far less; above, it was answered about as they were. */
const fallen = 0.7;
const sound = 0.85;
const doubtfulZ = 1.65;

export const restMs = 7 * dayMs;

/**
 * Looks for numbers that customers answer far less than the other numbers of the same campaigns, though they did as well
 * before: a number of a region that answers little has always done so, and a bad list lowers all.
 */
export class NumberKeeper {
  readonly #app: App;
  readonly #results: ReturnType<typeof createLineResultStore>;
  readonly #flags: ReturnType<typeof createNumberFlagStore>;
  readonly #pools: ReturnType<typeof createNumberPoolStore>;
  readonly #decides: () => boolean;
  #looking: Promise<void> | null = null;

  constructor(app: App, decides: () => boolean) {
    this.#app = app;
    this.#results = createLineResultStore(app);
    this.#flags = createNumberFlagStore(app);
    this.#pools = createNumberPoolStore(app);
    this.#decides = decides;
  }

  start(): () => void {
    return this.#app.clock.every(lookEveryMs, () => void this.look());
  }

  look(): Promise<void> {
    if (!this.#decides()) return Promise.resolve();
    return (this.#looking ??= this.#look()
      .catch((error: unknown) => {
        this.#app.log.warn({ error: String(error) }, 'caller numbers could not be judged');
      })
      .finally(() => (this.#looking = null)));
  }

  async #look(): Promise<void> {
    const now = this.#app.clock.now();
    const pools = await this.#pools.all();
    if (pools.length === 0) return;
    const flags = await this.#flags.all();
    const lately = await this.#since(now - nowMs, flags);
    const before = await this.#results.sums('number', now - beforeMs, now - nowMs);
    const isFlagged = (e164: string) => flags.get(e164)?.state === 'flagged';
    const beside = (rows: readonly SpanResult[], e164: string) =>
      rows.filter(({ subject }) => subject === e164 || !isFlagged(subject));
    for (const pool of pools)
      for (const { e164, enabled } of pool.numbers) {
        const flag = flags.get(e164);
        const found = compareLines(beside(lately, e164), e164, 'answers');
        const number = { e164, poolId: pool.id };
        if (flag?.state === 'flagged') {
          const isRested = flag.restsUntil !== null && flag.restsUntil <= now;
          const isWell = found !== null && found.own.of >= leastCalls && found.z > -doubtfulZ;
          if (isRested || isWell) await this.#flags.clear(number, now);
          continue;
        }
        if (!enabled || !found || Math.min(found.own.of, found.others.of) < leastCalls) continue;
        if (found.z > -clearlyZ || found.ratio >= fallen) continue;
        const then = compareLines(beside(before, e164), e164, 'answers');
        if (!then || then.own.of < leastCalls || then.ratio < sound) continue;
        const { hits: answered, of: calls } = found.own;
        const rests = pool.restFlagged && mayRest(pool, e164, flags, now);
        await this.#flags.flag(
          number,
          { answered, calls, expected: found.expected },
          now,
          rests ? now + restMs : null,
        );
        // Of several that fell, each is seen beside those that did not, at the next look.
        return;
      }
  }

  /** Of each number what still says something: what came before somebody said it is fine does not. */
  async #since(from: number, flags: ReadonlyMap<string, NumberFlag>): Promise<SpanResult[]> {
    const now = this.#app.clock.now();
    const later = [...flags.values()].filter(({ countedFrom }) => countedFrom > from);
    const rows = await this.#results.sums('number', from, now);
    const anew = await Promise.all(
      later.map(({ e164, countedFrom }) => this.#results.sums('number', countedFrom, now, e164)),
    );
    return [...rows.filter(({ subject }) => !later.some(({ e164 }) => e164 === subject)), ...anew.flat()];
  }
}

/** The last number of a pool is shown, labelled or not: without any its campaigns would stand still. */
function mayRest(
  { numbers }: NumberPool,
  e164: string,
  flags: ReadonlyMap<string, NumberFlag>,
  now: number,
): boolean {
  return numbers.some(
    (other) => other.enabled && other.e164 !== e164 && (flags.get(other.e164)?.restsUntil ?? 0) <= now,
  );
}
