import type { Router } from 'express';
import type { App } from '../../core/app.ts';
import { averagesRoutes } from './averages-routes.ts';
import { calibrationRoutes } from './calibration-routes.ts';
import { ownReviewRoutes } from './own-review-routes.ts';
import { planRoutes } from './plan-routes.ts';
import { queueRoutes } from './queue-routes.ts';
import { reviewRoutes } from './review-routes.ts';
import { sheetRoutes } from './sheet-routes.ts';

export { defineSampling } from './sampling.ts';
export { waitingReviews } from './waiting.ts';

/** All pages of quality review: score sheets, plans, the queue, scoring, comparison, averages, and the agent's own. */
export function qualityRoutes(app: App): Router {
  return ownReviewRoutes(app)
    .use(sheetRoutes(app))
    .use(planRoutes(app))
    .use(calibrationRoutes(app))
    .use(averagesRoutes(app))
    .use(reviewRoutes(app))
    .use(queueRoutes(app));
}
