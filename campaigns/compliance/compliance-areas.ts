import type { App } from '../../core/app.ts';
import type { WebArea } from '../../core/http/index.ts';
import { dncRoutes } from '../dnc/dnc-routes.ts';
import { Router } from 'express';
import { complianceRoutes } from './compliance-routes.ts';
import { consentRoutes } from './consents/consent-routes.ts';
import { whyRoutes } from './answers/why-routes.ts';
import { hubRoutes } from './hub-routes.ts';
import { loadCatalogue } from './rules/catalogue.ts';
import { createScrubLoader } from './scrubs/load-scrub.ts';
import { scrubRoutes } from './scrubs/scrub-routes.ts';
import { suspensionRoutes } from './suspensions/suspension-routes.ts';

const everybody = ['supervisor', 'marketing', 'manager', 'administrator'] as const;

/** Says how the jobs of the gate are done. Call before jobs are started, in every worker. */
export function defineComplianceJobs(app: App): void {
  createScrubLoader(app).define();
}

function rulesRouter(app: App): Router {
  const catalogue = loadCatalogue();
  // The guard of these pages stands first.
  return complianceRoutes(app)
    .use(hubRoutes(app))
    .use(whyRoutes(app, { now: async () => catalogue }))
    .use(suspensionRoutes(app, { now: async () => catalogue }))
    .use(scrubRoutes(app))
    .use(consentRoutes(app));
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
