import { join } from 'node:path';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  createAuditor,
  conflict,
  flash,
  formState,
  found,
  page,
  redirect,
  userOf,
  validate,
  type FormState,
} from '../../core/http/index.ts';
import { splitTags } from '../../crm/index.ts';
import { columnsForm, delimiterNames, optionsOf, readingQuery } from './columns-form.ts';
import { columnTargets } from './columns.ts';
import { guessEncoding } from './encoding.ts';
import { guessLayout } from './guess-layout.ts';
import { columnsView, type ColumnsReading } from './import-columns-view.ts';
import { createImportStore } from './import-store.ts';
import { applyTemplate, createImportTemplates } from './import-templates.ts';
import { FileProblem, type Import, type ImportOptions } from './import.ts';
import { checkJob, type ImportJobData } from './jobs/import-job.ts';
import { ownFieldTwice } from './read-row.ts';
import { firstRows, sheetsOf } from './table-file.ts';

const rowsRead = 30;
const idParams = z.object({ id: z.coerce.number().int().positive() });

/** The second step of an import: how the file is read, and what its columns hold. */
export function importColumnsRoutes(app: App): Router {
  const router = Router();
  const store = createImportStore(app);
  const templates = createImportTemplates(app);
  const record = createAuditor(app, 'imports');
  const pathOf = (item: Import) => join(app.config.dataDir, item.filePath);

  const reading = validate({ params: idParams, query: readingQuery });
  router.get('/imports/:id/columns', reading, async (req, res) => {
    const { params, query } = reading.of(req);
    const item = editable(found(await store.get(params.id)));
    const tried = query.encoding || query.delimiter || query.header || query.sheet !== undefined;
    if (!tried) return showColumns(req, res, item, item.options, formState());
    const { options, problem } = await layOut(item, query);
    await showColumns(req, res, item, options, formState(), problem);
  });

  /** The choices for a file that is read in another way than it was. */
  async function layOut(
    item: Import,
    query: z.output<typeof readingQuery>,
  ): Promise<{ options: ImportOptions; problem: FileProblem | null }> {
    const form = {
      format: item.options.format,
      sheet: query.sheet ?? item.options.sheet,
      encoding: query.encoding ?? item.options.encoding,
      delimiter: query.delimiter ? delimiterNames[query.delimiter] : item.options.delimiter,
    };
    const header = query.header === undefined ? undefined : query.header === 'yes';
    try {
      const { by: _, ...guessed } = await guessLayout(pathOf(item), form, item.options.defaultCountry, header); // prettier-ignore
      const known = await templates.find(guessed.headers);
      const mapped = applyTemplate(known, guessed.columns);
      const options = { ...item.options, ...form, names: [], wins: [], ...guessed, ...mapped };
      return { options, problem: null };
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      return { options: { ...item.options, ...form, columns: [], headers: [] }, problem: error };
    }
  }

  async function showColumns(
    req: Request,
    res: Response,
    item: Import,
    options: ImportOptions,
    form: FormState,
    problem: FileProblem | null = null,
  ): Promise<void> {
    page(
      req,
      res,
      'campaigns/import-columns',
      columnsView(req, item, options, await readFirst(item, options, problem), form),
    );
  }

  async function readFirst(
    item: Import,
    options: ImportOptions,
    problem: FileProblem | null,
  ): Promise<ColumnsReading> {
    const path = pathOf(item);
    const template = await templates.find(options.headers);
    try {
      const sheets = options.format === 'xlsx' ? await sheetsOf(path) : [];
      const guess = options.format === 'csv' ? await guessEncoding(path) : null;
      const rows = (await firstRows(path, options, rowsRead)).map(({ cells }) => cells);
      const { by } = await guessLayout(path, options, options.defaultCountry, options.headerRow);
      return { rows, by, guess, sheets, problem, template };
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      return { rows: [], by: [], guess: null, sheets: [], problem: problem ?? error, template };
    }
  }

  const columns = validate(
    { params: idParams, body: columnsForm },
    {
      failed: async (req, res, form) => {
        const item = editable(found(await store.get(Number(req.params.id))));
        const { options, problem } = await layOut(item, readAs(form.values));
        await showColumns(req, res, item, { ...options, ...typed(form.values, options) }, form, problem);
      },
    },
  );
  router.post('/imports/:id/columns', columns, async (req, res) => {
    const { params, body } = columns.of(req);
    const item = editable(found(await store.get(params.id)));
    const form = { ...item.options, ...body, delimiter: delimiterNames[body.delimiter] };
    const { headers } = await guessLayout(pathOf(item), form, body.defaultCountry, body.header === 'yes');
    const options = optionsOf(body, item.options, headers, splitTags(body.tags));
    const twice = ownFieldTwice(options);
    if (twice !== null) {
      const errors = { _: req.context.t('campaigns:errors.ownFieldTwice', { name: twice }) };
      res.status(422);
      return showColumns(req, res, item, options, formState(req.body as object, errors));
    }
    const now = app.clock.now();
    const progress = { checked: null, committed: null, undone: null, pace: null };
    const more = { options, progress, rowsDone: 0, jobId: null, error: null };
    if (!(await store.move(params.id, 'check', now, more))) throw conflict('import-state');
    if (body.template) {
      await templates.save(body.template, options, { userId: userOf(req).id, now });
      await record(req, 'import.template-saved', params.id, { after: { name: body.template } });
      flash(req, 'success', 'campaigns:import.templateSaved', { name: body.template });
    }
    const jobId = await app.jobs.add<ImportJobData>(checkJob, { importId: params.id });
    await store.setJob(params.id, jobId);
    redirect(req, res, `/imports/${params.id}`);
  });

  const forget = validate({ params: z.object({ id: idParams.shape.id, template: idParams.shape.id }) });
  router.post('/imports/:id/templates/:template/remove', forget, async (req, res) => {
    const { params } = forget.of(req);
    editable(found(await store.get(params.id)));
    const gone = await templates.remove(params.template);
    if (gone) {
      await record(req, 'import.template-removed', params.id, { before: { name: gone.name } });
      flash(req, 'info', 'campaigns:import.templateRemoved', { name: gone.name });
    }
    redirect(req, res, `/imports/${params.id}/columns`);
  });

  return router;
}

/** How a form that was refused would have the file read. */
function readAs(values: FormState['values']): z.output<typeof readingQuery> {
  const { encoding, delimiter, header, sheet } = values;
  const { data } = readingQuery.safeParse({ encoding, delimiter, header, sheet: sheet === '' ? undefined : sheet }); // prettier-ignore
  return data ?? {};
}

/** What was typed into a form that was refused, as far as it concerns columns. More than a few come as an object. */
function typed(values: FormState['values'], laidOut: ImportOptions): Partial<ImportOptions> {
  const list = (value: unknown): string[] =>
    typeof value === 'object' && value !== null ? Object.values(value).map(String) : [];
  const columns = list(values.columns).filter((value) =>
    (columnTargets as readonly string[]).includes(value),
  );
  if (columns.length !== laidOut.columns.length) return {};
  return {
    columns: columns as unknown as ImportOptions['columns'],
    names: list(values.names),
    wins: list(values.wins) as unknown as ImportOptions['wins'],
  };
}

/** An import whose columns may still be chosen. */
function editable(item: Import): Import {
  if (!['uploaded', 'checked', 'failed'].includes(item.state) || item.committed !== null)
    throw conflict('import-state');
  return item;
}
