import { Router } from 'express';
import type { App } from '../../core/app.ts';
import { guard, page, sse, userOf, type LiveEvent } from '../../core/http/index.ts';
import { monitorTopic } from '../monitors/monitor.ts';
import { barIcons } from '../workspace/bar.ts';
import type { FloorHub } from './floor-hub.ts';
import { floorSorts, stateGroups } from './floor-row.ts';
import { changesFor, floorFor } from './floor-view.ts';
import { floorWords } from './words.ts';

export const floorRoles = ['supervisor', 'manager'] as const;

/** The supervisor's page and its stream. Filters and order stay in the page's address; the page itself reads them. */
export function floorRoutes(app: App, hub: FloorHub): Router {
  const router = Router();
  const watchers = guard(...floorRoles);

  router.get('/floor', watchers, async (req, res) => {
    const { t } = req.context;
    const view = floorFor(await hub.view(), req.context, app.clock.now());
    page(req, res, 'floor/floor', {
      title: t('floor:title'),
      script: 'floor',
      styles: ['floor'],
      wide: true,
      words: floorWords(t),
      pageData: view,
      icons: Object.entries(barIcons).map(([word, icon]) => ({ word, icon })),
      groups: Object.keys(stateGroups),
      sorts: floorSorts,
    });
  });

  router.get('/floor/events', watchers, async (req, res) => {
    const whole = async (): Promise<LiveEvent> => ({
      event: 'floor',
      data: floorFor(await hub.view(), req.context, app.clock.now()),
    });
    await sse(app, req, res, {
      topics: [monitorTopic(userOf(req).id)],
      map: (payload) => ({ event: 'monitor', data: payload }),
      snapshot: async () => [await whole()],
      source: (emit) =>
        hub.watch((floor, news) => {
          const at = app.clock.now();
          if (news.whole) emit({ event: 'floor', data: floorFor(floor, req.context, at) });
          else emit({ event: 'changes', data: changesFor(floor, news, req.context, at) });
        }),
    });
  });

  return router;
}
