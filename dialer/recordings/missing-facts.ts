import type { App } from '../../core/app.ts';

const factsJob = 'recordings.facts';
const everyMs = 5 * 60_000;
const batch = 500;
/** So long after its end nobody hands a disposition in that the call's row would not have yet. */
const settledMs = 3_600_000;

interface Missing {
  readonly id: number;
  readonly campaign_id: number | null;
  readonly user_id: number | null;
  readonly customer_id: number | null;
  readonly e164: string;
  readonly outcome: string | null;
  readonly disposition_id: number | null;
  readonly state: string;
  readonly ended_at: number | null;
  readonly wrapped_up_at: number | null;
}

/**
 * A dialer of an earlier version that still runs beside a newer schema writes nothing of the call beside its recordings.
 * Such a row has no number; it gets one when nothing more comes of its call, and the rest at once.
 */
export async function fillMissingFacts(
  { db, clock }: Pick<App, 'db' | 'clock'>,
  signal?: AbortSignal,
): Promise<void> {
  for (let last = 0; !signal?.aborted;) {
    const rows = (await db
      .knex('recordings as r')
      .join('calls as c', 'c.id', 'r.call_id')
      .whereNull('r.e164')
      .whereNotNull('c.e164')
      .where('r.id', '>', last)
      .orderBy('r.id')
      .limit(batch)
      .select(
        'r.id',
        'c.campaign_id',
        'c.user_id',
        'c.customer_id',
        'c.e164',
        'c.outcome',
        'c.disposition_id',
      )
      .select('c.state', 'c.ended_at', 'c.wrapped_up_at')) as Missing[];
    const isSettled = ({ state, wrapped_up_at, ended_at }: Missing) =>
      state === 'ended' && (wrapped_up_at !== null || Number(ended_at) <= clock.now() - settledMs);
    await db.transaction(async (trx) => {
      for (const row of rows) {
        const { id, e164, state: _state, ended_at: _endedAt, wrapped_up_at: _at, ...facts } = row;
        await trx('recordings')
          .where({ id })
          .whereNull('e164')
          .update({ ...facts, ...(isSettled(row) ? { e164 } : {}) });
      }
    });
    if (rows.length < batch) return;
    last = rows.at(-1)!.id;
  }
}

/** Say how it is done before jobs are started, in every worker. */
export async function defineMissingFacts(app: App): Promise<void> {
  app.jobs.define<null>(factsJob, ({ signal }) => fillMissingFacts(app, signal));
  await app.jobs.repeat(factsJob, everyMs);
}
