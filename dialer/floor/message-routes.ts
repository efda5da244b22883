import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { guard, HttpProblem, page, userOf, validate } from '../../core/http/index.ts';
import { UserStore } from '../../core/users/index.ts';
import { createCampaignStore } from '../../campaigns/campaigns/index.ts';
import { createMessageStore, type MessageScope } from '../messages/index.ts';
import { floorRoles } from './floor-routes.ts';

const shown = 100;
const id = z.coerce.number().int().positive();
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const body = z.object({
  to: z.enum(['agent', 'campaign', 'all']),
  id: id.optional(),
  text: z.string().trim().min(1).max(1000),
  mustRead: flag.default(false),
});

/** Messages to one agent, a campaign's agents or all; and who has read what, and when. */
export function messageRoutes(app: App): Router {
  const router = Router();
  const supervisors = guard(...floorRoles);
  const users = new UserStore(app.db);
  const campaigns = createCampaignStore(app);
  const messages = createMessageStore(app);

  async function readersOf(scope: MessageScope): Promise<number[]> {
    const people = await users.active('agent', 'supervisor');
    if (scope.to === 'all') return people.filter(({ role }) => role === 'agent').map((user) => user.id);
    const wanted = new Set(scope.to === 'agent' ? [scope.id] : await campaigns.agentsOf(scope.id));
    return people.filter((user) => wanted.has(user.id)).map((user) => user.id);
  }

  const sending = validate({ body });
  router.post('/floor/messages', supervisors, sending, async (req, res) => {
    const { to, id: scopeId, text, mustRead } = sending.of(req).body;
    if (to !== 'all' && scopeId === undefined) throw new HttpProblem(422, 'invalid');
    const scope: MessageScope = to === 'all' ? { to } : { to, id: scopeId! };
    const readers = await readersOf(scope);
    if (readers.length === 0) throw new HttpProblem(422, 'nobody-to-tell');
    const message = { by: userOf(req).id, kind: 'written' as const, scope, text, mustRead };
    const sent = await messages.send(message, readers, app.clock.now());
    await req.context.record({
      ...{ action: 'message.sent', entity: 'staff_messages', entityId: sent },
      after: { recipients: readers.length, mustRead, text },
    });
    res.json({ readers: readers.length });
  });

  router.get('/floor/messages', supervisors, async (req, res) => {
    const { t } = req.context;
    const names = new Map(
      (await campaigns.list({ archived: false })).map(({ id: key, name }) => [key, name]),
    );
    const people = new Map((await users.active()).map(({ id: key, name }) => [key, name]));
    const rows = (await messages.sent(shown)).map((message) => {
      const { scope, readers } = message;
      const unread = readers.filter(({ readAt }) => readAt === null);
      return {
        ...message,
        whom:
          scope.to === 'all'
            ? t('floor:message.all')
            : scope.to === 'campaign'
              ? t('floor:message.ofCampaign', { campaign: names.get(scope.id) ?? `#${scope.id}` })
              : (people.get(scope.id) ?? readers[0]?.name ?? ''),
        read: readers.filter(({ readAt }) => readAt !== null),
        unread,
        readers: readers.length,
      };
    });
    page(req, res, 'floor/messages', {
      title: t('floor:message.sent'),
      nav: '/floor',
      styles: ['floor'],
      messages: rows,
    });
  });

  return router;
}
