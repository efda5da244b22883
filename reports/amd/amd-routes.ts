import { Router, type Request } from 'express';
import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import {
  can,
  createAuditor,
  flash,
  found,
  fragment,
  guard,
  idParams,
  redirect,
  validate,
  type WebArea,
} from '../../core/http/index.ts';
import { createHungUpOn, createLawfulCaps } from '../../campaigns/compliance/index.ts';
import { createAmdSwitch, createCampaignStore } from '../../campaigns/index.ts';
import { createAmdReport } from './amd-store.ts';
import { amdView } from './amd-view.ts';

/** How well machine detection does on a campaign, on the campaign's page; and the switch, when it has switched itself off. */
export function amdArea(app: App): WebArea {
  const router = Router();
  const campaigns = createCampaignStore(app);
  const detection = createAmdSwitch(app);
  const report = createAmdReport(app);
  const laws = createLawfulCaps(app);
  const estimates = createHungUpOn(app);
  const audit = createAuditor(app, 'campaigns');
  const readers = guard('supervisor', 'manager', 'marketing');
  const editors = guard('manager', 'marketing');
  const one = validate({ params: idParams });

  const campaignOf = async (req: Request) => found(await campaigns.get(one.of(req).params.id));

  router.get('/campaigns/:id/amd', readers, one, async (req, res) => {
    const campaign = await campaignOf(req);
    const now = app.clock.now();
    const measured = await report.of(campaign, now);
    const mayEdit = can(req, 'manager', 'marketing') && campaign.archivedAt === null;
    const met = await report.toAgents(campaign.id, measured.since);
    const { abandonWindowMs } = await laws.binding(campaign);
    const counted = (await laws.countHungUpOn(campaign)) ? await estimates.of(campaign, abandonWindowMs, now) : null; // prettier-ignore
    const amd = amdView(campaign, { ...measured, met, counted }, req.context);
    fragment(req, res, 'reports/amd', { amd, campaign, mayEdit });
  });

  router.post('/campaigns/:id/amd/on', editors, one, async (req, res) => {
    const { id, name } = await campaignOf(req);
    const change = { before: { amd: false }, after: { amd: true } };
    const also = (trx: Knex.Transaction) => audit(req, 'campaign.amd-on', id, change, trx);
    if (await detection.set(id, true, app.clock.now(), { also })) {
      flash(req, 'success', 'reports:amd.switchedOn', { name });
    }
    redirect(req, res, `/campaigns/${id}#amd`);
  });

  router.post('/campaigns/:id/amd/leave-off', editors, one, async (req, res) => {
    const { id } = await campaignOf(req);
    const also = (trx: Knex.Transaction) => audit(req, 'campaign.amd-left-off', id, {}, trx);
    if (await detection.leaveOff(id, app.clock.now(), also)) {
      flash(req, 'success', 'reports:amd.leftOff');
    }
    redirect(req, res, `/campaigns/${id}#amd`);
  });

  return { name: 'amd', router };
}
