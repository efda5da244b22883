import { z } from 'zod';
import { createList } from '../../core/http/index.ts';
import { campaignModes, campaignStates, type Campaign } from './campaign.ts';

export const campaignFilters = z.object({
  q: z.string().max(100).optional(),
  state: z.enum(campaignStates).optional(),
  mode: z.enum(campaignModes).optional(),
  archived: z.enum(['yes']).optional(),
});

export interface CampaignListRow {
  readonly campaign: Campaign;
  /** For the badge: a name of views/styles/parts/states.css. */
  readonly badge: string;
  readonly icon: string;
  readonly stateWord: string;
  readonly zone: string;
}

export const campaignList = createList<CampaignListRow, typeof campaignFilters>({
  file: 'campaigns',
  exported: null,
  columns: [
    {
      key: 'name',
      labelKey: 'campaigns:fields.name',
      value: ({ campaign }) => campaign.name,
      sortable: true,
      partial: 'campaigns/campaign-name',
    },
    {
      key: 'state',
      labelKey: 'campaigns:fields.state',
      value: ({ campaign }) => `campaigns:states.${campaign.state}`,
      format: 'key',
      sortable: true,
      partial: 'campaigns/campaign-state',
    },
    {
      key: 'mode',
      labelKey: 'campaigns:fields.mode',
      value: ({ campaign }) => `campaigns:modes.${campaign.mode}.name`,
      format: 'key',
    },
    {
      key: 'progress',
      labelKey: 'campaigns:fields.progress',
      value: () => '',
      pageOnly: true,
      partial: 'campaigns/campaign-progress-cell',
    },
    {
      key: 'priority',
      labelKey: 'campaigns:fields.priority',
      value: ({ campaign }) => campaign.priority,
      format: 'number',
      sortable: true,
      hidden: true,
    },
    { key: 'zone', labelKey: 'campaigns:fields.zone', value: ({ zone }) => zone, hidden: true },
    {
      key: 'created',
      labelKey: 'campaigns:fields.createdAt',
      value: ({ campaign }) => campaign.createdAt,
      format: 'date',
      sortable: true,
      minor: true,
    },
    {
      key: 'actions',
      labelKey: 'campaigns:fields.actions',
      value: () => '',
      pageOnly: true,
      partial: 'campaigns/campaign-actions-cell',
    },
  ],
  sort: { column: 'created', direction: 'desc' },
  filters: campaignFilters,
  empty: {
    titleKey: 'campaigns:list.empty',
    textKey: 'campaigns:list.emptyText',
    action: { href: '/campaigns/new', labelKey: 'campaigns:add', roles: ['marketing', 'manager'] },
  },
});
