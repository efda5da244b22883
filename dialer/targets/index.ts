import type { App } from '../../core/app.ts';
import type { WebArea } from '../../core/http/index.ts';
import { targetRoles, targetRoutes } from './target-routes.ts';

export { createOwnTargets, type OwnTargets } from './own-targets.ts';

/** Agents' days against targets, for those who set them. */
export function targetsArea(app: App): WebArea {
  return {
    name: 'targets',
    router: targetRoutes(app),
    nav: [
      {
        href: '/targets',
        icon: 'target-arrow',
        labelKey: 'targets:nav',
        roles: [...targetRoles, 'administrator'],
        order: 407,
      },
    ],
  };
}
