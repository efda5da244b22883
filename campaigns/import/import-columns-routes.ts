import { join } from 'node:path';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  conflict,
  formState,
  found,
  page,
  redirect,
  validate,
  type FormState,
} from '../../core/http/index.ts';
import { countryChoices, splitTags } from '../../crm/index.ts';
import { columnsForm, delimiterName, delimiterNames, readingQuery } from './columns-form.ts';
import { columnTargets } from './columns.ts';
import { firstRows } from './csv-file.ts';
import { encodings, guessEncoding, type EncodingGuess } from './encoding.ts';
import { guessLayout } from './guess-layout.ts';
import { checkJob, type ImportJobData } from './import-jobs.ts';
import { createImportStore } from './import-store.ts';
import { fileProblemWords, importLook, stepsView } from './import-view.ts';
import { FileProblem, mergeModes, type Import, type ImportOptions } from './import.ts';

const previewRows = 12;
const idParams = z.object({ id: z.coerce.number().int().positive() });

/** The second step of an import: how the file is read, and what its columns hold. */
export function importColumnsRoutes(app: App): Router {
  const router = Router();
  const store = createImportStore(app);
  const pathOf = (item: Import) => join(app.config.dataDir, item.filePath);

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
      const { by: _, ...guessed } = await guessLayout(
        pathOf(item),
        form,
        item.options.defaultCountry,
        header,
      );
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
      by = (await guessLayout(pathOf(item), options, options.defaultCountry, options.headerRow)).by;
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
      ...importLook,
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
    const { headers } = await guessLayout(pathOf(item), form, body.defaultCountry, headerRow);
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
      !(await store.move(params.id, 'check', app.clock.now(), {
        options,
        counts,
        rowsDone: 0,
        jobId: null,
        error: null,
      }))
    )
      throw conflict('import-state');
    const jobId = await app.jobs.add<ImportJobData>(checkJob, { importId: params.id });
    await store.setJob(params.id, jobId);
    redirect(req, res, `/imports/${params.id}`);
  });

  return router;
}

/** An import whose columns may still be chosen. */
function editable(item: Import): Import {
  if (!['uploaded', 'checked', 'failed'].includes(item.state) || item.committed !== null)
    throw conflict('import-state');
  return item;
}
