import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { createListStore } from '../lists/list-store.ts';
import type { LeadFilter } from './lead-filter.ts';
import { createWantedChanges, wantChange } from './wanted-changes.ts';

/** Of a campaign, its filter or a quota that has followed a list to its new name. */
export interface Followed {
  readonly campaignId: number;
  /** Name of the quota; null: it is the filter of the campaign. */
  readonly quota: string | null;
  readonly before: LeadFilter;
  readonly after: LeadFilter;
}

/**
 * Filters and quotas name lists. When one is renamed those that name it go by its new name, and leads are looked at again
 * where a condition goes by any name of a list: else the list's leads would be blocked without anybody having said so.
 */
export function createListRenamed(app: App) {
  const { db, clock } = app;
  const wanted = createWantedChanges(app);
  const lists = createListStore(app);
  const naming = '%"field":"list"%';

  /** Saves the list, and all that names it with it. Null: somebody else has saved it since this revision was read. */
  return async function rename(
    id: number,
    revision: number,
    list: { name: string; description: string | null },
  ): Promise<Followed[] | null> {
    const { followed, touched } = await db.transaction(async (trx) => {
      const row: { name: string } | undefined = await trx('lists').where({ id }).forUpdate().first('name');
      if (!(await lists.update(id, revision, list, trx)))
        return { followed: null, touched: new Set<number>() };
      if (!row || row.name === list.name) return { followed: [], touched: new Set<number>() };
      return follow(trx, id, row.name, list.name);
    });
    for (const campaignId of touched) await wanted.queue(campaignId);
    return followed;
  };

  async function follow(trx: Knex.Transaction, listId: number, from: string, to: string) {
    const others: string[] = await trx('lists').whereNot({ id: listId }).pluck('name');
    // A list of the same name is still meant by it.
    const names = others.some((name) => folded(name) === folded(from)) ? [from, to] : [to];
    const followed: Followed[] = [];
    const touched = new Set<number>();
    const filtered: { id: number; lead_filter: string }[] = await trx('campaigns')
      .whereRaw('lead_filter like ?', [naming])
      .select('id', 'lead_filter');
    for (const { id, lead_filter } of filtered) {
      touched.add(id);
      const before = JSON.parse(lead_filter) as LeadFilter;
      const after = renamed(before, from, names);
      if (!after) continue;
      // Who saves another filter in this moment has chosen it anew.
      const rows = await trx('campaigns')
        .where({ id, lead_filter })
        .update({ lead_filter: JSON.stringify(after), updated_at: clock.now() })
        .increment('revision', 1);
      if (rows === 1) followed.push({ campaignId: id, quota: null, before, after });
    }
    const counted: { id: number; campaign_id: number; name: string; who: string }[] = await trx(
      'campaign_quotas',
    )
      .whereRaw('who like ?', [naming])
      .select('id', 'campaign_id', 'name', 'who');
    for (const { id, campaign_id, name, who } of counted) {
      touched.add(campaign_id);
      const before = JSON.parse(who) as LeadFilter;
      const after = renamed(before, from, names);
      if (!after) continue;
      const rows = await trx('campaign_quotas')
        .where({ id, who })
        .update({ who: JSON.stringify(after) });
      if (rows === 1) followed.push({ campaignId: campaign_id, quota: name, before, after });
    }
    // Whom a quota that is met holds back stays so until quotas are counted next.
    const held: { id: number; quotas_met: string }[] = await trx('campaigns')
      .whereRaw('quotas_met like ?', [naming])
      .select('id', 'quotas_met');
    for (const { id, quotas_met } of held) {
      const met = (JSON.parse(quotas_met) as LeadFilter[]).map((who) => renamed(who, from, names) ?? who);
      await trx('campaigns')
        .where({ id, quotas_met })
        .update({ quotas_met: JSON.stringify(met) });
    }
    for (const campaignId of touched) await wantChange({ kind: 'filter', campaignId }, trx);
    return { followed, touched };
  }
}

/** Null: it does not name the list. */
function renamed(filter: LeadFilter, from: string, names: readonly string[]): LeadFilter | null {
  const isIt = (value: string) => folded(value) === folded(from);
  let isNamed = false;
  const conditions = filter.conditions.map((condition) => {
    const { field, operator, values } = condition;
    if (field !== 'list' || (operator !== 'is' && operator !== 'is-not') || !values.some(isIt))
      return condition;
    isNamed = true;
    return { ...condition, values: [...new Set(values.flatMap((value) => (isIt(value) ? names : value)))] };
  });
  return isNamed ? { ...filter, conditions } : null;
}

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();
