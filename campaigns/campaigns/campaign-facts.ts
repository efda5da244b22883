import type { App } from '../../core/app.ts';
import { createLawfulCaps } from '../compliance/lawful-cap.ts';
import { createRegisterLook } from '../compliance/scrubs/register-look.ts';
import { createDispositionStore } from '../dispositions/index.ts';
import { createLeadStore, type LeadState } from '../leads/index.ts';
import { createNumberPoolStore, type NumberPool } from '../number-pools/index.ts';
import { createCampaignStore, type CampaignList } from './campaign-store.ts';
import type { Campaign } from './campaign.ts';
import { whatIsMissing, type CampaignFacts, type Missing } from './readiness.ts';

/** A trunk as far as campaigns need to know it. */
export interface TrunkChoice {
  readonly id: number;
  readonly name: string;
  readonly enabled: boolean;
  readonly callerId: string | null;
  readonly weight: number;
}

export interface AgentChoice {
  readonly id: number;
  readonly name: string;
  readonly username: string;
  readonly rungPerCall: boolean;
}

export interface JoinedList extends CampaignList {
  /** The job that makes its leads. */
  readonly jobId: string | null;
  readonly builtAt: number | null;
}

export interface CampaignPicture {
  readonly lists: readonly JoinedList[];
  readonly trunks: readonly TrunkChoice[];
  /** Whose numbers it shows; null: one of its own, or its trunk's. */
  readonly numberPool: NumberPool | null;
  readonly agents: readonly AgentChoice[];
  readonly counts: Record<LeadState, number>;
  readonly missing: readonly Missing[];
  /** The share that the law in force lets it abandon. */
  readonly lawfulCap: number;
}

/** A read model: what a campaign is joined to, from the tables of those who keep it. */
export function createCampaignFacts(app: Pick<App, 'db' | 'bus' | 'clock'>) {
  const { db } = app;
  const campaigns = createCampaignStore(app);
  const dispositions = createDispositionStore(app);
  const leads = createLeadStore(app);
  const pools = createNumberPoolStore(app);
  const lawfulCaps = createLawfulCaps(app);
  const registers = createRegisterLook(app);

  /** Every trunk, in order of failover. */
  async function trunks(): Promise<TrunkChoice[]> {
    const rows: { id: number; name: string; enabled: number; caller_id: string | null; weight: number }[] =
      await db
        .knex('trunks')
        .orderBy(['position', 'id'])
        .select('id', 'name', 'enabled', 'caller_id', 'weight');
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      enabled: row.enabled === 1,
      callerId: row.caller_id || null,
      weight: row.weight,
    }));
  }

  /** Everybody who can take calls and may sign in, by name. */
  async function agents(): Promise<AgentChoice[]> {
    const rows: { id: number; name: string; username: string; leg_mode: string }[] = await db
      .knex('users')
      .whereIn('role', ['agent', 'supervisor'])
      .whereNull('disabled_at')
      .orderBy(['name', 'id'])
      .select('id', 'name', 'username', 'leg_mode');
    return rows.map(({ leg_mode, ...agent }) => ({ ...agent, rungPerCall: leg_mode === 'per-call' }));
  }

  async function listsOf(campaignId: number): Promise<JoinedList[]> {
    const lists = await campaigns.listsOf(campaignId);
    const rows: { list_id: number; job_id: string | null; built_at: number | null }[] = await db
      .knex('campaign_lists')
      .where({ campaign_id: campaignId })
      .select('list_id', 'job_id', 'built_at');
    const jobs = new Map(rows.map((row) => [row.list_id, row]));
    return lists.map((list) => ({
      ...list,
      jobId: jobs.get(list.listId)?.job_id ?? null,
      builtAt: jobs.get(list.listId)?.built_at ?? null,
    }));
  }

  /** All that the page of a campaign shows beside its settings. */
  async function picture(campaign: Campaign): Promise<CampaignPicture> {
    const [lists, trunkIds, allTrunks, agentIds, allAgents, chosen, counts] = [
      await listsOf(campaign.id),
      await campaigns.trunksOf(campaign.id),
      await trunks(),
      new Set(await campaigns.agentsOf(campaign.id)),
      await agents(),
      await dispositions.ofCampaign(campaign.id),
      await leads.countsByState(campaign.id),
    ];
    const numberPool = campaign.numberPoolId === null ? null : await pools.get(campaign.numberPoolId);
    const joinedTrunks = trunkIds.flatMap((id) => allTrunks.find((trunk) => trunk.id === id) ?? []);
    const joinedAgents = allAgents.filter(({ id }) => agentIds.has(id));
    const facts: CampaignFacts = {
      lists: lists.map(({ size, builtAt }) => ({ size, built: builtAt !== null })),
      leadsLeft: counts.new + counts.waiting + counts.callback + counts.reserved + counts.dialing,
      agents: joinedAgents.length,
      agentsRungPerCall: joinedAgents.filter(({ rungPerCall }) => rungPerCall).length,
      trunks: joinedTrunks,
      poolNumbers:
        campaign.numberPoolId === null
          ? null
          : (numberPool?.numbers.filter(({ enabled }) => enabled).length ?? 0),
      dispositions: chosen.map(({ category }) => category),
      lawfulCap: await lawfulCaps.of(campaign),
      registers: await registers.of(campaign),
    };
    return {
      lists,
      trunks: joinedTrunks,
      numberPool,
      agents: joinedAgents,
      counts,
      missing: whatIsMissing(campaign, facts),
      lawfulCap: facts.lawfulCap,
    };
  }

  return { trunks, agents, listsOf, picture };
}
