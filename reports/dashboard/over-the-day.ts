import type { HindsightRow } from '../../dialer/hindsight/index.ts';
import { bucketMs } from '../rollups/rollup.ts';
import type { BudgetPoint, HindsightPoint } from './campaign-live.ts';

interface RollupRow {
  bucket_at: number;
  figure: string;
  value: number;
}

interface Account {
  connected: number;
  abandoned: number;
}

/**
 * The rolling account at the end of each span of today that has calls, of the last one now, worked out backwards from what it is now: what a span
 * added is taken off, and what fell out of the window meanwhile is put back.
 */
export function budgetOver(
  today: readonly RollupRow[],
  expired: readonly RollupRow[],
  now: Account & { readonly at: number },
  { abandonCap, abandonWindowMs }: { abandonCap: number; abandonWindowMs: number },
): BudgetPoint[] {
  const added = bySpan(today);
  const fellOut = [...bySpan(expired)].sort(([a], [b]) => b - a);
  const spans = [...added.keys()].sort((a, b) => b - a);
  let { connected, abandoned } = now;
  let next = 0;
  const points: BudgetPoint[] = [];
  for (const at of spans) {
    // Whole spans count as long as they are in the window at all.
    while (next < fellOut.length && fellOut[next]![0] + abandonWindowMs > at) {
      const [, gone] = fellOut[next++]!;
      connected += gone.connected;
      abandoned += gone.abandoned;
    }
    points.push({
      at: Math.min(at + bucketMs, now.at),
      abandoned,
      allowed: abandonCap * (connected + abandoned),
    });
    const span = added.get(at)!;
    connected -= span.connected;
    abandoned -= span.abandoned;
  }
  return points.reverse();
}

function bySpan(rows: readonly RollupRow[]): Map<number, Account> {
  const spans = new Map<number, Account>();
  for (const { bucket_at, figure, value } of rows) {
    const span = spans.get(Number(bucket_at)) ?? { connected: 0, abandoned: 0 };
    if (figure === 'connected' || figure === 'abandoned') span[figure] += Number(value);
    spans.set(Number(bucket_at), span);
  }
  return spans;
}

/** Means by five minutes; by single minutes while there is less than an hour. */
export function hindsightOver(minutes: readonly HindsightRow[]): HindsightPoint[] {
  const first = minutes[0];
  if (!first) return [];
  const span = minutes.at(-1)!.at - first.at < 3_600_000 ? 60_000 : bucketMs;
  const sums = new Map<number, HindsightRow>();
  for (const row of minutes) {
    const at = Math.floor(row.at / span) * span;
    const sum = sums.get(at);
    if (!sum) sums.set(at, { ...row, at });
    else {
      sum.samples += row.samples;
      sum.answersForecast += row.answersForecast;
      sum.answersActual += row.answersActual;
      sum.freeForecast += row.freeForecast;
      sum.freeActual += row.freeActual;
    }
  }
  return [...sums.values()].map(({ at, samples, ...sum }) => ({
    at,
    answersForecast: sum.answersForecast / samples,
    answersActual: sum.answersActual / samples,
    freeForecast: sum.freeForecast / samples,
    freeActual: sum.freeActual / samples,
  }));
}
