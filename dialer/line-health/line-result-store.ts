import type { App } from '../../core/app.ts';
import { noCalls, sumOf, type LineResult, type SpanResult } from './line-result.ts';

export type LineKind = 'trunk' | 'number';

interface ResultRow {
  kind: string;
  subject: string;
  campaign_id: number;
  at: number;
  run: string;
  calls: number;
  answered: number;
  short: number;
  rung: number;
  late: number;
  causes: string;
  delays: string;
}

export interface WrittenResult extends SpanResult {
  readonly kind: LineKind;
}

const keptMs: Readonly<Record<LineKind, number>> = { trunk: 8 * 86_400_000, number: 40 * 86_400_000 };

export type LineResultStore = ReturnType<typeof createLineResultStore>;

/** All SQL for what came of calls, by trunk and by number shown. */
export function createLineResultStore({ db }: Pick<App, 'db'>) {
  const table = () => db.knex<ResultRow>('line_results');

  /** Writes what a run has counted so far; what it wrote before of the same is replaced. */
  async function write(run: string, results: readonly WrittenResult[]): Promise<void> {
    if (results.length === 0) return;
    await db.transaction(async (trx) => {
      for (const { kind, subject, campaignId, at, ...result } of results) {
        const key = { kind, subject, campaign_id: campaignId, at, run };
        const { calls, answered, short, rung, late } = result;
        const row = {
          ...{ calls, answered, short, rung, late },
          causes: JSON.stringify(result.causes),
          delays: JSON.stringify(result.delays),
        };
        const rows = await trx<ResultRow>('line_results').where(key).update(row);
        if (rows === 0) await trx<ResultRow>('line_results').insert({ ...key, ...row });
      }
    });
  }

  /** Of all dialers, from this moment on, by subject, campaign and span. */
  async function since(kind: LineKind, from: number): Promise<SpanResult[]> {
    const rows: ResultRow[] = await table().where({ kind }).where('at', '>=', from);
    const together = new Map<string, ResultRow[]>();
    for (const row of rows) {
      const key = `${row.subject} ${row.campaign_id} ${row.at}`;
      together.set(key, [...(together.get(key) ?? []), row]);
    }
    return [...together.values()].map((same) => ({
      subject: same[0]!.subject,
      campaignId: same[0]!.campaign_id,
      at: same[0]!.at,
      ...sumOf(same.map(resultOf)),
    }));
  }

  /** Answers and calls of a time, by subject and campaign, without the times between; of one subject alone where it is named. */
  async function sums(kind: LineKind, from: number, to: number, subject?: string): Promise<SpanResult[]> {
    const rows: { subject: string; campaign_id: number; calls: unknown; answered: unknown }[] = await table()
      .where({ kind, ...(subject === undefined ? {} : { subject }) })
      .where('at', '>=', from)
      .where('at', '<', to)
      .groupBy('subject', 'campaign_id')
      .select('subject', 'campaign_id')
      .sum({ calls: 'calls', answered: 'answered' });
    return rows.map((row) => ({
      ...{ ...noCalls, subject: row.subject, campaignId: row.campaign_id, at: 0 },
      calls: Number(row.calls),
      answered: Number(row.answered),
    }));
  }

  /** Of each subject, all that is kept: when its last calls were, and what its calls came to. */
  async function kept(
    kind: LineKind,
  ): Promise<Map<string, { calls: number; answered: number; lastAt: number }>> {
    const rows: { subject: string; calls: unknown; answered: unknown; last_at: unknown }[] = await table()
      .where({ kind })
      .where('calls', '>', 0)
      .groupBy('subject')
      .select('subject')
      .sum({ calls: 'calls', answered: 'answered' })
      .max({ last_at: 'at' });
    return new Map(
      rows.map((row) => [
        row.subject,
        { calls: Number(row.calls), answered: Number(row.answered), lastAt: Number(row.last_at) },
      ]),
    );
  }

  async function forget(now: number): Promise<void> {
    for (const [kind, ms] of Object.entries(keptMs))
      await table()
        .where({ kind })
        .where('at', '<', now - ms)
        .delete();
  }

  return { write, since, sums, kept, forget };
}

const resultOf = (row: ResultRow): LineResult => ({
  calls: row.calls,
  answered: row.answered,
  short: row.short,
  rung: row.rung,
  late: row.late,
  causes: JSON.parse(row.causes) as Record<string, number>,
  delays: JSON.parse(row.delays) as Record<string, number>,
});
