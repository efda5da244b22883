import type { Request, Response } from 'express';
import type { App } from '../../core/app.ts';
import { can, formState, page, userOf, type FormState } from '../../core/http/index.ts';
import { formatNumber } from '../../core/i18n/index.ts';
import { ruleSetNames } from '../compliance/index.ts';
import { createRuleBook } from '../compliance/rulebook/rule-book.ts';
import { createNames } from '../compliance/user-names.ts';
import { createListStore } from '../lists/index.ts';
import { rulesChoosers, weakerDemands } from './campaign-checks.ts';
import { createNamedRules } from './named-rules.ts';
import { createCampaignPages, phaseOf } from './campaign-pages.ts';
import type { Campaign } from './campaign.ts';
import { createRuleProposals, type RuleProposal } from './rule-proposal-store.ts';
import { ruleSetChoices } from './rule-set-choices.ts';

export type ShowCampaign = ReturnType<typeof createCampaignView>;

/** Forms of the page that were refused, as they were typed and with what is wrong. */
export interface RefusedForms {
  /** A quota that was to be added. */
  readonly quota?: FormState;
  /** Another goal of this quota. */
  readonly goal?: { readonly quotaId: number; readonly form: FormState };
  /** Priorities and weights of the lists. */
  readonly order?: FormState;
}

/** The page of one campaign. */
export function createCampaignView(app: App) {
  const lists = createListStore(app);
  const pages = createCampaignPages(app);
  const proposals = createRuleProposals(app);
  const names = createNames(app);
  const book = createRuleBook(app);
  const namedRules = createNamedRules(app);

  async function quotaPart(req: Request, campaign: Campaign, refused: RefusedForms['goal']) {
    const { quotas, ...choices } = await pages.quotaPart(req, campaign);
    const again = (id: number) =>
      id === refused?.quotaId ? { goal: refused.form.values.goal, error: refused.form.errors.goal } : {};
    return { ...choices, quotas: quotas.map((quota) => ({ ...quota, ...again(quota.id) })) };
  }

  async function proposalView(req: Request, proposal: RuleProposal) {
    const who = await names([proposal.proposedBy]);
    const own = proposal.proposedBy === userOf(req).id;
    const may = can(req, ...rulesChoosers);
    const { t } = req.context;
    const byCountry = t('campaigns:ruleProposal.byCountry');
    const catalogue = await book.at(app.clock.now());
    const weaker = weakerDemands(proposal.before, proposal.ruleSet, catalogue);
    const namesOf = (sets: string | null) => ruleSetNames(sets).join(' + ');
    return {
      ...{ ...proposal, own, mayRefuse: may, mayApprove: may && !own },
      ...{ by: who(proposal.proposedBy, req), before: namesOf(proposal.before) || byCountry },
      ruleSet: namesOf(proposal.ruleSet),
      weaker: weaker.map(({ name, lost }) => ({
        name,
        demands: lost.map((demand) => t(`campaigns:ruleProposal.demands.${demand}`)).join(' · '),
      })),
    };
  }

  /** The rules that the campaign names instead of the law of each place, since when and on whose word. */
  async function namedPart({ context: { t, locale } }: Request, campaign: Campaign) {
    const named = await namedRules.of(campaign);
    if (!named) return null;
    const catalogue = await book.at(app.clock.now());
    const wanted = ruleSetNames(named.ruleSet);
    const sets = ruleSetChoices(catalogue, wanted, t, locale).filter(({ checked }) => checked);
    return { ...named, sets };
  }

  return async function show(
    req: Request,
    res: Response,
    campaign: Campaign,
    { quota = formState({ filter_0_op: 'is' }), goal, order }: RefusedForms = {},
  ): Promise<void> {
    const { t, locale } = req.context;
    const allLists = await lists.all();
    const live = await pages.livePart(req, campaign);
    const [proposal] = live.mayEdit ? await proposals.waiting(campaign.id) : [];
    const joined = new Set(live.lists.map(({ listId }) => listId));
    page(req, res, 'campaigns/campaign', {
      title: campaign.name,
      nav: '/campaigns',
      script: 'campaigns',
      styles: ['crm', 'campaigns'],
      live,
      campaign,
      order: live.lists.map((list, index) => ({ ...list, ...typedPlace(order, list.listId, index) })),
      isOrderRefused: order !== undefined,
      whatIfTitle: t(`campaigns:whatIf.title.${phaseOf(campaign.state)}`),
      freeLists: allLists
        .filter((list) => !joined.has(list.id))
        .map((list) => ({ value: list.id, label: `${list.name} (${formatNumber(list.size, locale)})` })),
      joinForm: formState({ priority: 5 }),
      ...(live.mayEdit ? { ...(await quotaPart(req, campaign, goal)), quotaForm: quota } : {}),
      ruleProposal: proposal && (await proposalView(req, proposal)),
      namedRules: await namedPart(req, campaign),
      archivable: !['running', 'paused'].includes(campaign.state),
    });
  };
}

/** What was typed for a list, where it still stands at that place of the form. */
function typedPlace(form: FormState | undefined, listId: number, index: number): object {
  const at = (name: string) => [form?.values[name]].flat()[index];
  if (!form || String(at('listId')) !== String(listId)) return {};
  return { priority: at('priority'), weight: at('weight') };
}
