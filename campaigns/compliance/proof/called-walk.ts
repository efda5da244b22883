import type { Knex } from 'knex';
import { abandonmentSums } from '../abandonment-sums.ts';
import type { ProofPeriod } from './rule-texts.ts';
import { breath } from './by-time.ts';

const quarterMs = 900_000;
const callsAtOnce = 2_000;
const calledAtOnce = 400;

export interface Answered {
  abandoned: number;
  connected: number;
  answered: number;
}

/** Answered calls by the quarter of an hour they were placed in, of as many calls at a time as are read in a moment. */
export async function answeredByQuarter(
  knex: Knex,
  campaignId: number,
  { from, until }: { from: number; until: number },
): Promise<Map<number, Answered>> {
  const quarters = new Map<number, Answered>();
  const calls = () => knex('calls').where({ campaign_id: campaignId });
  for (let start = from; start < until;) {
    const next: { created_at: number } | undefined = await calls()
      .where('created_at', '>=', start)
      .where('created_at', '<', until)
      .orderBy('created_at')
      .offset(callsAtOnce)
      .first('created_at');
    const end = next ? Math.max(Number(next.created_at), start + 1) : until;
    const rows: (Answered & { quarter: number })[] = await calls()
      .where({ direction: 'out' })
      .where('created_at', '>=', start)
      .where('created_at', '<', end)
      .whereNotNull('answered_at')
      .groupBy('quarter')
      .select(
        knex.raw('created_at - created_at % ? as quarter', [quarterMs]),
        ...abandonmentSums(knex),
        knex.raw('count(*) as answered'),
      );
    for (const { quarter, ...row } of rows) {
      const sum = quarters.get(Number(quarter)) ?? { abandoned: 0, connected: 0, answered: 0 };
      for (const key of ['abandoned', 'connected', 'answered'] as const) sum[key] += Number(row[key]);
      quarters.set(Number(quarter), sum);
    }
    start = end;
    await breath();
  }
  return quarters;
}

/**
 * Whom a campaign called in a period, some at a time. Looked through in the order of their own index, whoever called
 * them: by the campaign's each part would go over all calls of the period.
 */
export async function* calledOf<T extends number | string>(
  knex: Knex,
  column: 'customer_id' | 'e164',
  lowest: T,
  { campaignId, from, until }: { campaignId: number } & ProofPeriod,
): AsyncGenerator<T[]> {
  for (let after = lowest; ;) {
    const some: T[] = await knex('calls')
      .where(column, '>', after)
      .distinct(column)
      .orderBy(column)
      .limit(calledAtOnce)
      .pluck(column);
    if (some.length > 0)
      yield (await knex('calls')
        .whereIn(column, some as string[])
        .where('created_at', '>=', from)
        .where('created_at', '<', until)
        .where({ direction: 'out' })
        .whereRaw('0 + campaign_id = ?', [campaignId])
        .distinct(column)
        .orderBy(column)
        .pluck(column)) as T[];
    if (some.length < calledAtOnce) return;
    after = some.at(-1)!;
    await breath();
  }
}
