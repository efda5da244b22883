import type { OffsetsAhead } from '../../../core/time/local-time.ts';

/**
 * Writes times of a zone whose offsets the server has given: a browser's own data of zones may be older than those the
 * gate goes by.
 */
export function localClock(
  locale: string,
  offsets: OffsetsAhead,
  more: Intl.DateTimeFormatOptions = {},
): (at: number) => string {
  const shape = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC', ...more } as const;
  const format = new Intl.DateTimeFormat(locale, shape);
  return (at) => format.format(at + offsetAt(offsets, at));
}

function offsetAt(offsets: OffsetsAhead, at: number): number {
  return (offsets.filter(([from]) => from <= at).at(-1) ?? offsets[0]!)[1];
}
