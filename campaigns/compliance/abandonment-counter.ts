import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { Abandonment } from './abandonment.ts';
import { abandonmentSums } from './abandonment-sums.ts';

const hourMs = 3_600_000;
/**
 * Longer than a call takes from its beginning to an agent or to its end. A live answer that has met neither is waited
 * for however long its dialer is away: its hour, and what comes after it, is counted anew until its outcome stands.
 */
const settledAfterMs = 3 * hourMs;
const freshForMs = 5_000;
const nobody: Abandonment = { abandoned: 0, connected: 0 };

interface CampaignCounts {
  /** Settled hours by the instant they begin at. */
  readonly hours: Map<number, Abandonment>;
  /** The oldest hour that was counted. */
  readonly from: number;
  settledUntil: number;
  recent: Abandonment;
  countedAt: number;
}

/**
 * Abandonment of a campaign's rolling window, to the hour at its old end. Settled hours are counted once, so that a
 * window of millions of calls costs no more than its last hours.
 */
export function createAbandonmentCounter({ db }: Pick<App, 'db'>) {
  const campaigns = new Map<number, CampaignCounts>();

  async function of(campaignId: number, windowMs: number, now: number): Promise<Abandonment> {
    const start = floorHour(now - windowMs);
    const counts = campaigns.get(campaignId);
    const fresh = counts && now - counts.countedAt < freshForMs && now >= counts.countedAt;
    const current = fresh ? counts : await recount(campaignId, counts, start, now);
    let { abandoned, connected } = current.recent;
    for (const [hour, settled] of current.hours) {
      if (hour < start) current.hours.delete(hour);
      else {
        abandoned += settled.abandoned;
        connected += settled.connected;
      }
    }
    return { abandoned, connected };
  }

  async function recount(
    campaignId: number,
    before: CampaignCounts | undefined,
    start: number,
    now: number,
  ): Promise<CampaignCounts> {
    const usable = before && before.from <= start && before.settledUntil <= now;
    const counts: CampaignCounts = usable
      ? before
      : { hours: new Map(), from: start, settledUntil: start, recent: nobody, countedAt: now };
    const rows = await byHour(campaignId, counts.settledUntil);
    const unsettled = rows.flatMap(({ hour, undecided }) => (Number(undecided) > 0 ? Number(hour) : []));
    const settledUntil = Math.max(start, Math.min(floorHour(now - settledAfterMs), ...unsettled));
    let recent = nobody;
    for (const row of rows) {
      const hour = Number(row.hour);
      const hourly = { abandoned: Number(row.abandoned), connected: Number(row.connected) };
      if (hour < settledUntil) counts.hours.set(hour, hourly);
      else
        recent = {
          abandoned: recent.abandoned + hourly.abandoned,
          connected: recent.connected + hourly.connected,
        };
    }
    counts.settledUntil = settledUntil;
    counts.recent = recent;
    counts.countedAt = now;
    campaigns.set(campaignId, counts);
    return counts;
  }

  function byHour(
    campaignId: number,
    from: number,
  ): Promise<{ hour: number; abandoned: number; connected: number; undecided: number }[]> {
    const hour = db.knex.raw('created_at - created_at % ?', [hourMs]) as unknown as Knex.Raw;
    return db
      .knex('calls')
      .where({ campaign_id: campaignId, direction: 'out' })
      .where('created_at', '>=', from)
      .whereNotNull('answered_at')
      .groupBy('hour')
      .select(
        db.knex.raw('? as hour', [hour]),
        ...abandonmentSums(db.knex),
        db.knex.raw(
          "sum(case when state <> 'ended' and connected_at is null and abandoned_at is null then 1 else 0 end) as undecided",
        ),
      );
  }

  return { of };
}

export type AbandonmentCounter = ReturnType<typeof createAbandonmentCounter>;

function floorHour(at: number): number {
  return at - (at % hourMs);
}
