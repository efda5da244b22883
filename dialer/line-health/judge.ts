import { compareShares, type Comparison, type Share, type Stratum } from './compare.ts';
import type { LineResult, SpanResult } from './line-result.ts';

/** What can be worse: fewer are answered, more of those are gone at once, more ring late. */
export const signs = ['answers', 'short', 'late'] as const;
export type Sign = (typeof signs)[number];

/** One sign against a trunk or a number: its share, and what the others' calls of the same campaigns and hours came to. */
export interface Verdict {
  readonly sign: Sign;
  readonly own: Share;
  /** The share that it would have if it were like the others. */
  readonly expected: number;
  readonly z: number;
}

interface Measure {
  readonly of: (result: LineResult) => Share;
  readonly worse: -1 | 1;
  readonly least: number;
  /** Its share over the others', past which a difference matters. */
  readonly ratio: number;
}

/**
 * Four standard deviations come about by chance once in 30 000 looks; the ratio keeps a small difference of many calls
 * from counting, and the least number a large one of few.
 */
const clearlyZ = 4;

const measures: Readonly<Record<Sign, Measure>> = {
  answers: { of: ({ answered, calls }) => ({ hits: answered, of: calls }), worse: -1, least: 50, ratio: 0.7 },
  short: { of: ({ short, answered }) => ({ hits: short, of: answered }), worse: 1, least: 40, ratio: 2 },
  late: { of: ({ late, rung }) => ({ hits: late, of: rung }), worse: 1, least: 50, ratio: 2 },
};

/** The comparison of one subject with all others, by campaign and span of time. */
export function compareLines(rows: readonly SpanResult[], subject: string, sign: Sign): Comparison | null {
  return compareShares(strataOf(rows, subject, measures[sign].of));
}

function strataOf(
  rows: readonly SpanResult[],
  subject: string,
  of: (result: LineResult) => Share,
): Iterable<Stratum> {
  const strata = new Map<string, { own: Share; others: Share }>();
  for (const row of rows) {
    const key = `${row.campaignId} ${row.at}`;
    const found = strata.get(key) ?? { own: { hits: 0, of: 0 }, others: { hits: 0, of: 0 } };
    const side = row.subject === subject ? 'own' : 'others';
    const { hits, of: all } = of(row);
    strata.set(key, { ...found, [side]: { hits: found[side].hits + hits, of: found[side].of + all } });
  }
  return strata.values();
}

const isWorse = ({ worse }: Measure, { ratio }: Comparison, limit: number): boolean =>
  worse < 0 ? ratio < limit : ratio > limit;

const verdictOf = (sign: Sign, { own, expected, z }: Comparison): Verdict => ({
  ...{ sign, own, expected, z: Math.round(z * 100) / 100 },
});

/** What is clearly worse of it than of the others, the clearest first. */
export function clearlyWorse(rows: readonly SpanResult[], subject: string): Verdict[] {
  return signs
    .flatMap((sign): Verdict[] => {
      const measure = measures[sign];
      const found = compareLines(rows, subject, sign);
      if (!found || found.own.of < measure.least || found.others.of < measure.least) return [];
      const isClear = found.z * measure.worse >= clearlyZ && isWorse(measure, found, measure.ratio);
      return isClear ? [verdictOf(sign, found)] : [];
    })
    .sort((a, b) => Math.abs(b.z) - Math.abs(a.z));
}

/** Of a handful of calls, once in twenty by chance. */
const doubtfulZ = 1.65;

/**
 * Whether the calls that tried a trunk again look like those of the others. Few calls cannot show that it is well, only
 * that it is not what it was.
 */
export function looksWell(rows: readonly SpanResult[], subject: string): boolean {
  return signs.every((sign) => {
    const found = compareLines(rows, subject, sign);
    return found === null || found.z * measures[sign].worse < doubtfulZ;
  });
}
