import { Router } from 'express';
import type { App } from '../../core/app.ts';
import type { WebArea } from '../../core/http/index.ts';
import { actionRoutes } from './action-routes.ts';
import { FloorHub } from './floor-hub.ts';
import { floorRoutes } from './floor-routes.ts';
import { messageRoutes } from './message-routes.ts';
import { monitorRoutes } from './monitor-routes.ts';
import { floorSettings } from './floor-settings.ts';

/** The supervisor's live floor: every agent, every call that rings or waits. */
export function floorArea(app: App): WebArea & { close(): void } {
  const hub = new FloorHub(app);
  return {
    name: 'floor',
    router: Router().use(floorRoutes(app, hub), actionRoutes(app), messageRoutes(app), monitorRoutes(app)),
    nav: [
      {
        href: '/floor',
        icon: 'layout-grid',
        labelKey: 'floor:nav',
        roles: ['supervisor', 'manager', 'administrator'],
        order: 20,
      },
    ],
    settings: [floorSettings],
    close: () => hub.close(),
  };
}
