import type { App } from '../../core/app.ts';
import type { LeadFilter } from './lead-filter.ts';
import { createFilterJob } from './lead-filters.ts';
import { createQuotas } from './quotas.ts';

/** A campaign whose filter has followed a list to its new name. */
export interface FollowedFilter {
  readonly campaignId: number;
  readonly before: LeadFilter;
  readonly after: LeadFilter;
}

/**
 * Filters and quotas name lists. When one is renamed those that name it go by its new name, and leads are looked at again
 * where a condition goes by any name of a list: else the list's leads would be blocked without anybody having said so.
 */
export function createListRenamed(app: App) {
  const { db, clock } = app;
  const filters = createFilterJob(app);
  const quotas = createQuotas(app);
  const naming = '%"field":"list"%';

  return async function listRenamed(from: string, to: string): Promise<FollowedFilter[]> {
    if (from === to) return [];
    // A list of the same name is still meant by it.
    const names = (await db.knex('lists').where({ name: from }).first('id')) ? [from, to] : [to];
    const followed: FollowedFilter[] = [];
    const filtered: { id: number; lead_filter: string }[] = await db
      .knex('campaigns')
      .whereRaw('lead_filter like ?', [naming])
      .select('id', 'lead_filter');
    for (const { id, lead_filter } of filtered) {
      const before = JSON.parse(lead_filter) as LeadFilter;
      const after = renamed(before, from, names);
      // Who saves another filter in this moment has chosen it anew.
      const rows = after
        ? await db
            .knex('campaigns')
            .where({ id, lead_filter })
            .update({ lead_filter: JSON.stringify(after), updated_at: clock.now() })
            .increment('revision', 1)
        : 0;
      if (after && rows === 1) followed.push({ campaignId: id, before, after });
      await filters.apply(id);
    }
    const counted: { id: number; campaign_id: number; who: string }[] = await db
      .knex('campaign_quotas')
      .whereRaw('who like ?', [naming])
      .select('id', 'campaign_id', 'who');
    for (const { id, who } of counted) {
      const after = renamed(JSON.parse(who) as LeadFilter, from, names);
      if (after)
        await db
          .knex('campaign_quotas')
          .where({ id, who })
          .update({ who: JSON.stringify(after) });
    }
    for (const campaignId of new Set(counted.map(({ campaign_id }) => campaign_id))) {
      await quotas.count(campaignId);
      await filters.apply(campaignId);
    }
    return followed;
  };
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
