import type { Knex } from 'knex';
import type { LeadFilter } from '../leads/lead-filter.ts';
import { wantChange } from '../leads/wanted-changes.ts';
import type { App } from '../../core/app.ts';
import { measuresOtherwise } from './amd-settings.ts';
import { amdSettingsOf, campaignFromRow, settingsToRow, type CampaignRow } from './campaign-row.ts';
import {
  campaignAfter,
  type Campaign,
  type CampaignEvent,
  type CampaignSettings,
  type CampaignState,
} from './campaign.ts';

/** A campaign's settings with all that it is joined to; lists are joined one by one, as that makes leads. */
export interface CampaignDraft extends CampaignSettings {
  /** In order of failover. */
  readonly trunkIds: readonly number[];
  readonly agentIds: readonly number[];
  /** In the order agents see them. */
  readonly dispositionIds: readonly number[];
}

export type CampaignSaved =
  | { readonly saved: true; readonly revision: number }
  /** `changed-meanwhile`: somebody else saved after this editor had read. */
  | { readonly saved: false; readonly reason: 'changed-meanwhile' | 'gone' };

export interface CampaignStep {
  readonly from: CampaignState;
  readonly to: CampaignState;
}

export type CampaignMoved =
  | ({ readonly moved: true } & CampaignStep)
  | { readonly moved: false; readonly reason: 'wrong-state'; readonly state: CampaignState }
  | { readonly moved: false; readonly reason: 'gone' };

export interface CampaignList {
  readonly listId: number;
  readonly name: string;
  readonly size: number;
  readonly priority: number;
  /** Share among the lists of the same priority. */
  readonly weight: number;
}

export interface NamedCampaign {
  readonly id: number;
  readonly name: string;
  readonly isArchived: boolean;
}

export type CampaignStore = ReturnType<typeof createCampaignStore>;

/** All SQL for campaigns. Every change is told on the bus as `campaign.changed`. */
export function createCampaignStore(app: Pick<App, 'db' | 'bus'>) {
  const { db } = app;
  const table = (trx: Knex | Knex.Transaction = db.knex) => trx<CampaignRow>('campaigns');
  const changed = (campaignId: number) => app.bus.publish('campaign.changed', { campaignId });

  async function get(id: number, trx?: Knex.Transaction): Promise<Campaign | null> {
    const row = await table(trx).where({ id }).first();
    return row ? campaignFromRow(row) : null;
  }

  async function list(options: { archived?: boolean } = {}): Promise<Campaign[]> {
    const rows = await table()
      .modify((query) =>
        options.archived ? query.whereNotNull('archived_at') : query.whereNull('archived_at'),
      )
      .orderBy('id', 'desc');
    return rows.map(campaignFromRow);
  }

  /** All there are and were, those put away behind the others. */
  async function named(): Promise<NamedCampaign[]> {
    const rows = (await table()
      .orderByRaw('case when archived_at is null then 0 else 1 end, id desc')
      .select('id', 'name', 'archived_at')) as Pick<CampaignRow, 'id' | 'name' | 'archived_at'>[];
    return rows.map(({ id, name, archived_at }) => ({ id, name, isArchived: archived_at !== null }));
  }

  /** Campaigns that place calls now, the first served first. */
  async function running(): Promise<Campaign[]> {
    const rows = await table()
      .where({ state: 'running' })
      .orderBy([{ column: 'priority' }, { column: 'id' }]);
    return rows.map(campaignFromRow);
  }

  /** Trunk ids in order of failover. */
  async function trunksOf(campaignId: number): Promise<number[]> {
    const rows = await db
      .knex('campaign_trunks')
      .where({ campaign_id: campaignId })
      .orderBy('position')
      .select('trunk_id');
    return rows.map((row: { trunk_id: number }) => row.trunk_id);
  }

  async function agentsOf(campaignId: number): Promise<number[]> {
    const rows = await db
      .knex('campaign_agents')
      .where({ campaign_id: campaignId })
      .orderBy('user_id')
      .select('user_id');
    return rows.map((row: { user_id: number }) => row.user_id);
  }

  /** Disposition ids in the order agents see them. */
  async function dispositionsOf(campaignId: number): Promise<number[]> {
    const rows = await db
      .knex('campaign_dispositions')
      .where({ campaign_id: campaignId })
      .orderBy('position')
      .select('disposition_id');
    return rows.map((row: { disposition_id: number }) => row.disposition_id);
  }

  async function listsOf(campaignId: number): Promise<CampaignList[]> {
    const rows: { list_id: number; name: string; size: number; priority: number; weight: number }[] = await db
      .knex('campaign_lists')
      .join('lists', 'lists.id', 'campaign_lists.list_id')
      .where({ campaign_id: campaignId })
      .orderBy([{ column: 'campaign_lists.priority' }, { column: 'lists.id' }])
      .select('list_id', 'lists.name', 'lists.size', 'campaign_lists.priority', 'campaign_lists.weight');
    return rows.map((row) => ({
      listId: row.list_id,
      name: row.name,
      size: row.size,
      priority: row.priority,
      weight: row.weight,
    }));
  }

  /** Campaigns an agent works on, archived ones left out. */
  async function ofAgent(userId: number): Promise<Campaign[]> {
    const rows = await table()
      .whereIn('id', db.knex('campaign_agents').where({ user_id: userId }).select('campaign_id'))
      .whereNull('archived_at')
      .orderBy([{ column: 'priority' }, { column: 'id' }]);
    return rows.map(campaignFromRow);
  }

  /**
   * Puts an agent on campaigns and takes them off others. Returns those that changed; an editor who has one of them open
   * is told so when saving.
   */
  async function moveAgent(
    userId: number,
    { add, remove }: { add: readonly number[]; remove: readonly number[] },
    now: number,
    also?: (trx: Knex.Transaction, moved: readonly number[]) => Promise<void>,
  ): Promise<number[]> {
    const moved = await db.transaction(async (trx) => {
      const current: { campaign_id: number }[] = await trx('campaign_agents')
        .where({ user_id: userId })
        .select('campaign_id');
      const on = new Set(current.map(({ campaign_id }) => campaign_id));
      const added = unique(add).filter((id) => !on.has(id));
      const removed = unique(remove).filter((id) => on.has(id) && !added.includes(id));
      await db.insertMany(
        'campaign_agents',
        added.map((campaign_id) => ({ campaign_id, user_id: userId })),
        trx,
      );
      await trx('campaign_agents').where({ user_id: userId }).whereIn('campaign_id', removed).delete();
      const touched = [...added, ...removed];
      await table(trx).whereIn('id', touched).increment('revision', 1).update({ updated_at: now });
      if (touched.length > 0) await also?.(trx, touched);
      return touched;
    });
    for (const id of moved) changed(id);
    return moved;
  }

  async function writeJoined(id: number, draft: CampaignDraft, trx: Knex.Transaction): Promise<void> {
    const replace = async (name: string, rows: object[]) => {
      await trx(name).where({ campaign_id: id }).delete();
      await db.insertMany(name, rows, trx);
    };
    await replace(
      'campaign_trunks',
      unique(draft.trunkIds).map((trunk_id, position) => ({ campaign_id: id, trunk_id, position })),
    );
    await replace(
      'campaign_agents',
      unique(draft.agentIds).map((user_id) => ({ campaign_id: id, user_id })),
    );
    await replace(
      'campaign_dispositions',
      unique(draft.dispositionIds).map((disposition_id, position) => ({
        campaign_id: id,
        disposition_id,
        position,
      })),
    );
  }

  async function create(draft: CampaignDraft, by: { userId: number | null; now: number }): Promise<number> {
    const id = await db.transaction(async (trx) => {
      const row = {
        ...settingsToRow(draft),
        state: 'draft',
        amd_since: draft.amd ? by.now : null,
        created_by: by.userId,
        created_at: by.now,
        updated_at: by.now,
      };
      const created = await db.insertId('campaigns', row, trx);
      await writeJoined(created, draft, trx);
      return created;
    });
    changed(id);
    return id;
  }

  /**
   * Saves only over the `revision` that was read, so that two editors do not overwrite each other. Where the filter is
   * another one, its leads are wanted to follow it.
   */
  async function update(
    id: number,
    revision: number,
    draft: CampaignDraft,
    now: number,
    /** Writes of it what has to be there once it is done, in its transaction. */
    also?: (trx: Knex.Transaction) => Promise<void>,
  ): Promise<CampaignSaved> {
    const saved = await db.transaction(async (trx) => {
      const before = await table(trx).where({ id, revision }).first('lead_filter', 'amd', 'amd_settings');
      const row = settingsToRow(draft);
      const rows = await table(trx)
        .where({ id, revision })
        .update({ ...row, ...measuredAnew(before, draft, now), revision: revision + 1, updated_at: now });
      if (rows !== 1) return false;
      await writeJoined(id, draft, trx);
      if (before?.lead_filter !== row.lead_filter) await wantChange({ kind: 'filter', campaignId: id }, trx);
      await also?.(trx);
      return true;
    });
    if (saved) {
      changed(id);
      return { saved: true, revision: revision + 1 };
    }
    return { saved: false, reason: (await get(id)) ? 'changed-meanwhile' : 'gone' };
  }

  /** `keep` writes of it what has to be there once it is done, in its transaction. */
  async function transition(
    id: number,
    event: CampaignEvent,
    now: number,
    keep?: (done: CampaignStep, trx: Knex.Transaction) => Promise<void>,
  ): Promise<CampaignMoved> {
    const moved = await db.transaction(async (trx): Promise<CampaignMoved> => {
      const campaign = await get(id, trx);
      if (!campaign) return { moved: false, reason: 'gone' };
      const from = campaign.state;
      const to = campaignAfter(from, event);
      if (!to || campaign.archivedAt !== null) return { moved: false, reason: 'wrong-state', state: from };
      const rows = await table(trx)
        .where({ id, state: from })
        .whereNull('archived_at')
        .update({
          state: to,
          updated_at: now,
          ...(event === 'start' && campaign.startedAt === null ? { started_at: now } : {}),
        });
      if (rows === 1) {
        await keep?.({ from, to }, trx);
        return { moved: true, from, to };
      }
      const meanwhile = await get(id, trx);
      return meanwhile
        ? { moved: false, reason: 'wrong-state', state: meanwhile.state }
        : { moved: false, reason: 'gone' };
    });
    if (moved.moved) changed(id);
    return moved;
  }

  /** Joins a list; its leads are made by a job. False when it was joined already. */
  async function attachList(
    campaignId: number,
    listId: number,
    priority: number,
    within?: Knex.Transaction,
  ): Promise<boolean> {
    const attach = async (trx: Knex.Transaction) => {
      const key = { campaign_id: campaignId, list_id: listId };
      if (await trx('campaign_lists').where(key).first()) return false;
      await trx('campaign_lists').insert({ ...key, priority });
      return true;
    };
    const attached = await (within ? attach(within) : db.transaction(attach));
    if (attached) changed(campaignId);
    return attached;
  }

  /** Its leads are wanted to leave with it. False when it was not on the campaign. */
  async function detachList(campaignId: number, listId: number): Promise<boolean> {
    const detached = await db.transaction(async (trx) => {
      const rows = await trx('campaign_lists').where({ campaign_id: campaignId, list_id: listId }).delete();
      if (rows > 0) await wantChange({ kind: 'remove', campaignId, listId }, trx);
      return rows > 0;
    });
    if (detached) changed(campaignId);
    return detached;
  }

  /** Of which leads there are successes enough: the others are wanted to be held back. False when it is so already. */
  async function setQuotasMet(id: number, met: readonly LeadFilter[]): Promise<boolean> {
    const quotas_met = met.length > 0 ? JSON.stringify(met) : null;
    const isOther = await db.transaction(async (trx) => {
      const before = await table(trx).where({ id }).forUpdate().first('quotas_met');
      if (!before || before.quotas_met === quotas_met) return false;
      await table(trx).where({ id }).update({ quotas_met });
      await wantChange({ kind: 'filter', campaignId: id }, trx);
      return true;
    });
    if (isOther) changed(id);
    return isOther;
  }

  /** Puts a campaign that does not run out of sight, or back. */
  async function archive(id: number, archived: boolean, now: number): Promise<boolean> {
    const rows = await table()
      .where({ id })
      .whereNotIn('state', ['running', 'paused'])
      .update({ archived_at: archived ? now : null, updated_at: now });
    if (rows > 0) changed(id);
    return rows > 0;
  }

  return {
    get,
    list,
    named,
    running,
    trunksOf,
    agentsOf,
    dispositionsOf,
    listsOf,
    ofAgent,
    moveAgent,
    create,
    update,
    transition,
    attachList,
    detachList,
    setQuotasMet,
    archive,
  };
}

/** What is measured of detection begins anew where it listens or is checked otherwise; whoever saves has decided on it. */
function measuredAnew(
  before: Pick<CampaignRow, 'amd' | 'amd_settings'> | undefined,
  draft: CampaignDraft,
  now: number,
): Partial<CampaignRow> {
  if (!before || !draft.amd) return {};
  const isSame = before.amd === 1 && !measuresOtherwise(amdSettingsOf(before), draft.amdSettings);
  return isSame ? {} : { amd_since: now, amd_off_at: null };
}

const unique = (ids: readonly number[]): number[] => [...new Set(ids)];
