import type { App } from '../../core/app.ts';
import type { HindsightRow } from './hindsight.ts';

/** Rows older than this are forgotten: they are for looking at the day and the week, not for the record. */
export const keptMs = 14 * 86_400_000;

interface Row {
  campaign_id: number;
  at: number;
  samples: number;
  answers_forecast: number;
  answers_actual: number;
  free_forecast: number;
  free_actual: number;
}

const hundredths = (value: number): number => Math.round(value * 100);

/** All SQL for what was forecast and what came true. */
export function createHindsightStore(app: Pick<App, 'db'>) {
  const { db } = app;

  /** Adds to the minutes; one dialer writes for a campaign, also after a restart in the same minute. */
  async function add(rows: readonly HindsightRow[]): Promise<void> {
    if (rows.length === 0) return;
    await db.transaction(async (trx) => {
      for (const row of rows) {
        const where = { campaign_id: row.campaignId, at: row.at };
        const sums = {
          samples: row.samples,
          answers_forecast: hundredths(row.answersForecast),
          answers_actual: hundredths(row.answersActual),
          free_forecast: hundredths(row.freeForecast),
          free_actual: hundredths(row.freeActual),
        };
        const moved = await trx('pacing_hindsight').where(where).increment(sums);
        if (moved === 0) await trx('pacing_hindsight').insert({ ...where, ...sums });
      }
    });
  }

  /** The minutes of a campaign from `since` to before `until`. */
  async function between(campaignId: number, since: number, until: number): Promise<HindsightRow[]> {
    const rows: Row[] = await db
      .knex('pacing_hindsight')
      .where({ campaign_id: campaignId })
      .where('at', '>=', since)
      .where('at', '<', until)
      .orderBy('at');
    return rows.map((row) => ({
      campaignId,
      at: Number(row.at),
      samples: row.samples,
      answersForecast: Number(row.answers_forecast) / 100,
      answersActual: Number(row.answers_actual) / 100,
      freeForecast: Number(row.free_forecast) / 100,
      freeActual: Number(row.free_actual) / 100,
    }));
  }

  async function forgetBefore(at: number): Promise<number> {
    return db.knex('pacing_hindsight').where('at', '<', at).delete();
  }

  return { add, between, forgetBefore };
}
