import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import type { AfterCall, Agent, AgentState, LegMode, PauseReason, PhoneState } from './agent.ts';

interface SessionRow {
  user_id: number;
  state: string;
  since: number;
  pause_code_id: number | null;
  pause_reason: string | null;
  campaign_id: number | null;
  call_id: string | null;
  phone: string;
  leg_mode: string | null;
  channel_id: string | null;
  bridge_id: string | null;
  dialer_id: string | null;
  signed_in_at: number | null;
  wrapup_until: number | null;
  after_call: string | null;
  revision: number;
}

type Coming = Pick<Agent, 'after' | 'mustRead'>;

function comingOf(row: SessionRow): Coming {
  if (!row.after_call) return { after: { to: 'ready' }, mustRead: false };
  const { mustRead = false, ...after } = JSON.parse(row.after_call) as AfterCall & { mustRead?: boolean };
  return { after, mustRead };
}

const comingToRow = ({ after, mustRead }: Coming): string | null =>
  after.to === 'ready' && !mustRead ? null : JSON.stringify(mustRead ? { ...after, mustRead } : after);

const fromRow = (row: SessionRow): Agent => ({
  userId: row.user_id,
  state: row.state as AgentState,
  since: row.since,
  pauseCodeId: row.pause_code_id,
  pauseReason: row.pause_reason as PauseReason | null,
  ...comingOf(row),
  legMode: (row.leg_mode ?? 'nailed') as LegMode,
  phone: row.phone as PhoneState,
  channelId: row.channel_id,
  callId: row.call_id,
  campaignId: row.campaign_id,
  wrapupUntil: row.wrapup_until,
  missedWrapups: 0,
  signedInAt: row.signed_in_at,
  revision: row.revision,
});

const toRow = (agent: Agent, bridgeId: string | null, dialerId: string): SessionRow => ({
  user_id: agent.userId,
  state: agent.state,
  since: agent.since,
  pause_code_id: agent.pauseCodeId,
  pause_reason: agent.pauseReason,
  campaign_id: agent.campaignId,
  call_id: agent.callId,
  phone: agent.phone,
  leg_mode: agent.legMode,
  channel_id: agent.channelId,
  bridge_id: bridgeId,
  dialer_id: dialerId,
  signed_in_at: agent.signedInAt,
  wrapup_until: agent.wrapupUntil,
  after_call: comingToRow(agent),
  revision: agent.revision,
});

export type AgentStore = ReturnType<typeof createAgentStore>;

/** All SQL for agents' sessions. */
export function createAgentStore(app: Pick<App, 'db'>) {
  const table = (trx: Knex | Knex.Transaction = app.db.knex) => trx<SessionRow>('agent_sessions');

  /**
   * Compare-and-set on the revision; the first one makes the row. What a dialer has written itself may lie further back,
   * as one transition that was lost must not keep out all that come after it. Returns the number of rows moved.
   */
  async function save(
    agent: Agent,
    bridgeId: string | null,
    dialerId: string,
    trx: Knex.Transaction,
  ): Promise<number> {
    const { user_id, ...row } = toRow(agent, bridgeId, dialerId);
    const moved = await table(trx)
      .where({ user_id })
      .where((before) => {
        void before
          .where({ revision: agent.revision - 1 })
          .orWhere((own) => own.where({ dialer_id: dialerId }).where('revision', '<', agent.revision));
      })
      .update(row);
    if (moved > 0 || (await table(trx).where({ user_id }).first('user_id'))) return moved;
    await table(trx).insert({ user_id, ...row });
    return 1;
  }

  /** Signs out an agent whose dialer no longer can, with the event. False when somebody else has moved the session. */
  async function signOutLeft(before: Agent, after: Agent, dialerId: string): Promise<boolean> {
    return app.db.transaction(async (trx) => {
      if ((await save(after, null, dialerId, trx)) !== 1) return false;
      await trx('agent_events').insert({
        ...{ user_id: after.userId, at: after.since, from_state: before.state, to_state: after.state },
        ...{ event: 'dialer-gone', campaign_id: before.campaignId, call_id: before.callId },
        ...{ pause_code_id: null, data: null },
      });
      return true;
    });
  }

  /** The sessions that this dialer holds, of agents signed out as well. */
  async function heldBy(dialerId: string): Promise<Agent[]> {
    return (await table().where({ dialer_id: dialerId }).orderBy('user_id')).map(fromRow);
  }

  /** An agent's session and the dialer that holds it, or held it last. */
  async function find(
    userId: number,
    trx?: Knex.Transaction,
  ): Promise<{ agent: Agent; dialerId: string } | null> {
    const row = await table(trx).where({ user_id: userId }).first();
    return row ? { agent: fromRow(row), dialerId: row.dialer_id ?? '' } : null;
  }

  return { save, signOutLeft, heldBy, find };
}
