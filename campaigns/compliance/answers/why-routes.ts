import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../../core/app.ts';
import { found, guard, page, validate } from '../../../core/http/index.ts';
import { formatDate } from '../../../core/i18n/index.ts';
import { createCustomerStore } from '../../../crm/index.ts';
import { createCampaignStore } from '../../campaigns/campaign-store.ts';
import { campaignWords } from '../../campaigns/campaign-words.ts';
import { createGate } from '../create-gate.ts';
import type { RuleCatalogue } from '../rules/catalogue.ts';
import { localTimes, outlookWords, shownFacts, shownRules } from '../verdict-view.ts';
import { createWhyCustomer, type WhyCall } from './why-customer.ts';

/** "Why is this customer (not) called?", for every campaign they are on. */
export function whyRoutes(app: App, catalogue: { now(): Promise<RuleCatalogue> }): Router {
  const router = Router();
  const customers = createCustomerStore(app);
  const campaigns = createCampaignStore(app);
  const dryGate = createGate(app, { dry: true });
  const why = createWhyCustomer(app, dryGate);

  const byId = validate({ params: z.object({ id: z.coerce.number().int().positive() }) });
  router.get(
    '/compliance/customers/:id/why',
    guard('supervisor', 'marketing', 'manager'),
    byId,
    async (req, res) => {
      const { t } = req.context;
      const customer = found(await customers.get(byId.of(req).params.id));
      const answer = found(await why(customer.id));
      const rules = await catalogue.now();
      const names = new Map((await campaigns.named()).map((one) => [one.id, campaignWords(req, one)]));
      page(req, res, 'compliance/why', {
        title: t('compliance:why.title', { name: customer.name }),
        nav: '/customers',
        customer,
        calls: answer.calls.map((call) => callView(req, call, rules)),
        withoutNumber: answer.withoutNumber.map(({ campaign }) => campaign.name),
        given: answer.given.map((verdict) => ({
          ...verdict,
          blocked: verdict.decision === 'block',
          decisionWord: t(`compliance:decision.${verdict.decision}`),
          words: t(`compliance:reason.${verdict.reasonCode}`),
          pathWord: t(`compliance:path.${verdict.path}`),
          stageWord: t(`compliance:stage.${verdict.stage}`),
          campaign:
            verdict.campaignId === null ? '' : (names.get(verdict.campaignId) ?? `#${verdict.campaignId}`),
        })),
      });
    },
  );

  return router;
}

function callView(req: Request, call: WhyCall, catalogue: RuleCatalogue) {
  const { t } = req.context;
  const { campaign, lead, numbers, taken } = call;
  return {
    campaign,
    heading: campaign ? campaign.name : t('compliance:why.byHand'),
    waits: leadWords(req, lead, campaign?.state ?? null, numbers[taken]!.verdict.at),
    several: numbers.length > 1,
    numbers: numbers.map(({ e164, verdict }, place) => ({
      e164,
      turn: turnWords(req, call, place),
      blocked: !verdict.allowed,
      decisionWord: t(`compliance:decision.${verdict.decision}`),
      words: t(`compliance:reason.${verdict.reasonCode}`),
      outlook:
        place < taken
          ? t('compliance:why.passedOver')
          : outlookWords(req, verdict.outlook, verdict.nextAllowedAt),
      rules: shownRules(verdict.ruleVersion, catalogue, req.context),
      times: localTimes(verdict.facts, req.context.locale),
      facts: shownFacts(req, verdict.facts),
      open: campaign !== null && place === taken,
    })),
  };
}

/** When a number of several comes to be called; null: there is no other, or none may be called at any time. */
function turnWords({ context }: Request, { numbers, taken }: WhyCall, place: number): string | null {
  if (numbers.length === 1 || place < taken || numbers[taken]!.verdict.outlook === 'never') return null;
  return context.t(place === taken ? 'compliance:why.takenNumber' : 'compliance:why.laterNumber');
}

/** What keeps the lead back before the gate is asked at all. */
function leadWords(req: Request, lead: WhyCall['lead'], campaignState: string | null, now: number): string[] {
  const { context } = req;
  const { t } = context;
  const words: string[] = [];
  if (!lead) return words;
  if (campaignState !== 'running')
    words.push(
      t('compliance:why.campaignState', { state: t(`campaigns:states.${campaignState ?? 'draft'}`) }),
    );
  if (lead.state === 'waiting' || lead.state === 'callback' || lead.state === 'new') {
    if (lead.nextAt > now)
      words.push(t(`compliance:why.${lead.state === 'callback' ? 'callbackAt' : 'waitsUntil'}`, {
        when: formatDate(lead.nextAt, 'datetime', context),
      })); // prettier-ignore
  } else words.push(t(`compliance:why.leadStates.${lead.state}`));
  return words;
}
