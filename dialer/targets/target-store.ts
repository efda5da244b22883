import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { isDuplicate } from '../../core/database/errors.ts';
import type { TargetForm, TargetSet } from './target.ts';

interface Row {
  id: number;
  campaign_id: number;
  day: string;
  calls: number | null;
  contacts: number | null;
  sales: number | null;
  talk_share: number | null;
  wrapup_seconds: number | null;
}

const fromRow = (row: Row): TargetSet => ({
  ...{ id: row.id, campaignId: row.campaign_id, day: row.day },
  ...{ calls: row.calls, contacts: row.contacts, sales: row.sales },
  ...{ talkShare: row.talk_share, wrapupSeconds: row.wrapup_seconds },
});

const toRow = (form: TargetForm, now: number) => ({
  ...{ campaign_id: form.campaignId, day: form.day, updated_at: now },
  ...{ calls: form.calls, contacts: form.contacts, sales: form.sales },
  ...{ talk_share: form.talkShare, wrapup_seconds: form.wrapupSeconds },
});

export type TargetStore = ReturnType<typeof createTargetStore>;

/** All SQL for `day_targets`. */
export function createTargetStore({ db }: Pick<App, 'db'>) {
  const table = (knex: Knex = db.knex) => knex<Row>('day_targets');

  async function get(id: number): Promise<TargetSet | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** Of each campaign what holds on every day, then the days of their own. */
  async function ofCampaigns(campaignIds: readonly number[]): Promise<TargetSet[]> {
    if (campaignIds.length === 0) return [];
    const rows = await table()
      .whereIn('campaign_id', [...campaignIds])
      .orderBy(['campaign_id', 'day']);
    return rows.map(fromRow);
  }

  /** What holds on that day, by campaign: the day's own where there is one. */
  async function inForce(campaignIds: readonly number[], day: string): Promise<Map<number, TargetSet>> {
    if (campaignIds.length === 0) return new Map();
    const rows = await table()
      .whereIn('campaign_id', [...campaignIds])
      .whereIn('day', ['', day])
      .orderBy('day');
    return new Map(rows.map((row) => [row.campaign_id, fromRow(row)]));
  }

  /** Null when that campaign has targets for that day already. */
  async function create(form: TargetForm, now: number): Promise<number | null> {
    try {
      return await db.insertId('day_targets', toRow(form, now));
    } catch (error) {
      if (isDuplicate(error)) return null;
      throw error;
    }
  }

  async function update(id: number, form: TargetForm, now: number): Promise<'changed' | 'taken' | 'gone'> {
    try {
      return (await table().where({ id }).update(toRow(form, now))) === 1 ? 'changed' : 'gone';
    } catch (error) {
      if (isDuplicate(error)) return 'taken';
      throw error;
    }
  }

  async function remove(id: number): Promise<boolean> {
    return (await table().where({ id }).delete()) === 1;
  }

  return { get, ofCampaigns, inForce, create, update, remove };
}
