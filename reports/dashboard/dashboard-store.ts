import { localTime, offsetsOf } from '../../core/time/local-time.ts';
import {
  abandonBudget,
  abandonRate,
  createHungUpOn,
  withHungUpOn,
  type createLawfulCaps,
  type HungUpEstimates,
  type HungUpOn,
} from '../../campaigns/compliance/index.ts';
import {
  byState,
  countBuckets,
  heldByState,
  slowCounts,
  type SlowCounts,
} from '../../campaigns/leads/index.ts';
import type { Database } from '../../core/database/database.ts';
import type { AgentState } from '../../dialer/agents/agent.ts';
import { talkMsOf, type CallState } from '../../dialer/calls/call.ts';
import { createHindsightStore } from '../../dialer/hindsight/index.ts';
import { RollupStore } from '../rollups/rollup-store.ts';
import { bucketMs, figuresOf } from '../rollups/rollup.ts';
import type { Figures } from '../metrics/figures.ts';
import { budgetOver, hindsightOver } from './over-the-day.ts';
import {
  connectionsOwed,
  type AgentRow,
  type CampaignLive,
  type LastCall,
  type SeriesPoint,
} from './campaign-live.ts';

const liveStates = [
  'created',
  'dialing',
  'ringing',
  'detecting',
  'waiting',
  'messaging',
  'connected',
  'held',
  'parked',
  'transferring',
  'outside',
  'announcing',
] as const satisfies readonly Exclude<CallState, 'ended'>[];

const lastCallsShown = 15;

/** Calls of a campaign that has rested for long, and what is expected of the day. */
const shownBackMs = 366 * 86_400_000;
const shownAheadMs = 2 * 86_400_000;

/** The cap that binds a campaign, and its window; and whether its law counts who was hung up on as a machine. */
type Law = Pick<ReturnType<typeof createLawfulCaps>, 'binding' | 'countHungUpOn'>;
const ownLaw: Law = { binding: async (own) => own, countHungUpOn: async () => false };

/** Reads what the dashboard shows. Nothing here scans an event table; lead counts are kept for `leadsFreshMs`, and longer where they are slow. */
export class DashboardStore {
  readonly #db: Database;
  readonly #rollups: RollupStore;
  readonly #hindsight: ReturnType<typeof createHindsightStore>;
  readonly #leads = new Map<number, { at: number; counts: CampaignLive['leads'] }>();
  readonly #law: Law;
  readonly #hungUpOn: HungUpEstimates;
  readonly #count: (campaignId: number) => Promise<CampaignLive['leads']>;

  constructor(db: Database, slow: SlowCounts = {}, law: Law = ownLaw) {
    this.#db = db;
    this.#law = law;
    this.#hungUpOn = createHungUpOn({ db });
    this.#count = slowCounts((id) => this.#countLeads(id), slow);
    this.#rollups = new RollupStore(db);
    this.#hindsight = createHindsightStore({ db });
  }

  async campaign(id: number, now: number): Promise<CampaignLive['campaign'] | null> {
    const row = await this.#db.knex('campaigns').where({ id }).first();
    if (!row) return null;
    const binding = await this.#law.binding({
      ...{ ruleSet: row.rule_set, abandonCap: row.abandon_cap / 10_000 },
      abandonWindowMs: Number(row.abandon_window_ms),
    });
    return {
      id,
      name: row.name,
      state: row.state,
      mode: row.mode,
      zone: row.zone,
      offsets: offsetsOf(row.zone, now - shownBackMs, now + shownAheadMs),
      abandonCap: binding.abandonCap,
      abandonWindowMs: binding.abandonWindowMs,
    };
  }

  async read(id: number, now: number, leadsFreshMs = 5_000): Promise<Omit<CampaignLive, 'pacing'> | null> {
    const campaign = await this.campaign(id, now);
    if (!campaign) return null;
    const todayFrom = localTime(now, campaign.zone).startOf('day').toMillis();
    const [agents, lines, todayRows, window, leads, lastCalls, expired, minutes, unfoldedFrom] =
      await Promise.all([
        this.#agents(id),
        this.#lines(id),
        this.#rollups.rows(id, Math.floor(todayFrom / bucketMs) * bucketMs, now + bucketMs),
        this.#window(id, campaign.abandonWindowMs, now),
        this.#leadCounts(id, now, leadsFreshMs),
        this.#lastCalls(id),
        this.#rollups.rows(
          id,
          Math.floor((todayFrom - campaign.abandonWindowMs) / bucketMs) * bucketMs,
          now - campaign.abandonWindowMs,
        ),
        this.#hindsight.between(id, todayFrom, now + bucketMs),
        this.#rollups.unfoldedFrom(),
      ]);
    const hungUpOn = await this.#estimate(id, campaign.abandonWindowMs, now);
    const counted = withHungUpOn({ ...window, hungUpOn: hungUpOn?.people?.estimate });
    return {
      at: now,
      campaign,
      agents,
      lines,
      today: figuresOf(todayRows),
      todayFrom,
      window: {
        connected: window.connected,
        abandoned: window.abandoned,
        hungUpOn,
        rate: window.connected + window.abandoned > 0 ? abandonRate(counted) : null,
        budgetLeft: abandonBudget(counted, campaign.abandonCap),
        owed: connectionsOwed(counted, campaign.abandonCap),
      },
      leads,
      series: series(todayRows),
      budget: budgetOver(todayRows, expired, { ...window, ...counted, at: now }, campaign),
      hindsight: hindsightOver(minutes),
      lastCalls,
      countedTo: Math.min(now, unfoldedFrom ?? now),
    };
  }

  async #estimate(id: number, windowMs: number, now: number): Promise<HungUpOn | null> {
    const row = await this.#db.knex('campaigns').where({ id }).first('rule_set', 'default_country', 'zone', 'amd_since'); // prettier-ignore
    const law = { ruleSet: row.rule_set, defaultCountry: row.default_country };
    if (!(await this.#law.countHungUpOn(law))) return null;
    const amdSince = row.amd_since === null ? null : Number(row.amd_since);
    const estimate = await this.#hungUpOn.of({ id, zone: row.zone, amdSince }, windowMs, now);
    return estimate.machines > 0 ? estimate : null;
  }

  async #agents(campaignId: number): Promise<AgentRow[]> {
    const rows = await this.#db
      .knex('campaign_agents as ca')
      .join('agent_sessions as s', 's.user_id', 'ca.user_id')
      .join('users as u', 'u.id', 'ca.user_id')
      .where('ca.campaign_id', campaignId)
      .whereNot('s.state', 'signed-out')
      .orderBy('u.name')
      .select('u.id', 'u.name', 's.state', 's.since', 's.call_id');
    return rows.map((row) => ({
      userId: row.id,
      name: row.name,
      state: row.state as AgentState,
      since: Number(row.since),
      callId: row.call_id,
    }));
  }

  async #lines(campaignId: number): Promise<CampaignLive['lines']> {
    const rows: { state: string; count: number }[] = await this.#db
      .knex('calls')
      .whereIn('state', liveStates)
      .where('campaign_id', campaignId)
      .groupBy('state')
      .select('state', this.#db.knex.raw('count(*) as count'));
    const lines = Object.fromEntries(liveStates.map((state) => [state, 0])) as CampaignLive['lines'];
    for (const row of rows) lines[row.state as keyof typeof lines] = Number(row.count);
    return lines;
  }

  async #window(campaignId: number, windowMs: number, now: number): Promise<Figures> {
    // Whole spans only: the span in which the window begins still counts, so the figure errs to the strict side.
    const since = Math.floor((now - windowMs) / bucketMs) * bucketMs;
    return figuresOf(await this.#rollups.totals(campaignId, since, now + bucketMs));
  }

  async #leadCounts(campaignId: number, now: number, freshMs: number): Promise<CampaignLive['leads']> {
    const known = this.#leads.get(campaignId);
    if (known && now - known.at < freshMs) return known.counts;
    const counts = await this.#count(campaignId);
    this.#leads.set(campaignId, { at: now, counts });
    return counts;
  }

  async #countLeads(campaignId: number): Promise<CampaignLive['leads']> {
    const { knex } = this.#db;
    const buckets = await countBuckets(knex, campaignId, 0);
    const sum = (key: 'count' | 'attempted') => buckets.reduce((total, bucket) => total + bucket[key], 0);
    return {
      loaded: sum('count'),
      attempted: sum('attempted'),
      byState: byState(buckets, await heldByState(knex, campaignId)),
    };
  }

  async #lastCalls(campaignId: number): Promise<LastCall[]> {
    const rows = await this.#db
      .knex('calls as c')
      .leftJoin('customers as k', 'k.id', 'c.customer_id')
      .leftJoin('users as u', 'u.id', 'c.user_id')
      .leftJoin('dispositions as d', 'd.id', 'c.disposition_id')
      .where('c.campaign_id', campaignId)
      .orderBy('c.created_at', 'desc')
      .limit(lastCallsShown)
      .select(
        'c.id',
        'c.created_at',
        'c.customer_id',
        'c.e164',
        'c.state',
        'c.outcome',
        'c.connected_at',
        'c.left_at',
        'c.ended_at',
        'k.name as customer',
        'u.name as agent',
        'd.names as disposition',
      );
    return rows.map((row) => ({
      id: row.id,
      at: Number(row.created_at),
      customerId: row.customer_id,
      customer: row.customer,
      e164: row.e164,
      state: row.state,
      outcome: row.outcome,
      agent: row.agent,
      talkMs:
        row.connected_at !== null && row.ended_at !== null
          ? talkMsOf({
              connectedAt: Number(row.connected_at),
              leftAt: row.left_at === null ? null : Number(row.left_at),
              endedAt: Number(row.ended_at),
            })
          : null,
      disposition: row.disposition ? (JSON.parse(row.disposition) as Record<string, string>) : null,
    }));
  }
}

function series(rows: { bucket_at: number; figure: string; value: number }[]): SeriesPoint[] {
  const points = new Map<number, SeriesPoint>();
  for (const row of rows) {
    const at = Number(row.bucket_at);
    let point = points.get(at);
    if (!point) points.set(at, (point = { at, attempts: 0, connected: 0, abandoned: 0 }));
    if (row.figure === 'attempts' || row.figure === 'connected' || row.figure === 'abandoned')
      point[row.figure] += Number(row.value);
  }
  return [...points.values()].sort((a, b) => a.at - b.at);
}
