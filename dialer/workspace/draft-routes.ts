import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { forbidden, guard, userOf, validate } from '../../core/http/index.ts';
import { draftTopic, type DraftNews } from '../drafts/draft.ts';
import { draftSchema } from '../drafts/draft-schema.ts';
import type { DraftStore } from '../drafts/draft-store.ts';
import type { OwnCall } from './own-call.ts';

const body = z.object({ revision: z.number().int().nonnegative(), form: draftSchema });

/**
 * PUT /workspace/draft/:callId: keeps what is typed beside a call of one's own, written over the revision that is
 * named. The answer is what stands there then; where another page was first it is that page's, with `kept` false.
 */
export function draftRoutes(app: App, drafts: DraftStore, ownCall: OwnCall): Router {
  const router = Router();
  const check = validate({ params: z.object({ callId: z.string().min(1).max(40) }), body });
  router.put('/workspace/draft/:callId', guard('agent', 'supervisor'), check, async (req, res) => {
    const user = userOf(req);
    const { params, body: next } = check.of(req);
    const standing = await ownCall.standing(user.id, params.callId);
    if (standing === 'not-yours') throw forbidden();
    // A late save of a form that has been handed in: nothing left to keep, and nothing to worry the agent with.
    if (standing === 'done') return void res.json({ kept: true, ...next });
    const saved = await drafts.save(user.id, params.callId, next, app.clock.now());
    res.json(saved);
    if (!saved.kept) return;
    const news: DraftNews = { callId: params.callId, revision: saved.revision, form: saved.form };
    app.bus.publish(draftTopic(user.id), news);
  });
  return router;
}
