import { Router } from 'express';
import type { App } from '../../core/app.ts';
import { guard, page } from '../../core/http/index.ts';
import { createCampaignStore } from '../campaigns/campaign-store.ts';
import { createRuleProposals } from '../campaigns/rule-proposal-store.ts';
import { createRuleVersionStore } from './rulebook/rule-version-store.ts';
import { createRegisterLook } from './scrubs/register-look.ts';
import { registerWords } from './scrubs/register-words.ts';
import { createScrubProposals } from './scrubs/scrub-proposal-store.ts';
import { createScrubRetirements } from './scrubs/scrub-retirement-store.ts';
import { createScrubStore } from './scrubs/scrub-store.ts';
import { createSuspensionStore } from './suspensions/suspension-store.ts';

const dayMs = 86_400_000;
const oldAfterDays = 24;

/** Where everything about law begins: what holds calls back now, and what waits for somebody. */
export function hubRoutes(app: App): Router {
  const router = Router();
  const suspensions = createSuspensionStore(app);
  const scrubs = createScrubStore(app);
  const proposals = createScrubProposals(app);
  const retirements = createScrubRetirements(app);
  const ruleProposals = createRuleProposals(app);
  const campaigns = createCampaignStore(app);
  const versions = createRuleVersionStore(app);
  const registers = createRegisterLook(app);

  /** Campaigns whose rules wait for somebody else. */
  async function rulesWaiting() {
    const ids = (await ruleProposals.waiting()).map(({ campaignId }) => campaignId);
    const found = await Promise.all(ids.map((id) => campaigns.get(id)));
    return found.flatMap((campaign) => (campaign ? { id: campaign.id, name: campaign.name } : []));
  }

  router.get('/compliance', guard('supervisor', 'marketing', 'manager'), async (req, res) => {
    const { t } = req.context;
    const now = app.clock.now();
    const active = await suspensions.active(now);
    const lists = await scrubs.active();
    const today = Math.floor(now / dayMs);
    const oldest = lists
      .filter(({ kind }) => kind === 'national')
      .map(({ scrubbedOn }) => today - Math.floor(Date.parse(scrubbedOn) / dayMs))
      .reduce((most, age) => Math.max(most, age), 0);
    const gaps = await registers.ofAll();
    page(req, res, 'compliance/hub', {
      title: t('compliance:hub.title'),
      suspended: active.length,
      lists: lists.length,
      oldest,
      // Where campaigns call there, the notice that names the countries says it.
      old: oldest >= oldAfterDays && gaps.old.length === 0,
      noRegister: registerWords(req, gaps.without),
      oldRegister: registerWords(req, gaps.old),
      misreadCountries: [
        ...new Set(lists.filter(({ misread }) => misread).map(({ country }) => country)),
      ].join(', '),
      proposals: (await versions.proposed()).length,
      proposedRules: await rulesWaiting(),
      proposedLists: (await proposals.countOpen()) + (await retirements.waiting()).size,
    });
  });

  return router;
}
