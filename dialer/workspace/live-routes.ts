import { Router } from 'express';
import type { App } from '../../core/app.ts';
import { guard, sse, userOf } from '../../core/http/index.ts';
import { draftTopic } from '../drafts/draft.ts';
import type { DraftStore } from '../drafts/draft-store.ts';
import type { AgentSnapshot } from '../protocol.ts';
import { phoneConfig } from './phone-config.ts';

/** The truth about oneself: once on asking, and on a stream as it changes. */
export function liveRoutes(app: App, drafts: DraftStore): Router {
  const router = Router();

  router.get('/workspace/snapshot', guard('agent', 'supervisor'), async (req, res) => {
    res.set('cache-control', 'no-store').json(await readSnapshot(app, userOf(req).id));
  });

  router.get('/workspace/events', guard('agent', 'supervisor'), async (req, res) => {
    const user = userOf(req);
    await sse(app, req, res, {
      topics: [`agent.snapshot.${user.id}`, draftTopic(user.id)],
      map: (payload, topic) => ({
        event: topic === draftTopic(user.id) ? 'draft' : 'snapshot',
        data: payload,
      }),
      // A dialer that does not answer must not end the stream: it tells of itself when it is back.
      snapshot: async () => {
        const snapshot = await readSnapshot(app, user.id).catch(() => null);
        if (!snapshot) return [{ event: 'dialer-silent', data: {} }];
        const events = [{ event: 'snapshot', data: snapshot as unknown }];
        const callId = snapshot.call?.id;
        // What another page typed while this one's stream was away.
        const draft = callId ? await drafts.get(user.id, callId).catch(() => null) : null;
        if (draft) events.push({ event: 'draft', data: { callId, ...draft } });
        return events;
      },
    });
  });

  router.get('/workspace/phone', guard('agent', 'supervisor'), async (req, res) => {
    res.set('cache-control', 'no-store').json(await phoneConfig(app, userOf(req).id));
  });

  return router;
}

export function readSnapshot(app: App, userId: number): Promise<AgentSnapshot> {
  return app.bus.request<AgentSnapshot>('agent.snapshot', { userId }, { timeoutMs: 3000 });
}
