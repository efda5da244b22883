import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { forbidden, guard, userOf, validate } from '../../core/http/index.ts';
import { draftFields, maxDraftField, type DraftField } from '../drafts/draft.ts';
import type { DraftStore } from '../drafts/draft-store.ts';
import type { OwnCall } from './own-call.ts';

const text = z.string().max(maxDraftField).optional();
const body = z.object(
  Object.fromEntries(draftFields.map((field) => [field, text])) as Record<DraftField, typeof text>,
);

/** PUT /workspace/draft/:callId: keeps what is typed beside a call of one's own. */
export function draftRoutes(app: App, drafts: DraftStore, ownCall: OwnCall): Router {
  const router = Router();
  const check = validate({ params: z.object({ callId: z.string().min(1).max(40) }), body });
  router.put('/workspace/draft/:callId', guard('agent', 'supervisor'), check, async (req, res) => {
    const user = userOf(req);
    const { params, body: form } = check.of(req);
    const standing = await ownCall.standing(user.id, params.callId);
    if (standing === 'not-yours') throw forbidden();
    // A late save of a form that has been handed in: nothing left to keep, and nothing to worry the agent with.
    if (standing === 'open') await drafts.put(user.id, params.callId, form, app.clock.now());
    res.json({ savedAt: app.clock.now() });
  });
  return router;
}
