import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { guard, sse, userOf, validate, type LiveEvent } from '../../core/http/index.ts';
import { draftTopic } from '../drafts/draft.ts';
import type { DraftStore } from '../drafts/draft-store.ts';
import { messagesTopic, type MessageStore } from '../messages/index.ts';
import { phoneHolderTopic, type PhoneHolderStore } from '../phone-holders/index.ts';
import type { AgentSnapshot, DialerEvents } from '../protocol.ts';
import { phoneConfig } from './phone-config.ts';

const campaignChanged: keyof DialerEvents = 'campaign.changed';

/** The truth about oneself: once on asking, and on a stream as it changes. */
export function liveRoutes(
  app: App,
  stores: { drafts: DraftStore; messages: MessageStore; holders: PhoneHolderStore },
): Router {
  const { drafts, messages, holders } = stores;
  const router = Router();

  router.get('/workspace/snapshot', guard('agent', 'supervisor'), async (req, res) => {
    res.set('cache-control', 'no-store').json(await readSnapshot(app, userOf(req).id));
  });

  router.get('/workspace/events', guard('agent', 'supervisor'), async (req, res) => {
    const user = userOf(req);
    const dialer = { silent: false };
    const plain = new Map([
      [draftTopic(user.id), 'draft'],
      [phoneHolderTopic(user.id), 'phone-holder'],
    ]);
    const unread = async () => ({
      event: 'messages',
      data: await messages.unread(user.id, app.clock.now()),
    });
    await sse(app, req, res, {
      topics: [`agent.snapshot.${user.id}`, messagesTopic(user.id), ...plain.keys(), campaignChanged],
      // A database that is away must not end the stream.
      map: (payload, topic) => {
        if (topic === messagesTopic(user.id)) return unread().catch(() => null);
        // Also of campaigns that this agent was not on so far: the page looks for itself.
        if (topic === campaignChanged) return { event: 'campaigns', data: {} };
        return { event: plain.get(topic) ?? 'snapshot', data: payload };
      },
      source: (emit) => watchDialer(app, user.id, dialer, emit),
      // A dialer that does not answer must not end the stream: it tells of itself when it is back.
      snapshot: async () => {
        const snapshot = await readSnapshot(app, user.id).catch(() => null);
        const told = await unread().catch(() => null);
        const first: LiveEvent[] = told ? [told] : [];
        const holder = await holders.get(user.id).catch(() => null);
        if (holder) first.push({ event: 'phone-holder', data: holder });
        dialer.silent = !snapshot;
        if (!snapshot) return [...first, { event: 'dialer-silent', data: {} }];
        const events: LiveEvent[] = [{ event: 'snapshot', data: snapshot }, ...first];
        const callId = snapshot.call?.id;
        // What another page typed while this one's stream was away.
        const draft = callId ? await drafts.get(user.id, callId).catch(() => null) : null;
        if (draft) events.push({ event: 'draft', data: { callId, ...draft } });
        return events;
      },
    });
  });

  const ofCall = validate({ query: z.object({ callId: z.string().min(1).max(40) }) });
  router.get('/workspace/colleagues', guard('agent', 'supervisor'), ofCall, async (req, res) => {
    const { callId } = ofCall.of(req).query;
    const payload = { userId: userOf(req).id, callId };
    res.set('cache-control', 'no-store').json(await app.bus.request('agent.colleagues', payload));
  });

  router.get('/workspace/phone', guard('agent', 'supervisor'), async (req, res) => {
    res.set('cache-control', 'no-store').json(await phoneConfig(app, userOf(req).id));
  });

  return router;
}

export function readSnapshot(app: App, userId: number): Promise<AgentSnapshot> {
  return app.bus.request<AgentSnapshot>('agent.snapshot', { userId }, { timeoutMs: 3000 });
}

/** A dialer that has died says nothing more, and its silence looks like peace: who has an open page is told this soon. */
const lookMs = 4_000;

/** Says on the stream that this agent's dialer does not answer, once, and then what it says when it does again. */
function watchDialer(
  app: App,
  userId: number,
  dialer: { silent: boolean },
  emit: (event: LiveEvent) => void,
): () => void {
  let looking = false;
  return app.clock.every(lookMs, () => {
    if (looking) return;
    looking = true;
    readSnapshot(app, userId)
      .then(
        (snapshot) => {
          if (dialer.silent) emit({ event: 'snapshot', data: snapshot });
          dialer.silent = false;
        },
        () => {
          if (!dialer.silent) emit({ event: 'dialer-silent', data: {} });
          dialer.silent = true;
        },
      )
      .finally(() => (looking = false));
  });
}
