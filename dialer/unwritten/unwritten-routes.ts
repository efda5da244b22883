import { Router } from 'express';
import type { App } from '../../core/app.ts';
import { CommandRefused } from '../../core/bus/bus.ts';
import { flash, guard, page, redirect } from '../../core/http/index.ts';
import { isGone } from '../cells/cell.ts';
import { createCellStore } from '../cells/cell-store.ts';
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
    const unsure: string[] = [];
    for (const dialerId of new Set(before.map((one) => one.dialerId))) {
      try {
        // Its own dialer knows more of it than what is kept here.
        await app.bus.request(`${command}@${dialerId}`, {});
      } catch (error) {
        if (error instanceof CommandRefused) continue;
        if (await mayRun(dialerId)) unsure.push(dialerId);
        else for (const one of before) if (one.dialerId === dialerId) await store.write(one);
      }
    }
    const left = await store.count();
    await req.context.record({ action: 'transitions.retried', entity: 'unwritten_transitions' });
    if (left === 0) flash(req, 'success', 'dialer:unwritten.written');
    else if (unsure.length > 0)
      flash(req, 'warning', 'dialer:unwritten.unsure', { count: left, dialers: unsure.join(', ') });
    else flash(req, 'warning', 'dialer:unwritten.left', { count: left });
    redirect(req, res, '/unwritten');
  });

  /** It may have more to write of what is set aside than is kept here, or be writing it now. */
  async function mayRun(dialerId: string): Promise<boolean> {
    const cell = (await createCellStore(app).all()).find(({ id }) => id === dialerId);
    return cell !== undefined && cell.stoppedAt === null && !isGone(cell, app.clock.now());
  }

  return router;
}
