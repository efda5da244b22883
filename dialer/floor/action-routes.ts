import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { found, guard, HttpProblem, userOf, validate } from '../../core/http/index.ts';
import { line } from '../../core/text/index.ts';
import { UserStore } from '../../core/users/index.ts';
import { createCampaignStore } from '../../campaigns/campaigns/index.ts';
import { createMessageStore } from '../messages/index.ts';
import { ask } from './ask.ts';
import { floorRoles } from './floor-routes.ts';

const id = z.coerce.number().int().positive();
const reason = line.min(3).max(300);
const agentParams = z.object({ id });
const forced = { paused: 'agent.paused', ready: 'agent.readied', 'signed-out': 'agent.signed-out' } as const;

/** What a supervisor does with an agent: each by right of role, kept in the audit, and told to the agent. */
export function actionRoutes(app: App): Router {
  const router = Router();
  const supervisors = guard(...floorRoles);
  const users = new UserStore(app.db);
  const campaigns = createCampaignStore(app);
  const messages = createMessageStore(app);

  async function agentOf(userId: number) {
    const user = found(await users.byId(userId));
    if (user.disabledAt !== null || (user.role !== 'agent' && user.role !== 'supervisor'))
      throw new HttpProblem(404, 'not-found');
    return user;
  }

  const force = validate({
    params: agentParams,
    body: z.object({ to: z.enum(['paused', 'ready', 'signed-out']), reason }),
  });
  router.post('/floor/agents/:id/force', supervisors, force, async (req, res) => {
    const { params, body } = force.of(req);
    const agent = await agentOf(params.id);
    const by = userOf(req).id;
    const snapshot = await ask(app, 'agent.force', { userId: agent.id, by, ...body });
    await req.context.record({
      ...{ action: forced[body.to], entity: 'users', entityId: agent.id },
      after: { reason: body.reason },
    });
    if (agent.id !== by) await tell(req, agent.id, body.to, body.reason);
    res.json({ state: snapshot.state });
  });

  router.get(
    '/floor/agents/:id/campaigns',
    supervisors,
    validate({ params: agentParams }),
    async (req, res) => {
      const agent = await agentOf(Number(req.params.id));
      const mine = new Set((await campaigns.ofAgent(agent.id)).map((campaign) => campaign.id));
      const open = (await campaigns.list()).filter(
        (campaign) => mine.has(campaign.id) || campaign.state === 'running' || campaign.state === 'paused',
      );
      res.set('cache-control', 'no-store').json({
        campaigns: open.map((campaign) => ({
          id: campaign.id,
          name: campaign.name,
          state: req.context.t(`campaigns:states.${campaign.state}`),
          on: mine.has(campaign.id),
        })),
      });
    },
  );

  const move = validate({
    params: agentParams,
    body: z.object({ add: z.array(id).max(500).default([]), remove: z.array(id).max(500).default([]) }),
  });
  router.post('/floor/agents/:id/campaigns', supervisors, move, async (req, res) => {
    const { params, body } = move.of(req);
    const agent = await agentOf(params.id);
    const known = new Map((await campaigns.list()).map((campaign) => [campaign.id, campaign.name]));
    if ([...body.add, ...body.remove].some((campaignId) => !known.has(campaignId)))
      throw new HttpProblem(422, 'invalid');
    const before = await campaigns.ofAgent(agent.id);
    const moved = await campaigns.moveAgent(agent.id, body, app.clock.now());
    if (moved.length > 0) {
      const after = await campaigns.ofAgent(agent.id);
      const names = (list: typeof after) => list.map(({ name }) => name);
      await req.context.record({
        ...{ action: 'agent.moved', entity: 'users', entityId: agent.id },
        before: { campaigns: names(before) },
        after: { campaigns: names(after) },
      });
      await tell(req, agent.id, 'moved', names(after).join(req.context.t('crm:listSeparator')));
    }
    res.json({ moved: moved.length });
  });

  /** Done is done: where it cannot be written down for the agent, it is not undone. */
  async function tell(
    req: Request,
    userId: number,
    kind: 'paused' | 'ready' | 'signed-out' | 'moved',
    text: string,
  ) {
    const message = { by: userOf(req).id, kind, text, mustRead: false };
    await messages
      .send({ ...message, scope: { to: 'agent', id: userId } }, [userId], app.clock.now())
      .catch((error: unknown) => app.log.warn({ err: error, user: userId }, 'agent was not told'));
  }

  return router;
}
