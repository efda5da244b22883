import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { isDuplicate } from '../../core/database/errors.ts';
import type { LineQualityFigures, LineReport } from './line-quality.ts';
import { poorMos } from './looks.ts';

export interface AgentLine extends LineQualityFigures {
  readonly userId: number;
  readonly name: string;
  readonly calls: number;
  /** Calls whose mean is below what satisfies. */
  readonly poorCalls: number;
}

export interface CallLine extends LineQualityFigures {
  readonly callId: string;
  readonly at: number;
  readonly agent: string;
  readonly campaign: string | null;
  readonly recordingId: number | null;
}

export interface LineFilters {
  /** Epoch ms. */
  readonly since: number;
  readonly userId?: number | undefined;
}

/** Tabs and reloads of one talk; more are none of a person's. */
const maxPages = 50;

type Raw = Record<string, number | string | null>;

const sums = (knex: Knex) => ({
  looks: knex.raw('sum(q.looks)'),
  poor_looks: knex.raw('sum(q.poor_looks)'),
  mos: knex.raw('sum(q.mos * q.looks) / sum(q.looks)'),
  lowest_mos: knex.raw('min(q.lowest_mos)'),
  jitter_ms: knex.raw('sum(q.jitter_ms * q.looks) / sum(q.looks)'),
  highest_jitter_ms: knex.raw('max(q.highest_jitter_ms)'),
  loss_in: knex.raw('sum(q.loss_in * 1.0 * q.looks) / sum(q.looks)'),
  loss_out: knex.raw('avg(q.loss_out)'),
  round_trip_ms: knex.raw('avg(q.round_trip_ms)'),
});

const orNull = (value: number | string | null | undefined, by: number): number | null =>
  value === null || value === undefined ? null : Number(value) / by;

const figures = (row: Raw): LineQualityFigures => ({
  looks: Number(row.looks),
  poorLooks: Number(row.poor_looks),
  mos: Number(row.mos) / 100,
  lowestMos: Number(row.lowest_mos) / 100,
  jitterMs: Math.round(Number(row.jitter_ms)),
  highestJitterMs: Number(row.highest_jitter_ms),
  lossIn: Number(row.loss_in) / 100_000,
  lossOut: orNull(row.loss_out, 100_000),
  roundTripMs: orNull(row.round_trip_ms, 1),
});

/** All SQL for how talks sounded on the agents' side. */
export function createLineQualityStore(app: Pick<App, 'db'>) {
  const { knex } = app.db;
  const table = () => knex('line_qualities');

  /** Safe to repeat and to come out of order: of two reports of a page the longer one stands. */
  async function keep(userId: number, callId: string, report: LineReport, at: number): Promise<void> {
    const row = {
      at,
      user_id: userId,
      looks: report.looks,
      poor_looks: Math.min(report.poorLooks, report.looks),
      mos: Math.round(report.mos * 100),
      lowest_mos: Math.round(report.lowestMos * 100),
      jitter_ms: report.jitterMs,
      highest_jitter_ms: report.highestJitterMs,
      loss_in: Math.round(report.lossIn * 100_000),
      loss_out: report.lossOut === null ? null : Math.round(report.lossOut * 100_000),
      round_trip_ms: report.roundTripMs,
    };
    const key = { call_id: callId, page: report.page };
    const longer = () => table().where(key).where({ user_id: userId }).where('looks', '<', report.looks).update(row); // prettier-ignore
    if ((await longer()) > 0) return;
    const [count] = (await table().where({ call_id: callId }).count({ n: '*' })) as [{ n: number | string }];
    if (Number(count.n) >= maxPages) return;
    try {
      await table().insert({ ...key, ...row });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      await longer();
    }
  }

  /** Whether this agent was in that call since then, whoever has it now: as its agent, or asked beside it. */
  async function wasIn(userId: number, callId: string, since: number): Promise<boolean> {
    const event = await knex('agent_events')
      .where({ user_id: userId, call_id: callId })
      .where('at', '>=', since)
      .first('id');
    return event !== undefined;
  }

  async function ofCall(callId: string): Promise<LineQualityFigures | null> {
    const row = (await knex('line_qualities as q').where({ call_id: callId }).first(sums(knex))) as Raw;
    return row.looks === null ? null : figures(row);
  }

  /** A row for each call, by the last page that reported it. */
  function calls({ since, userId }: LineFilters): Knex.QueryBuilder {
    const query = knex('line_qualities as q')
      .where('q.at', '>=', since)
      .groupBy('q.call_id', 'q.user_id')
      .select({ call_id: 'q.call_id', user_id: 'q.user_id', at: knex.raw('max(q.at)'), ...sums(knex) });
    if (userId !== undefined) void query.where('q.user_id', userId);
    return query;
  }

  async function byAgent(filters: LineFilters): Promise<AgentLine[]> {
    const rows = (await knex(calls(filters).as('q'))
      .leftJoin('users as u', 'u.id', 'q.user_id')
      .groupBy('q.user_id', 'u.name')
      .orderBy('u.name')
      .orderBy('q.user_id')
      .select({ user_id: 'q.user_id', name: 'u.name', calls: knex.raw('count(*)'), ...sums(knex) })
      .select({
        poor_calls: knex.raw('sum(case when q.mos < ? then 1 else 0 end)', [poorMos * 100]),
      })) as Raw[];
    return rows.map((row) => ({
      ...figures(row),
      userId: Number(row.user_id),
      name: row.name === null ? `#${row.user_id}` : String(row.name),
      calls: Number(row.calls),
      poorCalls: Number(row.poor_calls),
    }));
  }

  /** The calls that sounded worst, below what satisfies, worst first. */
  async function worst(filters: LineFilters, limit: number): Promise<CallLine[]> {
    const recording = knex('recordings as r').where('r.call_id', knex.ref('q.call_id')).min('r.id');
    const rows = (await knex(calls(filters).as('q'))
      .leftJoin('users as u', 'u.id', 'q.user_id')
      .leftJoin('calls as c', 'c.id', 'q.call_id')
      .leftJoin('campaigns as p', 'p.id', 'c.campaign_id')
      .where('q.mos', '<', poorMos * 100)
      .orderBy('q.mos')
      .orderBy('q.call_id')
      .limit(limit)
      .select('q.*', { agent: 'u.name', campaign: 'p.name', recording_id: recording })) as Raw[];
    return rows.map((row) => ({
      ...figures(row),
      callId: String(row.call_id),
      at: Number(row.at),
      agent: row.agent === null ? `#${row.user_id}` : String(row.agent),
      campaign: row.campaign === null ? null : String(row.campaign),
      recordingId: orNull(row.recording_id, 1),
    }));
  }

  return { keep, wasIn, ofCall, byAgent, worst };
}
