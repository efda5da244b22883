import type { App } from '../../core/app.ts';
import type { WebArea } from '../../core/http/index.ts';
import { dncRoutes } from '../dnc/dnc-routes.ts';
import { complianceRoutes } from './compliance-routes.ts';

const everybody = ['supervisor', 'marketing', 'manager', 'administrator'] as const;

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
      router: complianceRoutes(app),
      nav: [
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
