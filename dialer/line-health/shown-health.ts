import type { Verdict } from './judge.ts';
import type { TrunkHealth } from './trunk-health.ts';

/** What a page says of a trunk that is kept out, or is being tried; null: nothing. */
export function shownHealth(health: TrunkHealth | undefined): object | null {
  if (!health || health.state === 'free') return null;
  const { state, since, until, reason } = health;
  return { state, since, until, reasons: shownReasons(reason) };
}

/** What a page says of one that is clearly worse and used on; null: nothing. */
export function shownWorse(health: TrunkHealth | undefined): object | null {
  if (!health?.worse) return null;
  return { since: health.worse.since, reasons: shownReasons(health.worse.reason) };
}

function shownReasons(reason: readonly Verdict[]): object[] {
  return reason.map(({ sign, own, expected }) => ({
    ...{ sign, expected },
    own: own.hits / own.of,
    calls: own.of,
  }));
}
