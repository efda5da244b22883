import type { Knex } from 'knex';
import { offsetsOf } from '../../core/time/local-time.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** No recording is older or younger: where no day is named, clocks are looked at from and until then. */
const firstDay = Date.UTC(2015, 0, 1);
const lastDay = Date.UTC(2050, 0, 1);

/** A part of each day by the clocks of a zone, in minutes since midnight; past midnight where `until` comes before `from`. */
export interface ClockWindow {
  readonly from: number;
  /** Not included. */
  readonly until: number;
  readonly zone: string;
}

/** Leaves rows whose instant falls into the window: by each stretch of time in which the zone's clocks stand alike. */
export function inClock(
  query: Knex.QueryBuilder,
  column: string,
  { from, until, zone }: ClockWindow,
  within: { from?: number; to?: number },
): void {
  const end = within.to ?? lastDay;
  const stretches = offsetsOf(zone, within.from ?? firstDay, end);
  query.where((any) => {
    stretches.forEach(([since, offset], index) => {
      const next = stretches[index + 1]?.[0] ?? end;
      void any.orWhere((stretch) => {
        if (stretches.length > 1) stretch.where(column, '>=', since).where(column, '<', next);
        inDay(stretch, column, offset, from * minuteMs, until * minuteMs);
      });
    });
  });
}

function inDay(query: Knex.QueryBuilder, column: string, offset: number, from: number, until: number): void {
  const clock = `((?? + ?) % ${dayMs})`;
  query.where((part) => {
    void part.whereRaw(`${clock} >= ?`, [column, offset, from]);
    if (until > from) void part.whereRaw(`${clock} < ?`, [column, offset, until]);
    else void part.orWhereRaw(`${clock} < ?`, [column, offset, until]);
  });
}
