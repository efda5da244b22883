import type { Request, Response } from 'express';
import type { App } from '../../core/app.ts';
import { formState, page, type FormState } from '../../core/http/index.ts';
import { formatNumber } from '../../core/i18n/index.ts';
import { createListStore } from '../lists/index.ts';
import { createCampaignPages, phaseOf } from './campaign-pages.ts';
import type { Campaign } from './campaign.ts';

export type ShowCampaign = ReturnType<typeof createCampaignView>;

/** The page of one campaign; `quotaForm`: a quota that was refused, as it was typed and with what is wrong. */
export function createCampaignView(app: App) {
  const lists = createListStore(app);
  const pages = createCampaignPages(app);

  return async function show(
    req: Request,
    res: Response,
    campaign: Campaign,
    quotaForm: FormState = formState({ filter_0_op: 'is' }),
  ): Promise<void> {
    const { t, locale } = req.context;
    const allLists = await lists.all();
    const live = await pages.livePart(req, campaign);
    const joined = new Set(live.lists.map(({ listId }) => listId));
    page(req, res, 'campaigns/campaign', {
      title: campaign.name,
      nav: '/campaigns',
      script: 'campaigns',
      styles: ['crm', 'campaigns'],
      live,
      campaign,
      whatIfTitle: t(`campaigns:whatIf.title.${phaseOf(campaign.state)}`),
      freeLists: allLists
        .filter((list) => !joined.has(list.id))
        .map((list) => ({ value: list.id, label: `${list.name} (${formatNumber(list.size, locale)})` })),
      joinForm: formState({ priority: 5 }),
      ...(live.mayEdit ? { ...(await pages.quotaPart(req, campaign)), quotaForm } : {}),
      archivable: !['running', 'paused'].includes(campaign.state),
    });
  };
}
