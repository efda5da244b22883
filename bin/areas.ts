import type { App } from '../core/app.ts';
import type { WebArea } from '../core/http/index.ts';
import { campaignAreas } from '../campaigns/areas.ts';
import { createScriptSurroundings } from '../campaigns/campaigns/index.ts';
import { createCustomersFilter } from '../campaigns/leads/index.ts';
import { complianceAreas } from '../campaigns/compliance/compliance-areas.ts';
import { crmAreas } from '../crm/areas.ts';
import { dialerAreas } from '../dialer/areas.ts';
import { floorArea } from '../dialer/floor/index.ts';
import { targetsArea } from '../dialer/targets/index.ts';
import { workspaceArea } from '../dialer/workspace/index.ts';
import { amdArea, answersArea, dashboardArea, forecastArea } from '../reports/index.ts';

/** Every area that has pages. */
export function createAreas(app: App): (WebArea & { close?(): void })[] {
  return [
    workspaceArea(app),
    floorArea(app),
    targetsArea(app),
    dashboardArea(app),
    forecastArea(app),
    answersArea(app),
    amdArea(app),
    ...campaignAreas(app),
    ...complianceAreas(app),
    ...crmAreas(app, createCustomersFilter(app), createScriptSurroundings(app)),
    ...dialerAreas(app),
  ];
}
