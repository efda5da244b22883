import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  createAuditor,
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
import { line } from '../../core/text/index.ts';
import { countryChoices, defaultCountry, isCountry } from '../../crm/index.ts';
import { createListStore } from '../lists/index.ts';
import { createCampaignFacts } from '../campaigns/campaign-facts.ts';
import { createCampaignStore, type Campaign } from '../campaigns/index.ts';
import { blocksStart } from '../campaigns/readiness.ts';
import { guessDelimiter } from './csv-file.ts';
import { guessEncoding } from './encoding.ts';
import { guessLayout } from './guess-layout.ts';
import { importColumnsRoutes } from './import-columns-routes.ts';
import { importControlRoutes } from './import-control-routes.ts';
import { createLostImports } from './jobs/lost-imports.ts';
import { importRowsRoutes } from './import-rows-routes.ts';
import { createImportStore } from './import-store.ts';
import { applyTemplate, createImportTemplates } from './import-templates.ts';
import { fileProblemWords, importLook, standingView, stepsView } from './import-view.ts';
import { defaultOptions, FileProblem, type Import, type ImportOptions } from './import.ts';
import { checkFile } from './table-file.ts';
import { importLimit } from './settings.ts';
import { receiveUpload } from './upload.ts';

const idParams = z.object({ id: z.coerce.number().int().positive() });
const uploadFields = z.object({
  list: z.coerce.number().int().min(0).catch(0),
  campaign: z.coerce.number().int().min(0).catch(0),
  listName: line.max(120).default(''),
  defaultCountry: z.string().refine((code) => isCountry(code), 'campaigns:errors.country'),
});

const readAs = { encoding: defaultOptions.encoding, delimiter: defaultOptions.delimiter } as const;

/** The four steps of an import: file, columns, verdicts, commit. */
export function importRoutes(app: App): Router {
  const router = Router();
  const store = createImportStore(app);
  const lists = createListStore(app);
  const campaigns = createCampaignStore(app);
  const facts = createCampaignFacts(app);
  const templates = createImportTemplates(app);
  const record = createAuditor(app, 'imports');
  const lost = createLostImports(app);
  router.use('/imports', guard('marketing', 'manager'));
  router.use(importColumnsRoutes(app), importRowsRoutes(app), importControlRoutes(app));
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
      form: formState({
        list: wanted || '',
        campaign: Number(req.query.campaign ?? 0) || '',
        defaultCountry: country,
      }),
      megabytes: await app.settings.get(importLimit),
      choices: {
        lists: all.map(({ id, name }) => ({ value: id, label: name })),
        campaigns: (await campaigns.list()).map(({ id, name }) => ({ value: id, label: name })),
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
      const campaign = fields.campaign > 0 ? found(await campaigns.get(fields.campaign)) : null;
      const form = await formOf(filePath, upload.fileName);
      const layout = await guessLayout(filePath, form, fields.defaultCountry);
      const { by: _, ...guessed } = layout;
      const known = await templates.find(guessed.headers);
      const options: ImportOptions = {
        ...defaultOptions,
        ...form,
        ...guessed,
        defaultCountry: fields.defaultCountry,
        ...applyTemplate(known, guessed.columns),
        newListName: list ? '' : fields.listName || upload.fileName.replace(/\.[^.]*$/, '').slice(0, 120),
        campaignId: campaign?.id ?? null,
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
      await record(req, 'import.uploaded', id, {
        after: { fileName: upload.fileName, bytes: upload.fileSize },
      });
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

  /** How a new file is to be read, as far as its bytes tell. */
  async function formOf(path: string, fileName: string) {
    const format = await checkFile(path, fileName);
    if (format === 'xlsx') return { ...readAs, format, sheet: null };
    const { encoding } = await guessEncoding(path);
    return { format, sheet: null, encoding, delimiter: await guessDelimiter(path, encoding) };
  }

  /** One page for what follows: it shows where the import stands. */
  async function standing(req: Request, item: Import) {
    const list = item.listId > 0 ? await lists.get(item.listId) : null;
    const job = item.jobId ? await app.jobs.get(item.jobId) : null;
    const campaign = item.options.campaignId ? await campaigns.get(item.options.campaignId) : null;
    return standingView(req, item, {
      listName: list?.name ?? item.options.newListName,
      campaignName: campaign?.name ?? null,
      finished: await finishedOnes(item, campaign),
      hasFile: existsSync(join(app.config.dataDir, item.filePath)),
      jobProgress: job?.progress ?? 0,
      now: app.clock.now(),
    });
  }

  /** Of those that call the list the campaigns that have finished, and whether the one it is brought for goes on. */
  async function finishedOnes(item: Import, named: Campaign | null) {
    const others = (item.listId > 0 ? await lists.campaignsOf(item.listId) : [])
      .filter(({ id, state }) => state === 'finished' && id !== named?.id)
      .map(({ id, name }) => ({ id, name }));
    if (named?.state !== 'finished') return { others, named: null };
    const { missing } = await facts.picture(named);
    // What it lacks of lists and leads is what it gets.
    const stays =
      named.archivedAt !== null || blocksStart(missing.filter(({ section }) => section !== 'lists'));
    return { others, named: stays ? ('stays' as const) : ('goes-on' as const) };
  }

  /** As it stands; whoever looks at an import that lost its job waits for no sweep. */
  async function read(id: number): Promise<Import> {
    await lost.lookAfter(found(await store.get(id)));
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

  return router;
}
