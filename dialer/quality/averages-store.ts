import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { countedStates } from './review.ts';

export interface AverageFilters {
  /** Mondays, the last included. */
  readonly from: string;
  readonly to: string;
  readonly sheetId?: number | undefined;
  readonly agentId?: number | undefined;
}

export interface Average {
  readonly key: string | number;
  readonly name: string;
  readonly calls: number;
  /** Hundredths of a per cent, of calls with a score. */
  readonly score: number | null;
  readonly fatal: number;
  readonly disputed: number;
}

export interface QuestionAverage {
  readonly id: string;
  readonly answers: number;
  /** Part of the points that can be had. */
  readonly reached: number;
}

/** What reviews come to. Those for comparison do not count. */
export function createAveragesStore(app: Pick<App, 'db'>) {
  const { knex } = app.db;

  function counted({ from, to, sheetId, agentId }: AverageFilters): Knex.QueryBuilder {
    const query = knex('quality_reviews as q')
      .where('q.week', '>=', from)
      .where('q.week', '<=', to)
      .whereIn('q.state', [...countedStates])
      .whereNull('q.calibration_id');
    if (agentId !== undefined) void query.where('q.agent_id', agentId);
    if (sheetId !== undefined)
      void query.whereIn(
        'q.version_id',
        knex('score_sheet_versions').where({ sheet_id: sheetId }).select('id'),
      );
    return query;
  }

  const figures = {
    calls: knex.raw('count(*)'),
    score: knex.raw('avg(q.score)'),
    fatal: knex.raw('sum(q.is_fatal)'),
    disputed: knex.raw("sum(case when q.state = 'disputed' then 1 else 0 end)"),
  };
  type Raw = Record<'calls' | 'fatal' | 'disputed', number | string> & { key: string | number; name: string | null; score: number | string | null }; // prettier-ignore
  const read = ({ key, name, calls, score, fatal, disputed }: Raw): Average => ({
    ...{
      key,
      name: name ?? `#${key}`,
      calls: Number(calls),
      fatal: Number(fatal),
      disputed: Number(disputed),
    },
    score: score === null ? null : Number(score),
  });

  async function byAgent(filters: AverageFilters): Promise<Average[]> {
    const rows = (await counted(filters)
      .leftJoin('users as u', 'u.id', 'q.agent_id')
      .groupBy('q.agent_id', 'u.name')
      .orderBy('u.name')
      .select({ key: 'q.agent_id', name: 'u.name', ...figures })) as Raw[];
    return rows.map(read);
  }

  async function byWeek(filters: AverageFilters): Promise<Average[]> {
    const rows = (await counted(filters)
      .groupBy('q.week')
      .orderBy('q.week', 'desc')
      .select({ key: 'q.week', name: 'q.week', ...figures })) as Raw[];
    return rows.map(read);
  }

  async function byQuestion(filters: AverageFilters): Promise<QuestionAverage[]> {
    const rows = (await counted(filters)
      .join('quality_answers as a', 'a.review_id', 'q.id')
      .groupBy('a.question_id')
      .select({ id: 'a.question_id', answers: knex.raw('count(*)') })
      .select({ reached: knex.raw('sum(a.points * 1.0 / a.most) / count(*)') })) as Record<keyof QuestionAverage, string>[]; // prettier-ignore
    return rows.map(({ id, answers, reached }) => ({
      id,
      answers: Number(answers),
      reached: Number(reached),
    }));
  }

  return { byAgent, byWeek, byQuestion };
}
