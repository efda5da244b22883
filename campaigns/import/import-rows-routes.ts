import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { csvLine, found, fragment, validate } from '../../core/http/index.ts';
import { byteOrderMark } from '../../core/http/csv.ts';
import { createImportStore } from './import-store.ts';
import { rowReasonWords, rowsView } from './import-view.ts';
import { verdicts } from './import.ts';

const shownRows = 100;
const idParams = z.object({ id: z.coerce.number().int().positive() });
const rowsQuery = z.object({
  verdict: z.enum(verdicts).optional(),
  reason: z
    .string()
    .regex(/^[a-z-]+$/)
    .optional(),
  after: z.coerce.number().int().min(0).optional(),
});

/** The rows of an import by their verdicts, and those that were not taken as a file. */
export function importRowsRoutes(app: App): Router {
  const router = Router();
  const store = createImportStore(app);
  const byId = validate({ params: idParams });

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

  return router;
}
