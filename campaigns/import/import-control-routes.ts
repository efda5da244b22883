import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { conflict, createAuditor, flash, found, redirect, userOf, validate } from '../../core/http/index.ts';
import { createListStore } from '../lists/index.ts';
import { createImportRelations } from './import-relations-store.ts';
import { createImportStore } from './import-store.ts';
import { commitJob, undoJob, type ImportJobData } from './jobs/import-job.ts';
import { createImportEnd } from './jobs/end-import.ts';

const idParams = z.object({ id: z.coerce.number().int().positive() });

/** What can be done with an import: write, hold up, end, take back. */
export function importControlRoutes(app: App): Router {
  const router = Router();
  const store = createImportStore(app);
  const lists = createListStore(app);
  const relations = createImportRelations(app);
  const end = createImportEnd(app);
  const record = createAuditor(app, 'imports');
  const byId = validate({ params: idParams });

  router.post('/imports/:id/commit', byId, async (req, res) => {
    const item = found(await store.get(byId.of(req).params.id));
    const now = app.clock.now();
    const begun = item.state === 'checked';
    if (!begun && item.committed === null && item.state === 'failed') throw conflict('import-state');
    // What is half taken back is taken back to the end.
    if (item.undone) throw conflict('import-state');
    await app.db.transaction(async (trx) => {
      const listId =
        item.listId ||
        (await lists.create(
          { name: item.options.newListName || item.fileName, defaultCountry: item.options.defaultCountry },
          { userId: userOf(req).id, now },
          trx,
        ));
      const more = { listId, error: null, jobId: null, ...(begun ? { rowsDone: 0 } : {}) };
      // A list made for nothing goes with the transaction.
      if (!(await store.move(item.id, 'commit', now, more, trx))) throw conflict('import-state');
    });
    await start(item.id, commitJob);
    await record(req, begun ? 'import.committed' : 'import.resumed', item.id, {
      after: { fileName: item.fileName, rows: item.checked?.total },
    });
    redirect(req, res, `/imports/${item.id}`);
  });

  router.post('/imports/:id/pause', byId, async (req, res) => {
    const item = found(await store.get(byId.of(req).params.id));
    if (await store.move(item.id, 'pause', app.clock.now())) {
      await record(req, 'import.paused', item.id, { after: { rows: item.rowsDone } });
      if (item.jobId) await app.jobs.cancel(item.jobId);
    }
    redirect(req, res, `/imports/${item.id}`);
  });

  router.post('/imports/:id/stop', byId, async (req, res) => {
    const item = found(await store.get(byId.of(req).params.id));
    if (await end(item.id, 'stop')) {
      await record(req, 'import.stopped', item.id, { after: { rows: item.rowsDone } });
      if (item.jobId) await app.jobs.cancel(item.jobId);
      // A stopped check says so itself where it leads to.
      if (item.state !== 'checking') flash(req, 'info', 'campaigns:import.stopped');
    }
    redirect(req, res, `/imports/${item.id}`);
  });

  router.post('/imports/:id/undo', byId, async (req, res) => {
    const item = found(await store.get(byId.of(req).params.id));
    if (item.undone === null && (await relations.anyDialled(item.id))) {
      flash(req, 'warning', 'campaigns:import.undoDialled');
      return redirect(req, res, `/imports/${item.id}`);
    }
    if (
      item.committed === null ||
      !(await store.move(item.id, 'undo', app.clock.now(), { error: null, jobId: null }))
    )
      throw conflict('import-state');
    await start(item.id, undoJob);
    await record(req, 'import.undone', item.id, {
      after: { fileName: item.fileName, rows: item.committed.taken },
    });
    redirect(req, res, `/imports/${item.id}`);
  });

  async function start(importId: number, job: string): Promise<void> {
    await store.setJob(importId, await app.jobs.add<ImportJobData>(job, { importId }));
  }

  return router;
}
