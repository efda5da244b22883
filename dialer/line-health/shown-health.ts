import type { TrunkHealth } from './trunk-health.ts';

/** What a page says of a trunk that is kept out, or is being tried; null: nothing. */
export function shownHealth(health: TrunkHealth | undefined): object | null {
  if (!health || health.state === 'free') return null;
  const { state, since, until, reason } = health;
  const reasons = reason.map(({ sign, own, expected }) => ({
    ...{ sign, expected },
    own: own.hits / own.of,
    calls: own.of,
  }));
  return { state, since, until, reasons };
}
