import type { Router } from 'express';
import type { App } from '../../core/app.ts';
import { holdRoutes } from './holds/hold-routes.ts';
import { recordingListRoutes } from './recording-list-routes.ts';
import { recordingPageRoutes } from './recording-page-routes.ts';
import { recordingRoutes } from './recording-routes.ts';
import { retentionRoutes } from './retention/retention-routes.ts';

/** All pages of recordings. */
export function recordingAreaRoutes(app: App): Router {
  // Longer paths first: `/recordings/holds` is no recording.
  return recordingListRoutes(app)
    .use(holdRoutes(app))
    .use(retentionRoutes(app))
    .use(recordingRoutes(app))
    .use(recordingPageRoutes(app));
}
