import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { createList, guard, userOf } from '../../core/http/index.ts';
import { openStates } from './open-reviews.ts';
import { reviewers, reviewStates } from './review.ts';
import { createReviewStore, type ReviewLine } from './review-store.ts';
import { badgeOf } from './review-view.ts';

type Row = ReviewLine & { badge: string };
const filters = z.object({
  whose: z.enum(['mine', 'all']).optional(),
  state: z.enum(['open', ...reviewStates]).optional(),
});
const list = createList<Row, typeof filters>({
  file: 'reviews',
  exported: 'reviews.exported',
  columns: [
    {
      key: 'started',
      labelKey: 'quality:call',
      value: (row) => row.startedAt,
      format: 'datetime',
      href: (row) => `/recordings/${row.recordingId}#review`,
    },
    { key: 'agent', labelKey: 'quality:agent', value: (row) => row.agent },
    { key: 'campaign', labelKey: 'quality:campaign', value: (row) => row.campaign, minor: true },
    { key: 'duration', labelKey: 'quality:length', value: (row) => row.durationMs, format: 'duration' },
    { key: 'sheet', labelKey: 'quality:sheet', value: (row) => row.sheet },
    { key: 'reviewer', labelKey: 'quality:reviewer', value: (row) => row.reviewer },
    {
      key: 'score',
      labelKey: 'quality:score',
      value: (row) => (row.score === null ? null : row.score / 10_000),
      format: 'percent',
    },
    {
      key: 'state',
      labelKey: 'quality:state',
      value: (row) => `quality:states.${row.state}`,
      format: 'key',
      partial: 'dialer/review-state',
    },
  ],
  sort: { column: 'started', direction: 'desc' },
  filters,
  empty: { titleKey: 'quality:empty.title', textKey: 'quality:empty.text' },
});

/** What a supervisor has to score, and what was scored. */
export function queueRoutes(app: App): Router {
  const router = Router();
  const reviews = createReviewStore(app);

  router.get('/quality', guard(...reviewers), async (req, res) => {
    const { t } = req.context;
    await list.respond(
      req,
      res,
      'dialer/quality',
      async ({ filters: { whose = 'mine', state = 'open' }, ...part }) => {
        const slice = await reviews.list(
          {
            ...(whose === 'mine' ? { reviewerId: userOf(req).id } : {}),
            readerId: userOf(req).id,
            states: state === 'open' ? openStates : [state],
          },
          part,
        );
        return { ...slice, rows: slice.rows.map((row) => ({ ...row, badge: badgeOf[row.state] })) };
      },
      {
        title: t('quality:title'),
        nav: '/quality',
        styles: ['quality'],
        // Managers and administrators talk to nobody.
        hasOwn: userOf(req).role === 'supervisor',
        whose: (['mine', 'all'] as const).map((value) => ({ value, label: t(`quality:whose.${value}`) })),
        states: (['open', ...reviewStates] as const).map((value) => ({
          value,
          label: t(`quality:states.${value}`),
        })),
      },
    );
  });

  return router;
}
