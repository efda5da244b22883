import type { App } from '../../core/app.ts';
import { zoneRules } from '../../core/time/zone-rules.ts';
import { numberZones } from '../../campaigns/compliance/index.ts';
import type { Campaign } from '../../campaigns/index.ts';
import { enoughCalls, learn, typical, type Learned, type PastCall } from './learned.ts';

/** The newest so many calls of a campaign are looked at. */
const mostCalls = 4_000;
const othersAsked = 5;
const callsOfOther = 800;
/** Calls that agents dial by hand say nothing about a list. */
const byList = ['predictive', 'power', 'progressive', 'preview'];

/** Learns from the newest calls of a campaign, or else of those that ran last. Reads a bounded number of rows by index. */
export function createLearnedStore(app: Pick<App, 'db'>) {
  const { knex } = app.db;

  async function callsOf(campaignId: number, zone: string, limit: number): Promise<PastCall[]> {
    const rows: Record<string, number | string | null>[] = await knex('calls')
      .where({ campaign_id: campaignId })
      .orderBy('created_at', 'desc')
      .limit(limit)
      .select(
        ...['path', 'direction', 'e164', 'attempt', 'outcome', 'dialed_at', 'answered_at', 'connected_at'],
        ...['ended_at', 'wrapped_up_at'],
      );
    const time = (value: number | string | null | undefined) => (value == null ? null : Number(value));
    return rows.flatMap((row) => {
      if (row.direction !== 'out' || !byList.includes(String(row.path))) return [];
      if (row.dialed_at == null || row.outcome == null) return [];
      const dialedAt = Number(row.dialed_at);
      return {
        hour: hourAt(row.e164 == null ? zone : (numberZones(String(row.e164))[0] ?? zone), dialedAt),
        attempt: Math.max(1, Number(row.attempt)),
        outcome: String(row.outcome),
        dialedAt,
        answeredAt: time(row.answered_at),
        connectedAt: time(row.connected_at),
        endedAt: time(row.ended_at),
        wrappedUpAt: time(row.wrapped_up_at),
      };
    });
  }

  return async function learned(campaign: Pick<Campaign, 'id' | 'zone' | 'ringTimeoutMs'>): Promise<Learned> {
    const own = await callsOf(campaign.id, campaign.zone, mostCalls);
    if (own.length >= enoughCalls) return learn(own, 'campaign', campaign.ringTimeoutMs);
    const others: { id: number; zone: string }[] = await knex('campaigns')
      .whereNot({ id: campaign.id })
      .whereNotNull('started_at')
      .orderBy('started_at', 'desc')
      .limit(othersAsked)
      .select('id', 'zone');
    const calls = [...own];
    for (const { id, zone } of others) calls.push(...(await callsOf(id, zone, callsOfOther)));
    return calls.length >= enoughCalls
      ? learn(calls, 'others', campaign.ringTimeoutMs)
      : typical(campaign.ringTimeoutMs);
  };
}

/** The hour a wall clock in that zone shows. */
export function hourAt(zone: string, at: number): number {
  const offset = zoneRules(zone)?.offsetAt(at) ?? 0;
  return Math.floor((((at + offset) % 86_400_000) + 86_400_000) / 3_600_000) % 24;
}
