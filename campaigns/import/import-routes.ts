import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  conflict,
  csvLine,
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
  type FormState,
} from '../../core/http/index.ts';
import { byteOrderMark } from '../../core/http/csv.ts';
import { countryChoices, defaultCountry, isCountry, splitTags } from '../../crm/index.ts';
import { createListStore } from '../lists/index.ts';
import { columnsForm, delimiterName, delimiterNames, readingQuery } from './columns-form.ts';
import { columnTargets, guessColumns, guessHeaderRow } from './columns.ts';
import { checkFile, firstRows, guessDelimiter } from './csv-file.ts';
import { encodings, guessEncoding, type EncodingGuess } from './encoding.ts';
import { checkJob, commitJob, type ImportJobData } from './import-jobs.ts';
import { createImportStore } from './import-store.ts';
import {
  countsView,
  fileProblemWords,
  importBadges,
  rowReasonWords,
  rowsView,
  stepsView,
} from './import-view.ts';
import { FileProblem, mergeModes, verdicts, type Import, type ImportOptions } from './import.ts';
import { importLimit } from './settings.ts';
import { receiveUpload } from './upload.ts';

const previewRows = 12;
const guessRows = 50;
const shownRows = 100;
const idParams = z.object({ id: z.coerce.number().int().positive() });
const uploadFields = z.object({
  list: z.coerce.number().int().min(0).catch(0),
  listName: z.string().trim().max(120).default(''),
  defaultCountry: z.string().refine((code) => isCountry(code), 'campaigns:errors.country'),
});
const rowsQuery = z.object({
  verdict: z.enum(verdicts).optional(),
  reason: z
    .string()
    .regex(/^[a-z-]+$/)
    .optional(),
  after: z.coerce.number().int().min(0).optional(),
});

/** The four steps of an import: file, columns, verdicts, commit. */
export function importRoutes(app: App): Router {
  const router = Router();
  const store = createImportStore(app);
  const lists = createListStore(app);
  router.use('/imports', guard('marketing', 'manager'));
  const byId = validate({ params: idParams });
  const pathOf = (item: Import) => join(app.config.dataDir, item.filePath);
  const look = { nav: '/lists', script: 'import', styles: ['crm', 'campaigns'] };

  router.get('/imports/new', async (req, res) => {
    const { t, locale } = req.context;
    const all = await lists.all();
    const wanted = Number(req.query.list ?? 0);
    const country =
      all.find(({ id }) => id === wanted)?.defaultCountry ?? (await app.settings.get(defaultCountry));
    page(req, res, 'campaigns/import-file', {
      ...look,
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
        ...(await guesses(filePath, { encoding, delimiter }, fields.defaultCountry)),
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

  /** What the first rows suggest about heading and columns. */
  async function guesses(
    path: string,
    form: Pick<ImportOptions, 'encoding' | 'delimiter'>,
    country: string,
    header?: boolean,
  ) {
    const rows = (await firstRows(path, form, guessRows)).map(({ cells }) => cells);
    const headerRow = header ?? guessHeaderRow(rows, country);
    const headers = headerRow ? (rows[0] ?? []).map((cell) => cell.trim().slice(0, 60)) : [];
    const columns = guessColumns(headers, headerRow ? rows.slice(1) : rows, country);
    const width = columns.length;
    return {
      headerRow,
      headers: Array.from({ length: width }, (_, index) => headers[index] ?? ''),
      columns: columns.map(({ target }) => target),
      by: columns.map(({ by }) => by),
    };
  }

  const reading = validate({ params: idParams, query: readingQuery });
  router.get('/imports/:id/columns', reading, async (req, res) => {
    const { params, query } = reading.of(req);
    const item = editable(found(await store.get(params.id)));
    const tried = query.encoding || query.delimiter || query.header;
    if (!tried) return showColumns(req, res, item, item.options, formState());
    const form = {
      encoding: query.encoding ?? item.options.encoding,
      delimiter: query.delimiter ? delimiterNames[query.delimiter] : item.options.delimiter,
    };
    const header = query.header === undefined ? undefined : query.header === 'yes';
    try {
      const { by: _, ...guessed } = await guesses(pathOf(item), form, item.options.defaultCountry, header);
      await showColumns(req, res, item, { ...item.options, ...form, ...guessed }, formState());
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      await showColumns(
        req,
        res,
        item,
        { ...item.options, ...form, columns: [], headers: [] },
        formState(),
        error,
      );
    }
  });

  async function showColumns(
    req: Request,
    res: Response,
    item: Import,
    options: ImportOptions,
    form: FormState,
    problem: FileProblem | null = null,
  ): Promise<void> {
    const { t, locale } = req.context;
    let failure = problem;
    let rows: string[][] = [];
    let guessed: EncodingGuess | null = null;
    let by: string[] = [];
    try {
      guessed = await guessEncoding(pathOf(item));
      rows = (await firstRows(pathOf(item), options, previewRows + 1)).map(({ cells }) => cells);
      by = (await guesses(pathOf(item), options, options.defaultCountry, options.headerRow)).by;
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      failure ??= error;
    }
    const body = options.headerRow ? rows.slice(1) : rows.slice(0, previewRows);
    const targets = columnTargets.map((value) => ({ value, label: t(`campaigns:columns.${value}`) }));
    const columns = options.columns.map((target, index) => ({
      index,
      header: options.headers[index] || t('campaigns:import.columnNth', { number: index + 1 }),
      target,
      guessed: by[index] === 'header' || by[index] === 'content',
      unknown: target === 'custom' && by[index] === 'none',
    }));
    const values = {
      encoding: options.encoding,
      delimiter: delimiterName(options.delimiter),
      header: options.headerRow ? 'yes' : 'no',
      defaultCountry: options.defaultCountry,
      existing: options.existing,
      tags: options.tags.join(', '),
      ...form.values,
    };
    page(req, res, 'campaigns/import-columns', {
      ...look,
      title: t('campaigns:import.title'),
      steps: stepsView(item, 2, t),
      item,
      form: { values, errors: form.errors },
      problem: failure ? fileProblemWords({ code: failure.code, details: failure.details }, t) : null,
      oneColumn: !failure && columns.length === 1,
      certain: guessed?.confidence === 'certain' && guessed.encoding === options.encoding,
      unreadable: body.some((cells) => cells.some((cell) => cell.includes('\ufffd'))),
      columns,
      rows: body.map((cells) => columns.map(({ index }) => (cells[index] ?? '').slice(0, 80))),
      choices: {
        targets,
        encodings: encodings.map((value) => ({ value, label: t(`campaigns:encodings.${value}`) })),
        delimiters: Object.keys(delimiterNames).map((value) => ({
          value,
          label: t(`campaigns:delimiters.${value}`),
        })),
        header: ['yes', 'no'].map((value) => ({ value, label: t(`campaigns:headerRow.${value}`) })),
        countries: countryChoices(locale),
        existing: mergeModes.map((value) => ({ value, label: t(`campaigns:existing.${value}`) })),
      },
    });
  }

  const columns = validate(
    { params: idParams, body: columnsForm },
    {
      failed: async (req, res, form) => {
        const item = editable(found(await store.get(Number(req.params.id))));
        const given = form.values as {
          columns?: unknown;
          delimiter?: string;
          encoding?: string;
          header?: string;
        };
        const list = Array.isArray(given.columns) ? given.columns : [];
        const chosen = columnTargets.filter((target) => list.includes(target));
        const options: ImportOptions = {
          ...item.options,
          columns: chosen.length > 0 ? (list as ImportOptions['columns']) : item.options.columns,
        };
        await showColumns(req, res, item, options, form);
      },
    },
  );
  router.post('/imports/:id/columns', columns, async (req, res) => {
    const { params, body } = columns.of(req);
    const item = editable(found(await store.get(params.id)));
    const form = { encoding: body.encoding, delimiter: delimiterNames[body.delimiter] };
    const headerRow = body.header === 'yes';
    const { headers } = await guesses(pathOf(item), form, body.defaultCountry, headerRow);
    const options: ImportOptions = {
      ...form,
      headerRow,
      headers,
      defaultCountry: body.defaultCountry,
      columns: body.columns,
      existing: body.existing,
      tags: splitTags(body.tags),
      newListName: item.options.newListName,
    };
    const counts = { checked: null, committed: null };
    if (
      !(await store.move(params.id, 'check', app.clock.now(), { options, counts, rowsDone: 0, error: null }))
    )
      throw conflict('import-state');
    const jobId = await app.jobs.add<ImportJobData>(checkJob, { importId: params.id });
    await store.setJob(params.id, jobId);
    redirect(req, res, `/imports/${params.id}`);
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

  router.get('/imports/:id', byId, async (req, res) => {
    const item = found(await store.get(byId.of(req).params.id));
    if (item.state === 'uploaded') return redirect(req, res, `/imports/${item.id}/columns`);
    page(req, res, 'campaigns/import', {
      ...look,
      title: req.context.t('campaigns:import.title'),
      ...(await standing(req, item)),
    });
  });

  router.get('/imports/:id/live', byId, async (req, res) => {
    const item = found(await store.get(byId.of(req).params.id));
    // A stopped check is back at the columns.
    if (item.state === 'uploaded') return redirect(req, res, `/imports/${item.id}/columns`);
    fragment(req, res, 'campaigns/import-live', await standing(req, item));
  });

  const rows = validate({ params: idParams, query: rowsQuery });
  router.get('/imports/:id/rows', rows, async (req, res) => {
    const { params, query } = rows.of(req);
    const item = found(await store.get(params.id));
    const { t } = req.context;
    const list = await store.rows(params.id, { ...query, limit: shownRows + 1 });
    const shown = list.slice(0, shownRows);
    fragment(req, res, 'campaigns/import-rows', {
      item,
      headers: item.options.columns.map((_, index) => item.options.headers[index] || String(index + 1)),
      rows: rowsView(shown, t),
      verdict: query.verdict,
      heading: query.reason
        ? t(`campaigns:rowReasonsShort.${query.reason}`)
        : t(`campaigns:verdicts.${query.verdict ?? 'refused'}`),
      reason: query.reason,
      more: list.length > shownRows ? shown.at(-1)!.number : null,
      examples: query.verdict === 'new' || query.verdict === 'merged',
    });
  });

  /** The refused rows as they came, with the reason in a last column: mend them and load the file again. */
  router.get('/imports/:id/refused.csv', byId, async (req, res) => {
    const item = found(await store.get(byId.of(req).params.id));
    const { t } = req.context;
    const name = item.fileName.replace(/\.[^.]*$/, '');
    res.set('cache-control', 'no-store');
    res.attachment(`${name} - ${t('campaigns:import.refusedFile')}.csv`).type('text/csv; charset=utf-8');
    const width = item.options.columns.length;
    const headers = Array.from({ length: width }, (_, index) => item.options.headers[index] ?? '');
    res.write(
      byteOrderMark +
        (item.options.headerRow ? csvLine([...headers, t('campaigns:import.reasonColumn')]) : ''),
    );
    for (let after = 0; !res.destroyed;) {
      const batch = await store.rows(item.id, { after, limit: 1_000 });
      for (const row of batch)
        if (row.verdict === 'refused' || row.verdict === 'duplicate') {
          const cells = Array.from(
            { length: Math.max(width, row.cells.length) },
            (_, index) => row.cells[index] ?? '',
          );
          res.write(csvLine([...cells, rowReasonWords(row.reason, t)]));
        }
      if (batch.length < 1_000) break;
      after = batch.at(-1)!.number;
    }
    res.end();
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
      const more = { listId, error: null, ...(begun ? { rowsDone: 0 } : {}) };
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

/** An import whose columns may still be chosen. */
function editable(item: Import): Import {
  if (!['uploaded', 'checked', 'failed'].includes(item.state) || item.committed !== null)
    throw conflict('import-state');
  return item;
}
