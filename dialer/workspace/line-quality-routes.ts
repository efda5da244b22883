import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { forbidden, guard, userOf, validate } from '../../core/http/index.ts';
import {
  createLineQualityStore,
  lineNow,
  lineNowTopic,
  lineReport,
  type LineNowTold,
} from '../line-quality/index.ts';
import type { OwnCall } from './own-call.ts';

/** Longer than any talk. */
const lateMs = 12 * 3_600_000;

const params = z.object({ callId: z.string().min(1).max(40) });

/**
 * PUT /workspace/line-quality/:callId: what the agent's page has measured of a talk of theirs so far; …/now: how it
 * sounds at this moment, every few seconds. That is told and not kept, and nobody hears of it but beside the call that
 * the dialer says is this agent's.
 */
export function lineQualityReportRoutes(app: App, ownCall: OwnCall): Router {
  const router = Router();
  const store = createLineQualityStore(app);
  const check = validate({ params, body: lineReport });
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
  const checkNow = validate({ params, body: lineNow });
  router.put('/workspace/line-quality/:callId/now', guard('agent', 'supervisor'), checkNow, (req, res) => {
    const { callId } = checkNow.of(req).params;
    const told: LineNowTold = { userId: userOf(req).id, callId, ...checkNow.of(req).body };
    app.bus.publish(lineNowTopic, told);
    res.status(204).end();
  });
  return router;
}
