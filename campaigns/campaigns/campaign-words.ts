import type { Request } from 'express';
import type { NamedCampaign } from './campaign-store.ts';

/** What is kept of calls outlives their campaign: one that was put away is named among the others, and says so. */
export function campaignWords(req: Request, { name, isArchived }: NamedCampaign): string {
  return isArchived ? req.context.t('campaigns:archivedName', { name }) : name;
}
