import { Router } from 'express';
import type { App } from '../../core/app.ts';
import { flash, guard, page, redirect } from '../../core/http/index.ts';
import type { DialerCommands } from '../protocol.ts';
import { createUnwrittenStore } from './unwritten-store.ts';

const shownAtMost = 200;
const command = 'dialer.write-aside' satisfies keyof DialerCommands;

/** Transitions that the database would not take, for administrators: what it says of each, and to try them again. */
export function unwrittenRoutes(app: App): Router {
  const router = Router();
  const store = createUnwrittenStore(app);
  router.use('/unwritten', guard('administrator'));

  router.get('/unwritten', async (req, res) => {
    const transitions = await store.all(undefined, shownAtMost);
    page(req, res, 'dialer/unwritten', {
      title: req.context.t('dialer:unwritten.title'),
      transitions: transitions.map((one) => ({ ...one, what: String(one.event.event ?? '') })),
    });
  });

  router.post('/unwritten/retry', async (req, res) => {
    const before = await store.all();
    for (const dialerId of new Set(before.map((one) => one.dialerId))) {
      // Its own dialer knows more of it than what is kept here.
      const asked = app.bus.request(`${command}@${dialerId}`, {});
      await asked.catch(async () => {
        for (const one of before) if (one.dialerId === dialerId) await store.write(one);
      });
    }
    const left = await store.count();
    await req.context.record({ action: 'transitions.retried', entity: 'unwritten_transitions' });
    if (left === 0) flash(req, 'success', 'dialer:unwritten.written');
    else flash(req, 'warning', 'dialer:unwritten.left', { count: left });
    redirect(req, res, '/unwritten');
  });

  return router;
}
