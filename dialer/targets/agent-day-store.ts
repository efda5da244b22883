import type { App } from '../../core/app.ts';
import { localTime } from '../../core/time/local-time.ts';
import { countsAs, createDispositionStore } from '../../campaigns/dispositions/index.ts';
import { foldByCampaign, type DayByCampaign, type DayStep } from './agent-days.ts';
import type { AgentDay } from './target.ts';

interface StepRow {
  user_id: number;
  at: number | string;
  from_state: string | null;
  to_state: string;
  call_id: string | null;
  campaign_id: number | null;
}

interface Given {
  contacts: number;
  sales: number;
}

export type AgentDayStore = ReturnType<typeof createAgentDayStore>;

/** Reads what agents have done today from their events and those of what came of their calls. */
export function createAgentDayStore(app: Pick<App, 'db' | 'bus'>) {
  const { knex } = app.db;
  const dispositions = createDispositionStore(app);

  /** The day is the calendar day in `zone` that `now` falls on. By user, then by campaign. */
  async function today(
    userIds: readonly number[],
    campaignIds: readonly number[],
    now: number,
    zone: string,
  ): Promise<Map<number, Map<number, AgentDay>>> {
    if (userIds.length === 0 || campaignIds.length === 0) return new Map();
    const dayStart = localTime(now, zone).startOf('day').toMillis();
    const [steps, given] = await Promise.all([
      stepsOf(userIds, dayStart),
      givenBy(userIds, campaignIds, dayStart),
    ]);
    const days = new Map<number, Map<number, AgentDay>>();
    for (const userId of userIds) {
      const own = steps.get(userId) ?? [];
      const before = own[0]?.from ?? (await stateBefore(userId, dayStart));
      const day = foldByCampaign(own, before, dayStart, now);
      days.set(userId, new Map(campaignIds.map((id) => [id, dayOn(id, day, given.get(`${userId} ${id}`))])));
    }
    return days;
  }

  async function stepsOf(userIds: readonly number[], since: number): Promise<Map<number, DayStep[]>> {
    const rows = (await knex('agent_events')
      .whereIn('user_id', [...userIds])
      .andWhere('at', '>=', since)
      .orderBy(['user_id', 'at', 'id'])
      .select('user_id', 'at', 'from_state', 'to_state', 'call_id', 'campaign_id')) as StepRow[];
    const steps = new Map<number, DayStep[]>();
    for (const row of rows) {
      const own = steps.get(row.user_id) ?? [];
      own.push({
        ...{ at: Number(row.at), from: row.from_state, to: row.to_state },
        ...{ callId: row.call_id, campaignId: row.campaign_id },
      });
      steps.set(row.user_id, own);
    }
    return steps;
  }

  async function stateBefore(userId: number, at: number): Promise<string | null> {
    const row = (await knex('agent_events')
      .where({ user_id: userId })
      .andWhere('at', '<', at)
      .orderBy([
        { column: 'at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .first('to_state')) as { to_state: string } | undefined;
    return row?.to_state ?? null;
  }

  /** Dispositions by `<user> <campaign>`. */
  async function givenBy(userIds: readonly number[], campaignIds: readonly number[], since: number) {
    const rows = (await knex('call_events')
      .whereIn('campaign_id', [...campaignIds])
      .andWhere('at', '>=', since)
      .where({ event: 'disposed' })
      .whereIn('user_id', [...userIds])
      .select('user_id', 'campaign_id', 'data')) as {
      user_id: number;
      campaign_id: number;
      data: string | null;
    }[];
    const given = new Map<string, Given>();
    if (rows.length === 0) return given;
    const known = new Map((await dispositions.all()).map((one) => [one.id, one]));
    for (const { user_id, campaign_id, data } of rows) {
      const key = `${user_id} ${campaign_id}`;
      const { dispositionId = 0 } = JSON.parse(data ?? '{}') as { dispositionId?: number };
      const counts = countsAs(known.get(dispositionId) ?? null);
      const { contacts, sales } = given.get(key) ?? { contacts: 0, sales: 0 };
      given.set(key, {
        contacts: contacts + Number(counts.includes('rightParty')),
        sales: sales + Number(counts.includes('sales')),
      });
    }
    return given;
  }

  return { today };
}

function dayOn(campaignId: number, day: DayByCampaign, given: Given | undefined): AgentDay {
  const { calls, wrapupMs } = day.campaigns.get(campaignId) ?? { calls: 0, wrapupMs: 0 };
  const { talkMs, workMs } = day;
  return { calls, wrapupMs, talkMs, workMs, ...(given ?? { contacts: 0, sales: 0 }) };
}
