import type { OffsetsAhead } from '../../../core/time/local-time.ts';

/**
 * Writes times of a zone whose offsets the server has given: a browser's own data of zones may be older than those the
 * gate goes by. A page that stays open for days hands over how to get the offsets, which it is given anew.
 */
export function localClock(
  locale: string,
  offsets: OffsetsAhead | (() => OffsetsAhead),
  more: Intl.DateTimeFormatOptions = {},
): (at: number) => string {
  const shape = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC', ...more } as const;
  const format = new Intl.DateTimeFormat(locale, shape);
  return (at) => format.format(at + offsetAt(typeof offsets === 'function' ? offsets() : offsets, at));
}

function offsetAt(offsets: OffsetsAhead, at: number): number {
  return (offsets.filter(([from]) => from <= at).at(-1) ?? offsets[0]!)[1];
}
