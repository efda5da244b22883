import type { App } from '../../core/app.ts';
import type { Forecast, ForecastAnswer, ForecastQuestion, ForecastState } from './forecast.ts';

interface Row {
  id: number;
  campaign_id: number;
  state: string;
  job_id: string | null;
  question: string;
  result: string | null;
  error: string | null;
  created_by: number | null;
  created_at: number;
  finished_at: number | null;
}

/** So many are kept for each campaign. */
const kept = 20;

/** All SQL for forecasts. */
export function createForecastStore(app: Pick<App, 'db'>) {
  const { db } = app;
  const table = () => db.knex<Row>('forecasts');

  async function create(
    given: { campaignId: number; question: ForecastQuestion; createdBy: number | null },
    now: number,
  ): Promise<number> {
    const id = await db.insertId('forecasts', {
      campaign_id: given.campaignId,
      state: 'waiting',
      question: JSON.stringify(given.question),
      created_by: given.createdBy,
      created_at: now,
    });
    const old: { id: number }[] = await table()
      .where({ campaign_id: given.campaignId })
      .orderBy('id', 'desc')
      .offset(kept)
      .limit(kept)
      .select('id');
    if (old.length > 0) await table().whereIn('id', old.map((row) => row.id)).delete(); // prettier-ignore
    return id;
  }

  async function setJob(id: number, jobId: string): Promise<void> {
    await table().where({ id }).update({ job_id: jobId });
  }

  async function get(id: number): Promise<Forecast | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  async function newest(campaignId: number): Promise<Forecast | null> {
    const row = await table().where({ campaign_id: campaignId }).orderBy('id', 'desc').first();
    return row ? fromRow(row) : null;
  }

  /** From one of the states named to another; false when it was in none of them any more. */
  async function move(
    id: number,
    from: readonly ForecastState[],
    to: ForecastState,
    change: { answer?: ForecastAnswer; error?: string; now?: number } = {},
  ): Promise<boolean> {
    const moved = await table()
      .where({ id })
      .whereIn('state', from)
      .update({
        state: to,
        ...(change.answer && { result: JSON.stringify(change.answer) }),
        ...(change.error !== undefined && { error: change.error.slice(0, 500) }),
        ...(change.now !== undefined && { finished_at: change.now }),
      });
    return moved === 1;
  }

  return { create, setJob, get, newest, move };
}

function fromRow(row: Row): Forecast {
  return {
    id: row.id,
    campaignId: row.campaign_id,
    state: row.state as ForecastState,
    jobId: row.job_id,
    question: JSON.parse(row.question) as ForecastQuestion,
    answer: row.result ? (JSON.parse(row.result) as ForecastAnswer) : null,
    error: row.error,
    createdBy: row.created_by,
    createdAt: Number(row.created_at),
    finishedAt: row.finished_at === null ? null : Number(row.finished_at),
  };
}
