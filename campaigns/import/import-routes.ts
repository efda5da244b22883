import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  conflict,
  flash,
  formState,
  found,
  fragment,
  guard,
  HttpProblem,
  page,
  redirect,
  userOf,
  validate,
} from '../../core/http/index.ts';
import { countryChoices, defaultCountry, isCountry } from '../../crm/index.ts';
import { createListStore } from '../lists/index.ts';
import { checkFile, guessDelimiter } from './csv-file.ts';
import { guessEncoding } from './encoding.ts';
import { guessLayout } from './guess-layout.ts';
import { importColumnsRoutes } from './import-columns-routes.ts';
import { commitJob, type ImportJobData } from './import-jobs.ts';
import { importRowsRoutes } from './import-rows-routes.ts';
import { createImportStore } from './import-store.ts';
import { countsView, fileProblemWords, importBadges, importLook, stepsView } from './import-view.ts';
import { FileProblem, type Import, type ImportOptions } from './import.ts';
import { importLimit } from './settings.ts';
import { receiveUpload } from './upload.ts';

/** Between two signs of life of a job there is never so long. */
const jobGraceMs = 120_000;
const idParams = z.object({ id: z.coerce.number().int().positive() });
const uploadFields = z.object({
  list: z.coerce.number().int().min(0).catch(0),
  listName: z.string().trim().max(120).default(''),
  defaultCountry: z.string().refine((code) => isCountry(code), 'campaigns:errors.country'),
});

/** The four steps of an import: file, columns, verdicts, commit. */
export function importRoutes(app: App): Router {
  const router = Router();
  const store = createImportStore(app);
  const lists = createListStore(app);
  router.use('/imports', guard('marketing', 'manager'));
  router.use(importColumnsRoutes(app), importRowsRoutes(app));
  const byId = validate({ params: idParams });

  router.get('/imports/new', async (req, res) => {
    const { t, locale } = req.context;
    const all = await lists.all();
    const wanted = Number(req.query.list ?? 0);
    const country =
      all.find(({ id }) => id === wanted)?.defaultCountry ?? (await app.settings.get(defaultCountry));
    page(req, res, 'campaigns/import-file', {
      ...importLook,
      title: t('campaigns:import.title'),
      steps: stepsView(null, 1, t),
      form: formState({ list: wanted || '', defaultCountry: country }),
      megabytes: await app.settings.get(importLimit),
      choices: {
        lists: all.map(({ id, name }) => ({ value: id, label: name })),
        countries: countryChoices(locale),
      },
      words: {
        sending: t('campaigns:import.sending'),
        failed: t('campaigns:import.sendFailed'),
        stopped: t('campaigns:import.sendStopped'),
      },
    });
  });

  router.post('/imports', async (req, res) => {
    const { t } = req.context;
    const megabytes = await app.settings.get(importLimit);
    let filePath = '';
    try {
      const upload = await receiveUpload(req, app.config.dataDir, megabytes * 1024 * 1024);
      filePath = join(app.config.dataDir, upload.filePath);
      const fields = uploadFields.parse(upload.fields);
      const list = fields.list > 0 ? found(await lists.get(fields.list)) : null;
      await checkFile(filePath, upload.fileName);
      const { encoding } = await guessEncoding(filePath);
      const delimiter = await guessDelimiter(filePath, encoding);
      const options: ImportOptions = {
        encoding,
        delimiter,
        ...(await guessLayout(filePath, { encoding, delimiter }, fields.defaultCountry)),
        defaultCountry: fields.defaultCountry,
        existing: 'fill',
        tags: [],
        newListName: list ? '' : fields.listName || upload.fileName.replace(/\.[^.]*$/, '').slice(0, 120),
      };
      const id = await store.create(
        {
          listId: list?.id ?? 0,
          fileName: upload.fileName,
          filePath: upload.filePath,
          fileSize: upload.fileSize,
          options,
        },
        { userId: userOf(req).id, now: app.clock.now() },
      );
      await record(req, 'import.uploaded', id, { fileName: upload.fileName, bytes: upload.fileSize });
      res.json({ location: `/imports/${id}/columns` });
    } catch (error) {
      if (filePath) await rm(filePath, { force: true });
      if (error instanceof FileProblem) {
        const words = fileProblemWords({ code: error.code, details: error.details }, t);
        throw new HttpProblem(422, 'file-refused', { words });
      }
      throw error;
    }
  });

  /** One page for what follows: it shows where the import stands. */
  async function standing(req: Request, item: Import) {
    const { t } = req.context;
    const list = item.listId > 0 ? await lists.get(item.listId) : null;
    const job = item.jobId ? await app.jobs.get(item.jobId) : null;
    const counts = item.committed ?? item.checked;
    const total = item.checked?.total ?? 0;
    const writing =
      item.state === 'committing' ||
      item.state === 'stopped' ||
      item.state === 'done' ||
      (item.state === 'failed' && item.rowsDone > 0 && item.committed !== null);
    return {
      item,
      state: { badge: importBadges[item.state], label: t(`campaigns:importStates.${item.state}`) },
      steps: stepsView(item, writing ? 4 : 3, t),
      busy: item.state === 'checking' || item.state === 'committing',
      is: { [item.state]: true },
      resumable: item.state === 'stopped' || (item.state === 'failed' && item.committed !== null),
      listName: list?.name ?? item.options.newListName,
      problem: fileProblemWords(item.error, t),
      counts: counts ? countsView(req, counts) : null,
      progress:
        item.state === 'committing' && total > 0
          ? Math.min(100, ((item.committed?.total ?? 0) / total) * 100)
          : (job?.progress ?? 0),
      rowsRead: item.state === 'committing' ? (item.committed?.total ?? 0) : (item.checked?.total ?? 0),
      total,
    };
  }

  /** An import whose job has gone for good (its processes died again and again) counts as stopped, and can go on. */
  async function read(id: number): Promise<Import> {
    const item = found(await store.get(id));
    if (item.state !== 'checking' && item.state !== 'committing') return item;
    const job = item.jobId ? await app.jobs.get(item.jobId) : null;
    const lives = job?.state === 'waiting' || job?.state === 'running';
    const now = app.clock.now();
    if (lives || now - item.updatedAt < jobGraceMs) return item;
    await store.move(id, 'stop', now);
    return found(await store.get(id));
  }

  router.get('/imports/:id', byId, async (req, res) => {
    const item = await read(byId.of(req).params.id);
    if (item.state === 'uploaded') return redirect(req, res, `/imports/${item.id}/columns`);
    page(req, res, 'campaigns/import', {
      ...importLook,
      title: req.context.t('campaigns:import.title'),
      ...(await standing(req, item)),
    });
  });

  router.get('/imports/:id/live', byId, async (req, res) => {
    const item = await read(byId.of(req).params.id);
    // A stopped check is back at the columns.
    if (item.state === 'uploaded') return redirect(req, res, `/imports/${item.id}/columns`);
    fragment(req, res, 'campaigns/import-live', await standing(req, item));
  });

  router.post('/imports/:id/commit', byId, async (req, res) => {
    const item = found(await store.get(byId.of(req).params.id));
    const now = app.clock.now();
    const begun = item.state === 'checked';
    const moved = await app.db.transaction(async (trx) => {
      const listId =
        item.listId ||
        (await lists.create(
          { name: item.options.newListName || item.fileName, defaultCountry: item.options.defaultCountry },
          { userId: userOf(req).id, now },
          trx,
        ));
      const more = { listId, error: null, jobId: null, ...(begun ? { rowsDone: 0 } : {}) };
      const done = await store.move(item.id, 'commit', now, more, trx);
      // A list made for nothing goes with the transaction.
      if (!done) throw conflict('import-state');
      return done;
    });
    if (moved) {
      const jobId = await app.jobs.add<ImportJobData>(commitJob, { importId: item.id });
      await store.setJob(item.id, jobId);
      await record(req, begun ? 'import.committed' : 'import.resumed', item.id, {
        fileName: item.fileName,
        rows: item.checked?.total,
      });
    }
    redirect(req, res, `/imports/${item.id}`);
  });

  router.post('/imports/:id/stop', byId, async (req, res) => {
    const item = found(await store.get(byId.of(req).params.id));
    if (await store.move(item.id, 'stop', app.clock.now())) {
      if (item.jobId) await app.jobs.cancel(item.jobId);
      await record(req, 'import.stopped', item.id, { rows: item.rowsDone });
      flash(req, 'info', 'campaigns:import.stopped');
    }
    redirect(req, res, `/imports/${item.id}`);
  });

  const record = (req: Request, action: string, entityId: number, after: object) =>
    app.audit.record({ userId: userOf(req).id, action, entity: 'imports', entityId, ip: req.ip, after });

  return router;
}
