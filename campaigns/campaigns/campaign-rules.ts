import type { Request } from 'express';
import type { App } from '../../core/app.ts';
import { createAuditor, userOf } from '../../core/http/index.ts';
import { createRuleBook } from '../compliance/rulebook/rule-book.ts';
import { weakensRules, rulesKept } from './campaign-checks.ts';
import type { CampaignDraft } from './campaign-store.ts';
import { createRuleProposals } from './rule-proposal-store.ts';

/** What the form says of a campaign's rules, and what the checks found. */
interface ChosenRules {
  readonly draft: CampaignDraft;
  readonly ruleSetReason: string;
  readonly replacesRules: boolean;
  readonly weakens: boolean;
}

/** Keeps what rules somebody has chosen for a campaign, on whose word and why. */
export function createCampaignRules(app: App) {
  const proposals = createRuleProposals(app);
  const record = createAuditor(app, 'campaigns');
  const book = createRuleBook(app);

  return {
    weakenTheLaw: async (ruleSet: string | null): Promise<boolean> =>
      weakensRules(null, ruleSet, await book.at(app.clock.now())),

    /** The campaign as it is saved. */
    kept: ({ draft, weakens }: ChosenRules, before: string | null): CampaignDraft => ({
      ...draft,
      ruleSet: rulesKept(draft.ruleSet, before, weakens),
    }),

    /** After it was saved. True when the rules wait. */
    async settle(
      req: Request,
      campaignId: number,
      chosen: ChosenRules,
      before: string | null,
    ): Promise<boolean> {
      const { draft, ruleSetReason: reason, replacesRules, weakens } = chosen;
      const change = { before: { ruleSet: before }, after: { ruleSet: draft.ruleSet, reason } };
      if (weakens && draft.ruleSet !== null) {
        const by = { by: userOf(req).id, at: app.clock.now() };
        await proposals.propose({ campaignId, before, ruleSet: draft.ruleSet, reason }, by);
        await record(req, 'campaign.rules-proposed', campaignId, change);
        return true;
      }
      if (replacesRules) await record(req, 'campaign.rules-chosen', campaignId, change);
      return false;
    },
  };
}
