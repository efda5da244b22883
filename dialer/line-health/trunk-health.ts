import type { Verdict } from './judge.ts';

/** Whether calls go over a trunk, as far as what came of its calls is concerned. */
export const healthStates = [
  'free',
  /** Clearly worse than the others: kept out until a moment. */
  'quarantined',
  /** A call now and then goes over it, to see whether it is well again. */
  'probing',
  /** Somebody keeps it out until they release it. */
  'held',
] as const;
export type HealthState = (typeof healthStates)[number];

export interface TrunkHealth {
  readonly trunkId: number;
  readonly state: HealthState;
  /** What spoke against it; empty where somebody holds it or nothing does. */
  readonly reason: readonly Verdict[];
  readonly since: number;
  readonly until: number | null;
  /** Quarantines in a row. */
  readonly times: number;
  /** Calls that began before say nothing any more. */
  readonly countedFrom: number;
  /** Clearly worse than the others, and used on: a campaign that runs would have too few lines without it. */
  readonly worse: { readonly since: number; readonly reason: readonly Verdict[] } | null;
  /** Who holds it, or released it. */
  readonly userId: number | null;
  readonly revision: number;
}

export type HealthEvent =
  | { readonly type: 'condemn'; readonly reason: readonly Verdict[] }
  /** Its time is over: it is tried. */
  | { readonly type: 'try' }
  | { readonly type: 'clear' }
  | { readonly type: 'hold'; readonly userId: number }
  | { readonly type: 'release'; readonly userId: number };

/** What is not here is refused. */
export const healthTransitions: Readonly<
  Record<HealthState, Partial<Record<HealthEvent['type'], HealthState>>>
> = {
  free: { condemn: 'quarantined', hold: 'held' },
  quarantined: { try: 'probing', hold: 'held', release: 'free' },
  probing: { condemn: 'quarantined', clear: 'free', hold: 'held', release: 'free' },
  held: { release: 'free' },
};

export const firstQuarantineMs = 15 * 60_000;
const longestQuarantineMs = 4 * 3_600_000;
/** After a day without any the next one is a first one again. */
const forgivenAfterMs = 24 * 3_600_000;
/** Calls that have to show that it is well again, and the time between two of them. */
export const probeCalls = 30;
export const probeEveryMs = 10_000;

export const unblemished = (trunkId: number): TrunkHealth => ({
  ...{ trunkId, state: 'free', reason: [], since: 0, until: null, times: 0, countedFrom: 0 },
  ...{ worse: null, userId: null, revision: 0 },
});

/** Null: the event is none of this state's. */
export function advanceHealth(health: TrunkHealth, event: HealthEvent, now: number): TrunkHealth | null {
  const state = healthTransitions[health.state][event.type];
  if (!state) return null;
  const next = {
    ...{ ...health, state, since: now, until: null, worse: null, userId: null },
    revision: health.revision + 1,
  };
  switch (event.type) {
    case 'condemn': {
      const isFirst = health.state === 'free' && now - health.since >= forgivenAfterMs;
      const times = isFirst ? 0 : health.times;
      const ms = Math.min(longestQuarantineMs, firstQuarantineMs * 2 ** times);
      return { ...next, reason: event.reason, times: times + 1, until: now + ms };
    }
    case 'try':
      return { ...next, countedFrom: now };
    case 'clear':
      return { ...next, reason: [], countedFrom: now };
    case 'hold':
      return { ...next, userId: event.userId };
    case 'release':
      return { ...next, reason: [], times: 0, countedFrom: now, userId: event.userId };
  }
}
