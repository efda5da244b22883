import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { forbidden, guard, userOf, validate } from '../../core/http/index.ts';
import { createLineQualityStore, lineReport } from '../line-quality/index.ts';
import type { OwnCall } from './own-call.ts';

/** Longer than any talk. */
const lateMs = 12 * 3_600_000;

/** PUT /workspace/line-quality/:callId: what the agent's page has measured of a talk of theirs so far. */
export function lineQualityReportRoutes(app: App, ownCall: OwnCall): Router {
  const router = Router();
  const store = createLineQualityStore(app);
  const check = validate({ params: z.object({ callId: z.string().min(1).max(40) }), body: lineReport });
  router.put('/workspace/line-quality/:callId', guard('agent', 'supervisor'), check, async (req, res) => {
    const user = userOf(req);
    const { params, body } = check.of(req);
    const now = app.clock.now();
    const isOwn = (await ownCall.standing(user.id, params.callId)) !== 'not-yours';
    // The last report of a talk that was given to a colleague comes when the call is theirs.
    if (!isOwn && !(await store.wasIn(user.id, params.callId, now - lateMs))) throw forbidden();
    await store.keep(user.id, params.callId, body, now);
    res.status(204).end();
  });
  return router;
}
