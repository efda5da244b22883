import type { App } from '../core/app.ts';
import type { WebArea } from '../core/http/index.ts';
import { callbackRoutes } from './callbacks/callback-routes.ts';
import { campaignListRoutes } from './campaigns/campaign-list-routes.ts';
import { campaignRoutes } from './campaigns/campaign-routes.ts';
import { createAmdSwitch } from './campaigns/amd-switch.ts';
import { createCampaignStore } from './campaigns/campaign-store.ts';
import { filterRoutes } from './campaigns/filter-routes.ts';
import { quotaRoutes } from './campaigns/quota-routes.ts';
import { dispositionRoutes } from './dispositions/disposition-routes.ts';
import { ruleProposalRoutes } from './campaigns/rule-proposal-routes.ts';
import { createDispositionStore } from './dispositions/index.ts';
import { lostEveryMs, lostJob, sweepJob } from './import/jobs/import-job.ts';
import { createImportJobs } from './import/jobs/import-jobs.ts';
import { importRoutes } from './import/import-routes.ts';
import { leadApiRoutes } from './import/lead-api-routes.ts';
import { importSettings } from './import/settings.ts';
import { blockedRoundEveryMs, blockedRoundJob, createBlockedRound } from './leads/blocked-leads.ts';
import { createLeadBuilder } from './leads/lead-builder.ts';
import { createDueAgain, rulesLookEveryMs, rulesLookJob } from './leads/due-again.ts';
import { createFilterJob } from './leads/lead-filters.ts';
import { createListMix } from './leads/list-mix.ts';
import { createQuotas, quotaEveryMs, quotaJob } from './leads/quotas.ts';
import { buildSweepEveryMs, buildSweepJob } from './leads/wanted-builds.ts';
import { changeSweepEveryMs, changeSweepJob, createWantedChanges } from './leads/wanted-changes.ts';
import { leadRoutes } from './leads/lead-routes.ts';
import { createLeadStore } from './leads/index.ts';
import { createListStore } from './lists/index.ts';
import { numberPoolRoutes } from './number-pools/number-pool-routes.ts';
import { createNumberPoolStore } from './number-pools/index.ts';
import { listRoutes } from './lists/list-routes.ts';

const finishJob = 'campaigns.finish';
const numberSweepJob = 'number-pools.sweep';
const finishEveryMs = 60_000;
const sweepEveryMs = 86_400_000;

/** What campaigns, lists and imports bring to the web application. */
export function campaignAreas(app: App): WebArea[] {
  const everybody = ['supervisor', 'marketing', 'manager', 'administrator'] as const;
  return [
    {
      name: 'imports',
      router: importRoutes(app).use(leadApiRoutes(app)),
      settings: importSettings,
    },
    {
      name: 'lists',
      router: listRoutes(app),
      firstSteps: [
        {
          labelKey: 'campaigns:firstSteps.list',
          helpKey: 'campaigns:firstSteps.listHelp',
          href: '/imports/new',
          order: 40,
          done: async () => (await createListStore(app).all()).some((list) => list.size > 0),
        },
      ],
      nav: [
        {
          href: '/lists',
          icon: 'list-details',
          labelKey: 'campaigns:lists.nav',
          roles: everybody,
          order: 220,
        },
      ],
    },
    {
      name: 'dispositions',
      router: dispositionRoutes(app),
      nav: [
        {
          href: '/dispositions',
          icon: 'clipboard-check',
          labelKey: 'campaigns:dispositions.nav',
          roles: ['manager', 'administrator'],
          order: 240,
        },
      ],
    },
    {
      name: 'number-pools',
      router: numberPoolRoutes(app),
      nav: [
        {
          href: '/number-pools',
          icon: 'hash',
          labelKey: 'campaigns:pools.nav',
          roles: ['manager', 'administrator'],
          order: 810,
        },
      ],
    },
    {
      name: 'campaigns',
      firstSteps: [
        {
          labelKey: 'campaigns:firstSteps.campaign',
          helpKey: 'campaigns:firstSteps.campaignHelp',
          href: '/campaigns/new',
          order: 50,
          done: async () => (await createCampaignStore(app).list()).length > 0,
        },
        {
          labelKey: 'campaigns:firstSteps.start',
          helpKey: 'campaigns:firstSteps.startHelp',
          href: '/campaigns',
          order: 60,
          done: async () => (await createCampaignStore(app).list()).some((one) => one.startedAt !== null),
        },
      ],
      // Longer paths first: `/campaigns/preview-script` is no campaign.
      router: campaignListRoutes(app)
        .use(filterRoutes(app))
        .use(quotaRoutes(app))
        .use(leadRoutes(app))
        .use(callbackRoutes(app))
        .use(ruleProposalRoutes(app))
        .use(campaignRoutes(app)),
      nav: [
        {
          ...{
            href: '/campaigns',
            icon: 'speakerphone',
            labelKey: 'campaigns:nav',
            roles: everybody,
            order: 200,
          },
          waiting: { labelKey: 'campaigns:amdOffWaiting', count: () => createAmdSwitch(app).waiting() },
        },
      ],
    },
  ];
}

/** Says how the jobs of imports, leads and campaigns are done. Call before jobs are started, in every worker. */
export function defineCampaignJobs(app: App): void {
  createImportJobs(app).define();
  createLeadBuilder(app).define();
  createFilterJob(app).define();
  createDueAgain(app).define();
  createListMix(app).define();
  createQuotas(app).define();
  createBlockedRound(app).define();
  app.jobs.define<null>(numberSweepJob, async () => {
    await createNumberPoolStore(app).sweep(app.clock.now());
  });
  app.jobs.define<null>(finishJob, () => finishCampaigns(app));
}

/** Puts what every installation needs into the database. Safe to repeat, once at each start. */
export async function prepareCampaigns(app: App): Promise<void> {
  await createDispositionStore(app).seed();
  await app.jobs.repeat(finishJob, finishEveryMs);
  await app.jobs.repeat(quotaJob, quotaEveryMs);
  await app.jobs.repeat(blockedRoundJob, blockedRoundEveryMs);
  await app.jobs.repeat(rulesLookJob, rulesLookEveryMs);
  await app.jobs.repeat(sweepJob, sweepEveryMs);
  await app.jobs.repeat(lostJob, lostEveryMs);
  await app.jobs.repeat(buildSweepJob, buildSweepEveryMs);
  await app.jobs.repeat(changeSweepJob, changeSweepEveryMs);
  await app.jobs.repeat(numberSweepJob, sweepEveryMs);
}

/** Follows what changes the law for all campaigns, in every worker. */
export function followRules(app: App): { close(): Promise<void> } {
  const stop = createDueAgain(app).listen();
  return { close: async () => stop() };
}

/** A running campaign whose leads are all done is finished. */
export async function finishCampaigns(app: App): Promise<void> {
  const campaigns = createCampaignStore(app);
  const leads = createLeadStore(app);
  const wanted = createWantedChanges(app);
  for (const campaign of await campaigns.running()) {
    if ((await leads.nextDue(campaign.id)) !== null) continue;
    if (await leads.anyOpen(campaign.id)) continue;
    const building: { built_at: number | null }[] = await app.db
      .knex('campaign_lists')
      .where({ campaign_id: campaign.id })
      .select('built_at');
    if (building.some(({ built_at }) => built_at === null)) continue;
    // A filter that was saved may free some of them yet.
    if (await wanted.isOpen(campaign.id)) continue;
    const move = async (event: 'finish' | 'start') => {
      const action = event === 'finish' ? 'campaign.finished' : 'campaign.started';
      const what = { userId: null, action, entity: 'campaigns', entityId: campaign.id };
      const now = app.clock.now();
      return campaigns.transition(campaign.id, event, now, (_, trx) => app.audit.record(what, trx));
    };
    if (!(await move('finish')).moved) continue;
    // A lead that came behind the look: who brought it may not have seen the campaign finish.
    if (await leads.anyOpen(campaign.id)) await move('start');
  }
}
