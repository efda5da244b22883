import type { Check } from './books.ts';
import type { House } from './house.ts';
import type { Measure } from './measures.ts';

/** Timers of a house in which nobody is: what it looks at again and again. */
const restingTimers = 25;

/** Rows that are all gone once nobody is at work and nothing is under way. */
const goneAtLast = ['live calls', 'leads in a call', 'leads held', 'given dispositions', 'opt-outs', 'set aside', 'lead changes', 'recordings under way', 'recordings on the switch', 'channels of the switch', 'recordings by the switch'] as const; // prettier-ignore

/** Memory and transient rows are flat: the last quarter against the second, the first being what fills up. */
export function checkFlat(
  { shifts }: Pick<House, 'shifts'>,
  measures: readonly Measure[],
  last: Measure,
  heapBoundMb: number,
): Check[] {
  const quarter = Math.floor(measures.length / 4);
  const [second, fourth] = [measures.slice(quarter, 2 * quarter), measures.slice(-quarter)];
  const mean = (of: readonly Measure[]) => of.reduce((sum, { heapMb }) => sum + heapMb, 0) / of.length;
  const grown = mean(fourth) - mean(second);
  const agents = shifts.reduce((sum, { userIds }) => sum + userIds.length, 0);
  const most: Record<string, number> = {
    'agent sessions': agents,
    'hopper feeds': shifts.length,
    dialers: 1,
    'live calls': 6 * agents,
    'leads in a call': 6 * agents,
    // A hopper holds 500 at the least, and blocks of twenty that have lost some.
    hopper: 700 * shifts.length,
    'hopper blocks': 100 * shifts.length,
    'leads held': 100 * shifts.length,
    'jobs to do': 60,
    'given dispositions': agents,
    'recordings under way': 2 * agents,
    'recordings on the switch': 2 * agents,
    'opt-outs': agents,
  };
  return [
    {
      name: `the heap is flat (${mean(second).toFixed(1)} MB in the second quarter, ${mean(fourth).toFixed(1)} MB in the last)`,
      of: measures.length,
      wrong: grown <= heapBoundMb ? [] : [`it has grown by ${grown.toFixed(1)} MB`],
    },
    {
      name: 'rows of what is under way keep to their bounds',
      of: measures.length,
      wrong: measures.flatMap(({ at, rows }) =>
        Object.entries(most).flatMap(([name, bound]) =>
          rows[name]! <= bound ? [] : [`${new Date(at).toISOString()} ${name}: ${rows[name]}`],
        ),
      ),
    },
    {
      name: 'nothing is left when all have gone home',
      of: goneAtLast.length,
      wrong: [
        ...goneAtLast.flatMap((name) => (last.rows[name] === 0 ? [] : [`${name}: ${last.rows[name]}`])),
        ...(last.timers <= restingTimers ? [] : [`timers: ${last.timers}`]),
      ],
    },
  ];
}
