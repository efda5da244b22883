import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { guard, userOf, validate } from '../../core/http/index.ts';
import { monitorModes } from '../monitors/monitor.ts';
import { phoneConfig } from '../workspace/phone-config.ts';
import { ask } from './ask.ts';
import { floorRoles } from './floor-routes.ts';

const agentId = z.coerce.number().int().positive();
const done = {
  listen: 'monitor.listened',
  whisper: 'monitor.whispered',
  barge: 'monitor.barged',
  'take-over': 'monitor.taken-over',
} as const;

/** Listening, whispering and barging in, over the supervisor's own phone. Who asks is always who is signed in. */
export function monitorRoutes(app: App): Router {
  const router = Router();
  const supervisors = guard(...floorRoles);

  const about = validate({ query: z.object({ agent: agentId }) });
  router.get('/floor/phone', supervisors, about, async (req, res) => {
    const { agent } = about.of(req).query;
    const by = userOf(req).id;
    await ask(app, 'monitor.prepare', { userId: agent, by });
    res.set('cache-control', 'no-store').json(await phoneConfig(app, by, agent));
  });

  const start = validate({ body: z.object({ agent: agentId, mode: z.enum(monitorModes) }) });
  router.post('/floor/monitor', supervisors, start, async (req, res) => {
    const { agent, mode } = start.of(req).body;
    const view = await ask(app, 'monitor.start', { userId: agent, by: userOf(req).id, mode });
    await req.context.record({
      ...{ action: done[mode], entity: 'users', entityId: agent },
      after: { callId: view.callId },
    });
    res.json(view);
  });

  const one = validate({ body: z.object({ agent: agentId }) });
  for (const command of ['keep', 'stop'] as const)
    router.post(`/floor/monitor/${command}`, supervisors, one, async (req, res) => {
      const { agent } = one.of(req).body;
      res.json(await ask(app, `monitor.${command}`, { userId: agent, by: userOf(req).id }));
    });

  router.post('/floor/monitor/end-call', supervisors, one, async (req, res) => {
    const { agent } = one.of(req).body;
    const answer = await ask(app, 'monitor.end-call', { userId: agent, by: userOf(req).id });
    await req.context.record({ action: 'monitor.call-ended', entity: 'users', entityId: agent });
    res.json(answer);
  });

  return router;
}
