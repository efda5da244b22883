import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { found, fragment, guard, validate } from '../../core/http/index.ts';
import { formatNumber } from '../../core/i18n/index.ts';
import { createLeadFilters } from '../leads/lead-filters.ts';
import { campaignEditors, campaignParams } from './campaign-access.ts';
import { createCampaignStore } from './campaign-store.ts';
import { placesOfFilter, readFilter } from './filter-form.ts';

/** POST /campaigns/:id/preview-filter: how many of the campaign's leads a filter would leave, before it is saved. */
export function filterRoutes(app: App): Router {
  const router = Router();
  const campaigns = createCampaignStore(app);
  const filters = createLeadFilters(app);
  const form = validate({ params: campaignParams, body: z.record(z.string(), z.unknown()) });

  router.post('/campaigns/:id/preview-filter', guard(...campaignEditors), form, async (req, res) => {
    const { params, body } = form.of(req);
    const campaign = found(await campaigns.get(params.id));
    const { t, locale } = req.context;
    const problems: string[] = [];
    const filter = readFilter(body, { addIssue: (issue) => void problems.push((issue as { message: string }).message) }, campaign.defaultCountry); // prettier-ignore
    const counted = await filters.count(campaign.id, filter ?? { meet: 'all', conditions: [] });
    const numbers = {
      matching: formatNumber(counted.matching, locale),
      of: formatNumber(counted.of, locale),
    };
    fragment(req, res, 'campaigns/filter-count', {
      problems: problems.map((key) => t(key)),
      places: placesOfFilter(filter, locale).map(({ field, names }) =>
        t('campaigns:filter.readAs', {
          field: t(`campaigns:filter.shortFields.${field}`),
          names: names.join(t('campaigns:listSeparator')),
        }),
      ),
      text: t(`campaigns:filter.${counted.about ? 'countAbout' : 'count'}`, numbers),
      none: counted.of > 0 && counted.matching === 0,
    });
  });

  return router;
}
