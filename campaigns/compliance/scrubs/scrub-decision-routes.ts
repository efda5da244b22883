import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../../core/app.ts';
import {
  conflict,
  createAuditor,
  flash,
  found,
  guard,
  redirect,
  userOf,
  validate,
} from '../../../core/http/index.ts';
import { canBePutBack, type ScrubList } from './scrub-list.ts';
import { createScrubProposals } from './scrub-proposal-store.ts';
import { createScrubRetirements } from './scrub-retirement-store.ts';
import { createScrubStore } from './scrub-store.ts';
import { createWantedLoads } from './wanted-loads.ts';

const reason = z.string().trim().min(3).max(255);

/** What a manager says of official lists: retire one, put one back, and whether one may take another's place. */
export function scrubDecisionRoutes(app: App): Router {
  const router = Router();
  const store = createScrubStore(app);
  const loads = createWantedLoads(app);
  const proposals = createScrubProposals(app);
  const retirements = createScrubRetirements(app);
  const audit = createAuditor(app, 'scrub_lists');
  const url = '/compliance/lists';
  const manager = guard('manager');
  const deciding = validate({
    params: z.object({ id: z.coerce.number().int().positive() }),
    body: z.object({ reason }),
  });

  const given = (req: Request, note: string) => ({ by: userOf(req).id, at: app.clock.now(), note });
  const retired = ({ name, scrubbedOn, numbers }: ScrubList, after: object) => ({
    before: { name, scrubbedOn, numbers },
    after,
  });

  router.post(`${url}/:id/retire`, manager, deciding, async (req, res) => {
    const { params, body } = deciding.of(req);
    const list = found(await store.get(params.id));
    const by = { by: userOf(req).id, at: app.clock.now() };
    if (!(await retirements.propose({ listId: list.id, reason: body.reason }, by)))
      throw conflict('list-not-to-retire');
    await audit(req, 'scrub.retire-proposed', list.id, retired(list, { reason: body.reason }));
    flash(req, 'success', 'compliance:lists.retireWaits', { name: list.name });
    redirect(req, res, url);
  });

  for (const [verb, to, action, done] of [
    ['approve', 'approved', 'scrub.retired', 'compliance:lists.retired'],
    ['refuse', 'refused', 'scrub.retire-refused', 'compliance:lists.retireRefused'],
  ] as const)
    router.post(`${url}/:id/retire/${verb}`, manager, deciding, async (req, res) => {
      const { params, body } = deciding.of(req);
      const list = found(await store.get(params.id));
      const { id, reason: why } = found((await retirements.waiting()).get(list.id) ?? null);
      const outcome = await retirements.decide({ id, to, ...given(req, body.reason) });
      if (outcome !== 'done') throw conflict(`list-${outcome}`);
      await audit(req, action, list.id, retired(list, { reason: why, note: body.reason }));
      flash(req, 'success', done, { name: list.name });
      redirect(req, res, url);
    });

  router.post(`${url}/:id/put-back`, manager, deciding, async (req, res) => {
    const { params, body } = deciding.of(req);
    const list = found(await store.get(params.id));
    const now = app.clock.now();
    if (!canBePutBack(list, now)) throw conflict('list-not-put-back');
    const { kind, country, name, areas, scrubbedOn, fileName, numbers } = list;
    const by = userOf(req).id;
    const again = { kind, country, name, areas, scrubbedOn, fileName, loadedBy: by, changesOf: list.id };
    const listId = await app.db.transaction(async (trx) => {
      const id = await store.create(again, now, trx);
      const after = { name, scrubbedOn, numbers, reason: body.reason };
      await audit(req, 'scrub.put-back', id, { after }, trx);
      return id;
    });
    await loads.queue(listId);
    flash(req, 'success', 'compliance:lists.comesBack', { name });
    redirect(req, res, url);
  });

  for (const [verb, to, action, done] of [
    ['approve', 'approved', 'scrub.approved', 'compliance:lists.approved'],
    ['refuse', 'refused', 'scrub.refused', 'compliance:lists.rejected'],
  ] as const)
    router.post(`${url}/:id/${verb}`, manager, deciding, async (req, res) => {
      const { params, body } = deciding.of(req);
      const list = found(await store.get(params.id));
      const { id } = found((await proposals.ofLists([list.id])).get(list.id) ?? null);
      const outcome = await proposals.decide({ id, to, ...given(req, body.reason) });
      if (outcome !== 'done') throw conflict(`list-${outcome}`);
      const { name, scrubbedOn, numbers } = list;
      await audit(req, action, list.id, { after: { name, scrubbedOn, numbers, reason: body.reason } });
      flash(req, 'success', done, { name });
      redirect(req, res, url);
    });

  return router;
}
