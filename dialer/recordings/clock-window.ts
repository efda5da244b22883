import type { Knex } from 'knex';
import { offsetsOf } from '../../core/time/local-time.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** A part of each day by the clocks of a zone, in minutes since midnight; past midnight where `until` comes before `from`. */
export interface ClockWindow {
  readonly from: number;
  /** Not included. */
  readonly until: number;
  readonly zone: string;
}

/**
 * Leaves rows whose instant falls into the window. `within` holds all of them: the fewer changes of the zone's clocks
 * lie in it, the sooner each row is judged. One expression, as alternatives would be sought in the index one by one.
 */
export function inClock(
  query: Knex.QueryBuilder,
  column: string,
  { from, until, zone }: ClockWindow,
  within: { from: number; to: number },
): void {
  const stretches = offsetsOf(zone, within.from, within.to);
  const clock = `((?? + ${offsetSql(stretches.length)}) % ${dayMs})`;
  const offsets = stretches.flatMap(([, offset], index) => {
    const next = stretches[index + 1]?.[0];
    return next === undefined ? [offset] : [column, next, offset];
  });
  const bindings = [column, ...offsets];
  const [low, high] = [from * minuteMs, until * minuteMs];
  if (until > from) query.whereRaw(`${clock} between ? and ?`, [...bindings, low, high - 1]);
  else query.whereRaw(`${clock} not between ? and ?`, [...bindings, high, low - 1]);
}

/** By how much clocks are ahead of UTC at an instant. */
function offsetSql(stretches: number): string {
  return stretches === 1 ? '?' : `case ${'when ?? < ? then ? '.repeat(stretches - 1)}else ? end`;
}
