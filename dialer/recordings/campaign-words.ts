import type { Request } from 'express';
import type { NamedCampaign } from '../../campaigns/index.ts';

/** Sound outlives its campaign: one that was put away is named among the others, and says so. */
export function campaignWords(req: Request, { name, isArchived }: NamedCampaign): string {
  return isArchived ? req.context.t('recordings:archivedCampaign', { name }) : name;
}
