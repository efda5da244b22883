import type { App } from '../../core/app.ts';
import type { Present } from '../../dialer/pacing/index.ts';
import { bucketMs, figuresOf } from '../rollups/rollup.ts';
import { RollupStore } from '../rollups/rollup-store.ts';

/** States of an agent that make no calls. */
const away = ['paused', 'signed-out'];
const inTheAir = ['created', 'dialing', 'ringing', 'detecting'];

/** How a campaign stands now: its people, its lines, its account. */
export function createPresentStore(app: Pick<App, 'db'>) {
  const { knex } = app.db;
  const rollups = new RollupStore(app.db);

  /** Agents at work for it and lines that ring, each with the seconds it has lasted. */
  async function present(campaignId: number, now: number): Promise<Present> {
    const agents: { state: string; since: number; campaign_id: number | null }[] = await knex(
      'campaign_agents as ca',
    )
      .join('agent_sessions as s', 's.user_id', 'ca.user_id')
      .where('ca.campaign_id', campaignId)
      .whereNotIn('s.state', away)
      .select('s.state', 's.since', 's.campaign_id');
    const calls: { dialed_at: number | null }[] = await knex('calls')
      .whereIn('state', inTheAir)
      .where({ campaign_id: campaignId })
      .select('dialed_at');
    const seconds = (since: number): number => Math.max(0, (now - Number(since)) / 1000);
    // Who talks for another campaign is not here.
    const here = agents.filter(({ campaign_id }) => campaign_id === null || campaign_id === campaignId);
    const those = (...states: string[]): number[] =>
      here.filter(({ state }) => states.includes(state)).map(({ since }) => seconds(since));
    return {
      idle: those('ready', 'reserved').length,
      talking: those('on-call'),
      wrapup: those('wrapup'),
      ringing: calls.map(({ dialed_at }) => (dialed_at === null ? 0 : seconds(dialed_at))),
    };
  }

  /** Live answers and abandoned calls in the campaign's window up to now. */
  async function account(
    campaignId: number,
    windowMs: number,
    now: number,
  ): Promise<{ answers: number; abandoned: number }> {
    const since = Math.floor((now - windowMs) / bucketMs) * bucketMs;
    const { connected, abandoned } = figuresOf(await rollups.totals(campaignId, since, now + bucketMs));
    return { answers: connected + abandoned, abandoned };
  }

  return { present, account };
}
