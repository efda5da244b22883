import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  conflict,
  createAuditor,
  flash,
  found,
  guard,
  redirect,
  userOf,
  validate,
} from '../../core/http/index.ts';
import { createDueAgain } from '../leads/due-again.ts';
import { campaignParams } from './campaign-access.ts';
import { rulesChoosers } from './campaign-checks.ts';
import { createRuleProposals } from './rule-proposal-store.ts';

/** What a second manager says of rules that weaken what a campaign had. */
export function ruleProposalRoutes(app: App): Router {
  const router = Router();
  const proposals = createRuleProposals(app);
  const dueAgain = createDueAgain(app);
  const audit = createAuditor(app, 'campaigns');
  const deciding = validate({
    params: campaignParams.extend({ proposal: z.coerce.number().int().positive() }),
    body: z.object({ reason: z.string().trim().min(3).max(255) }),
  });

  for (const [verb, to] of [
    ['approve', 'approved'],
    ['refuse', 'refused'],
  ] as const)
    router.post(
      `/campaigns/:id/rules/:proposal/${verb}`,
      guard(...rulesChoosers),
      deciding,
      async (req, res) => {
        const { params, body } = deciding.of(req);
        const waiting = await proposals.waiting(params.id);
        const { id, before, ruleSet, reason } = found(waiting.find((one) => one.id === params.proposal));
        const given = { by: userOf(req).id, at: app.clock.now(), note: body.reason };
        const outcome = await proposals.decide({ id, to, ...given });
        if (outcome !== 'done') throw conflict(`campaign-rules-${outcome}`);
        await audit(req, `campaign.rules-${to}`, params.id, {
          before: { ruleSet: before },
          after: { ruleSet, reason, note: body.reason },
        });
        if (to === 'approved') await dueAgain.apply(params.id);
        flash(req, 'success', `campaigns:ruleProposal.${to}`);
        redirect(req, res, `/campaigns/${params.id}`);
      },
    );

  return router;
}
