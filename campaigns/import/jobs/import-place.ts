import type { App } from '../../../core/app.ts';
import { createCampaignStore, type Campaign } from '../../campaigns/index.ts';
import { holdingAt } from '../../compliance/rulebook/rule-book.ts';
import { createRuleVersionStore } from '../../compliance/rulebook/rule-version-store.ts';
import { createListStore } from '../../lists/index.ts';
import type { Import } from '../import.ts';
import type { CallableRules } from '../judging/callable.ts';

/** Where the customers of an import go: what their rows are compared with. */
export interface ImportPlace {
  readonly listName: string;
  readonly campaignIds: readonly number[];
  readonly rules: CallableRules;
}

export function createImportPlaces(app: App) {
  const campaigns = createCampaignStore(app);
  const lists = createListStore(app);
  const versions = createRuleVersionStore(app);

  /** Without their calendars: what is found out about a row is the same on every day. */
  async function editedAt(at: number): Promise<CallableRules['edited']> {
    const holding = holdingAt(await versions.approved(), at);
    return [...holding].map(([name, { form }]) => [name, { ...form, calendar: undefined }] as const);
  }

  /** The campaigns of the list and the one it is to join, and the law that the first of them keeps. */
  return async function placeOf(item: Import, at: number): Promise<ImportPlace> {
    const list = item.listId > 0 ? await lists.get(item.listId) : null;
    const joined = item.listId > 0 ? await lists.campaignsOf(item.listId) : [];
    const ids = new Set(joined.map(({ id }) => id));
    if (item.options.campaignId) ids.add(item.options.campaignId);
    const found: Campaign[] = [];
    for (const id of ids) {
      const campaign = await campaigns.get(id);
      if (campaign) found.push(campaign);
    }
    const [only] = found;
    return {
      listName: list?.name ?? item.options.newListName,
      campaignIds: found.map(({ id }) => id),
      rules: {
        ruleSet: only?.ruleSet ?? null,
        automated: found.some(({ mode }) => mode === 'predictive' || mode === 'power'),
        at,
        edited: await editedAt(at),
      },
    };
  };
}
