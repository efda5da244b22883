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

interface CampaignCounts {
  /** By the instant they begin at; those from `settledUntil` on are counted anew. */
  readonly hours: Map<number, Abandonment>;
  /** The oldest hour that was counted. */
  readonly from: number;
  /** The longest window that is asked for. */
  longestMs: number;
  settledUntil: number;
  countedAt: number;
}

/**
 * Abandonment of a campaign's rolling windows, to the hour at their old end. Settled hours are counted once, for all
 * windows together, so that one of millions of calls costs no more than its last hours.
 */
export function createAbandonmentCounter({ db }: Pick<App, 'db'>) {
  const campaigns = new Map<number, CampaignCounts>();

  async function of(campaignId: number, windowMs: number, now: number): Promise<Abandonment> {
    const start = floorHour(now - windowMs);
    const counts = campaigns.get(campaignId);
    const longestMs = Math.max(windowMs, counts?.longestMs ?? 0);
    const oldest = floorHour(now - longestMs);
    const fresh =
      counts && counts.from <= start && now - counts.countedAt < freshForMs && now >= counts.countedAt;
    const current = fresh ? counts : await recount(campaignId, counts, oldest, now);
    current.longestMs = longestMs;
    let [abandoned, connected] = [0, 0];
    for (const [hour, counted] of current.hours) {
      if (hour < oldest) current.hours.delete(hour);
      if (hour < start) continue;
      abandoned += counted.abandoned;
      connected += counted.connected;
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
      : { hours: new Map(), from: start, longestMs: 0, settledUntil: start, countedAt: now };
    const rows = await byHour(campaignId, counts.settledUntil);
    const unsettled = rows.flatMap(({ hour, undecided }) => (Number(undecided) > 0 ? Number(hour) : []));
    const settledUntil = Math.max(start, Math.min(floorHour(now - settledAfterMs), ...unsettled));
    for (const hour of counts.hours.keys()) if (hour >= counts.settledUntil) counts.hours.delete(hour);
    for (const { hour, abandoned, connected } of rows)
      counts.hours.set(Number(hour), { abandoned: Number(abandoned), connected: Number(connected) });
    counts.settledUntil = settledUntil;
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
