import type { App } from '../../core/app.ts';
import type { WebArea } from '../../core/http/index.ts';
import { zoneDataTrouble } from '../../core/time/zone-rules.ts';
import { dncRoutes } from '../dnc/dnc-routes.ts';
import { Router } from 'express';
import { complianceRoutes } from './compliance-routes.ts';
import { consentApiRoutes } from './consents/consent-api-routes.ts';
import { consentRoutes } from './consents/consent-routes.ts';
import { answerRoutes } from './answers/answer-routes.ts';
import { whyRoutes } from './answers/why-routes.ts';
import { hubRoutes } from './hub-routes.ts';
import { overrideRoutes } from './overrides/override-routes.ts';
import { partnerRoutes } from './partners/partner-routes.ts';
import { proofRoutes } from './proof/proof-routes.ts';
import { createRuleBook } from './rulebook/rule-book.ts';
import { createRuleImpact } from './rulebook/rule-impact.ts';
import { ruleRoutes } from './rulebook/rule-routes.ts';
import { ruleWriteRoutes } from './rulebook/rule-write-routes.ts';
import { createScrubLoader } from './scrubs/load-scrub.ts';
import { scrubRoutes } from './scrubs/scrub-routes.ts';
import { suspensionRoutes } from './suspensions/suspension-routes.ts';

const everybody = ['supervisor', 'marketing', 'manager', 'administrator'] as const;

/** Says how the jobs of the gate are done. Call before jobs are started, in every worker. */
export function defineComplianceJobs(app: App): void {
  createScrubLoader(app).define();
  createRuleImpact(app).define();
}

function rulesRouter(app: App): Router {
  const book = createRuleBook(app);
  const catalogue = { now: () => book.at(app.clock.now()) };
  // The guard of these pages stands first.
  return complianceRoutes(app)
    .use(hubRoutes(app))
    .use(answerRoutes(app))
    .use(ruleRoutes(app))
    .use(ruleWriteRoutes(app))
    .use(overrideRoutes(app))
    .use(partnerRoutes(app))
    .use(proofRoutes(app))
    .use(whyRoutes(app, catalogue))
    .use(suspensionRoutes(app, catalogue))
    .use(scrubRoutes(app))
    .use(consentRoutes(app))
    .use(consentApiRoutes(app));
}

/** The pages of the gate: the DNC list, and why somebody is (not) called. */
export function complianceAreas(app: App): WebArea[] {
  return [
    {
      name: 'dnc',
      router: dncRoutes(app),
      nav: [{ href: '/dnc', icon: 'phone-off', labelKey: 'dnc:nav', roles: everybody, order: 230 }],
    },
    {
      name: 'compliance',
      router: rulesRouter(app),
      health: [
        {
          name: 'zones',
          labelKey: 'compliance:zonesHealth',
          check: async () => {
            const warns = zoneDataTrouble(app.clock.now());
            return warns === null ? undefined : { warns };
          },
        },
      ],
      nav: [
        { href: '/compliance', icon: 'gavel', labelKey: 'compliance:hubNav', roles: everybody, order: 245 },
        {
          href: '/compliance/verdicts',
          icon: 'shield-question',
          labelKey: 'compliance:nav',
          roles: everybody,
          order: 240,
        },
      ],
    },
  ];
}
