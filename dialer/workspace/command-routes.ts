import { Router } from 'express';
import { guard, userOf, validate } from '../../core/http/index.ts';
import type { App } from '../../core/app.ts';
import type { AgentSnapshot } from '../protocol.ts';
import { workspaceCommands } from './command-names.ts';
import { commandSchemas, dispositionGiven } from './commands.ts';
import type { DraftStore } from './draft-store.ts';

/**
 * POST /workspace/<command>: hands the agent's wish to the dialer and answers with the new snapshot. A refusal comes
 * as a problem in the agent's words. Who asks is always who is signed in: nobody can act for another here.
 */
export function commandRoutes(app: App, drafts: DraftStore): Router {
  const router = Router();
  for (const command of workspaceCommands) {
    const body = commandSchemas[command];
    const check = validate({ body });
    router.post(`/workspace/${command}`, guard('agent', 'supervisor'), check, async (req, res) => {
      const user = userOf(req);
      const input = check.of(req).body;
      const payload =
        command === 'dispose'
          ? dispositionGiven(user.id, input as Parameters<typeof dispositionGiven>[1])
          : { ...input, userId: user.id };
      const snapshot = await app.bus.request<AgentSnapshot>(`agent.${command}`, payload);
      if ('callId' in payload && command === 'dispose')
        await forget(app, drafts, user.id, payload.callId);
      res.json(snapshot);
    });
  }
  return router;
}

/** The disposition stands, whether its draft could be cleared away or not. */
async function forget(app: App, drafts: DraftStore, userId: number, callId: string): Promise<void> {
  try {
    await drafts.remove(userId, callId, app.clock.now());
  } catch (error) {
    app.log.warn({ err: error, callId }, 'draft of a finished call was not removed');
  }
}
