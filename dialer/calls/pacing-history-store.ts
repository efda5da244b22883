import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { abandonmentSums } from '../../campaigns/compliance/index.ts';
import type { AgentState } from '../agents/agent.ts';
import type { Call, CallEvent, CallState } from './call.ts';
import type { CallOutcome } from './outcome.ts';

/** One transition of a call that a campaign dialled by itself, as the event table has it. */
export interface CallStep {
  readonly callId: string;
  readonly at: number;
  readonly event: CallEvent['type'] | 'create';
  readonly from: CallState | null;
  readonly userId: number | null;
  readonly outcome: CallOutcome | null;
  /** It counts as abandoned, whatever was talked later. */
  readonly isAbandoned: boolean;
}

export interface AgentStep {
  readonly userId: number;
  readonly at: number;
  readonly to: AgentState;
  readonly campaignId: number | null;
}

export interface AnswersOfHour {
  readonly at: number;
  readonly connected: number;
  readonly abandoned: number;
}

const hourMs = 3_600_000;
/** Calls that a campaign places by itself; others concern one agent only. */
export const pacedPaths: readonly string[] = ['progressive', 'power', 'predictive'];

export type PacingHistoryStore = ReturnType<typeof createPacingHistoryStore>;

/** What a pacer that begins anew has to know: the events of the last hours, and the answers of the window before. */
export function createPacingHistoryStore({ db }: Pick<App, 'db'>, dialerId?: string) {
  /**
   * Dialers that run beside this one have accounts of their own: what each abandons within its own stays within the cap
   * together, and what all spent of one account would not.
   */
  const ofNoPeer = (column: string) => (query: Knex.QueryBuilder) => {
    if (dialerId === undefined) return;
    const running = db.knex('dialers').whereNull('stopped_at').whereNull('cleared_at');
    const peers = running.whereNot({ id: dialerId }).select('id');
    query.where((its) => its.whereNull(column).orWhereNotIn(column, peers));
  };

  /** The hour to read events from: at most `most` of them, none before `since`. */
  async function beginning(campaignId: number, since: number, most: number): Promise<number> {
    const row = (await db
      .knex('call_events')
      .where({ campaign_id: campaignId })
      .where('at', '>=', since)
      .orderBy('at', 'desc')
      .offset(most)
      .first('at')) as { at: number } | undefined;
    return row ? Number(row.at) : since;
  }

  /** Transitions of calls created from `since` on, oldest first, in pages. */
  async function* callSteps(campaignId: number, since: number, pageSize = 1_000): AsyncGenerator<CallStep[]> {
    let last: { at: number; id: number } = { at: since, id: 0 };
    for (;;) {
      const rows = (await db
        .knex('call_events as e')
        .join('calls as c', 'c.id', 'e.call_id')
        .where('e.campaign_id', campaignId)
        .where('e.at', '>=', last.at)
        .where((later) => later.where('e.at', '>', last.at).orWhere('e.id', '>', last.id))
        .where('c.direction', 'out')
        .whereIn('c.path', pacedPaths)
        .where('c.created_at', '>=', since)
        .modify(ofNoPeer('c.dialer_id'))
        // Of another dialer's calls the end will not be heard here: they count once they have it.
        .modify((query) => {
          if (dialerId === undefined) return;
          query.where((known) => known.where('c.dialer_id', dialerId).orWhere('c.state', 'ended'));
        })
        .orderBy([{ column: 'e.at' }, { column: 'e.id' }])
        .limit(pageSize)
        .select(
          ...['e.id', 'e.at', 'e.call_id', 'e.event', 'e.from_state', 'e.user_id'],
          ...['c.outcome', 'c.abandoned_at'],
        )) as {
        id: number;
        at: number;
        call_id: string;
        event: string;
        from_state: string | null;
        user_id: number | null;
        outcome: string | null;
        abandoned_at: number | null;
      }[];
      if (rows.length > 0)
        yield rows.map((row) => ({
          callId: row.call_id,
          at: Number(row.at),
          event: row.event as CallStep['event'],
          from: row.from_state as CallState | null,
          userId: row.user_id,
          outcome: row.outcome as Call['outcome'],
          isAbandoned: row.abandoned_at !== null,
        }));
      if (rows.length < pageSize) return;
      last = { at: Number(rows.at(-1)!.at), id: Number(rows.at(-1)!.id) };
    }
  }

  /** Changes of these agents' state from `since` on, oldest first. */
  async function agentSteps(userIds: readonly number[], since: number): Promise<AgentStep[]> {
    if (userIds.length === 0) return [];
    const rows = (await db
      .knex('agent_events')
      .whereIn('user_id', [...userIds])
      .where('at', '>=', since)
      .orderBy([{ column: 'at' }, { column: 'id' }])
      .select('user_id', 'at', 'to_state', 'campaign_id')) as {
      user_id: number;
      at: number;
      to_state: string;
      campaign_id: number | null;
    }[];
    return rows.map((row) => ({
      userId: row.user_id,
      at: Number(row.at),
      to: row.to_state as AgentState,
      campaignId: row.campaign_id,
    }));
  }

  /** Live answers of calls created from `from` up to `until`, by hour. */
  async function answers(campaignId: number, from: number, until: number): Promise<AnswersOfHour[]> {
    if (from >= until) return [];
    const hour = db.knex.raw('created_at - created_at % ?', [hourMs]) as unknown as Knex.Raw;
    const rows = (await db
      .knex('calls')
      .where({ campaign_id: campaignId, direction: 'out' })
      .whereIn('path', pacedPaths)
      .where('created_at', '>=', from)
      .where('created_at', '<', until)
      .whereNotNull('answered_at')
      .modify(ofNoPeer('dialer_id'))
      .groupBy('hour')
      .orderBy('hour')
      .select(db.knex.raw('? as hour', [hour]), ...abandonmentSums(db.knex))) as {
      hour: number;
      abandoned: number;
      connected: number;
    }[];
    return rows.map((row) => ({
      at: Number(row.hour),
      connected: Number(row.connected),
      abandoned: Number(row.abandoned),
    }));
  }

  /** Dialers that run and have agents of the campaign signed in, this one among them in any case. */
  async function dialersServing(campaignId: number): Promise<number> {
    const row = await db
      .knex('agent_sessions as s')
      .join('campaign_agents as a', 'a.user_id', 's.user_id')
      .join('dialers as d', 'd.id', 's.dialer_id')
      .where('a.campaign_id', campaignId)
      .whereNot('s.state', 'signed-out')
      .whereNull('d.stopped_at')
      .whereNull('d.cleared_at')
      .whereNot('s.dialer_id', dialerId ?? '')
      .countDistinct({ n: 's.dialer_id' })
      .first();
    return 1 + Number(row?.['n'] ?? 0);
  }

  return { beginning, callSteps, agentSteps, answers, dialersServing };
}
