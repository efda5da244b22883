import type { App } from '../core/app.ts';
import type { WebArea } from '../core/http/index.ts';
import { customerFormRoutes } from './customers/customer-form-routes.ts';
import type { CustomersChanged } from './customers/customer-write.ts';
import { customerRoutes } from './customers/customer-routes.ts';
import { scriptEditors } from './script/script-access.ts';
import { scriptRoutes } from './script/script-routes.ts';
import type { ScriptSurroundings } from './script/script-surroundings.ts';
import { crmSettings, defaultCountry } from './settings.ts';

/**
 * What `crm` brings to the web application; `changed` is what follows for floors above when customers have changed,
 * `surroundings` what scripts have to know of them.
 */
export function crmAreas(app: App, changed: CustomersChanged, surroundings: ScriptSurroundings): WebArea[] {
  return [
    {
      name: 'customers',
      // `/customers/new` is no customer: forms come first.
      router: customerFormRoutes(app, changed).use(customerRoutes(app)),
      nav: [
        {
          href: '/customers',
          icon: 'address-book',
          labelKey: 'crm:nav',
          roles: ['agent', 'supervisor', 'marketing', 'manager', 'administrator'],
          order: 300,
        },
      ],
      settings: crmSettings,
      firstSteps: [
        {
          labelKey: 'crm:firstSteps.country',
          helpKey: 'crm:firstSteps.countryHelp',
          href: '/settings#crm',
          order: 5,
          done: async () => (await app.settings.get(defaultCountry)) !== '',
        },
      ],
    },
    {
      name: 'scripts',
      router: scriptRoutes(app, surroundings),
      nav: [
        {
          href: '/scripts',
          icon: 'route',
          labelKey: 'scripts:nav',
          roles: [...scriptEditors, 'administrator'],
          order: 230,
        },
      ],
    },
  ];
}
