import type { App } from '../../core/app.ts';
import type { ScriptSurroundings } from '../../crm/index.ts';
import { createDispositionStore } from '../dispositions/index.ts';
import { createCampaignStore } from './campaign-store.ts';

/** What scripts have to know of campaigns: what an end may suggest, and who uses which. */
export function createScriptSurroundings(app: Pick<App, 'db' | 'bus'>): ScriptSurroundings {
  const dispositions = createDispositionStore(app);
  const campaigns = createCampaignStore(app);

  return {
    dispositions: () => dispositions.all({ activeOnly: true }),
    async usedBy() {
      const users = new Map<number, string[]>();
      for (const { name, scriptId } of await campaigns.list())
        if (scriptId !== null) users.set(scriptId, [...(users.get(scriptId) ?? []), name]);
      return users;
    },
    async campaignOf(scriptId) {
      const [first] = (await campaigns.list())
        .filter((campaign) => campaign.scriptId === scriptId)
        .sort((a, b) => a.name.localeCompare(b.name) || a.id - b.id);
      return first ? { name: first.name, country: first.defaultCountry } : null;
    },
  };
}
