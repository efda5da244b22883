import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { csvLine, found, fragment, validate } from '../../core/http/index.ts';
import { byteOrderMark } from '../../core/http/csv.ts';
import { createCustomerStore } from '../../crm/index.ts';
import { createImportRowsStore } from './import-rows-store.ts';
import { createImportStore } from './import-store.ts';
import { rowReasonWords, whyNotTaken } from './import-view.ts';
import { repeatVerdicts, verdicts, type Verdict } from './verdict.ts';

const shownRows = 100;
const writtenAtOnce = 1_000;
const idParams = z.object({ id: z.coerce.number().int().positive() });
const rowsQuery = z.object({
  verdict: z.enum(verdicts).optional(),
  reason: z
    .string()
    .regex(/^[a-z-]+$/)
    .optional(),
  after: z.coerce.number().int().min(0).optional(),
});
const fileQuery = z.object({ what: z.enum(['refused', 'not-taken']).default('refused') });

/** The rows of an import by their verdicts, and those that were not taken as a file. */
export function importRowsRoutes(app: App): Router {
  const router = Router();
  const store = createImportStore(app);
  const kept = createImportRowsStore(app);
  const customers = createCustomerStore(app);

  const rows = validate({ params: idParams, query: rowsQuery });
  router.get('/imports/:id/rows', rows, async (req, res) => {
    const { params, query } = rows.of(req);
    const item = found(await store.get(params.id));
    const { t } = req.context;
    const list = await kept.list(params.id, {
      verdicts: query.verdict && [query.verdict],
      reason: query.reason,
      after: query.after,
      limit: shownRows + 1,
    });
    const shown = list.slice(0, shownRows);
    const ids = shown.flatMap(({ customerId }) => (customerId ? [customerId] : []));
    const known = new Map((await customers.getMany(ids)).map((customer) => [customer.id, customer]));
    fragment(req, res, 'campaigns/import-rows', {
      item,
      headers: item.options.columns.map((_, index) => item.options.headers[index] || String(index + 1)),
      rows: shown.map((row) => ({
        ...row,
        reasonText: rowReasonWords(row.reason, t),
        customer: known.get(row.customerId ?? 0) ?? null,
        cells: row.cells ?? item.options.columns.map(() => ''),
      })),
      showReason: shown.some(({ reason }) => reason !== null),
      showCustomer: known.size > 0,
      verdict: query.verdict,
      heading: query.reason
        ? t(`campaigns:rowReasonsShort.${query.reason}`)
        : t(`campaigns:verdicts.${query.verdict ?? 'refused'}`),
      advice: query.reason ? t(`campaigns:rowReasonAdvice.${query.reason}`, { defaultValue: '' }) : '',
      reason: query.reason,
      more: list.length > shownRows ? shown.at(-1)!.number : null,
      // Before the writing only the first of those that are taken are kept.
      examples: item.committed === null && shown.some(({ created }) => created !== null),
    });
  });

  /** Rows as they came, with the reason in a last column: mend them and load the file again. */
  const file = validate({ params: idParams, query: fileQuery });
  router.get('/imports/:id/refused.csv', file, async (req, res) => {
    const { params, query } = file.of(req);
    const item = found(await store.get(params.id));
    const { t } = req.context;
    await req.context.record({
      ...{ action: 'import.rows-downloaded', entity: 'imports', entityId: item.id },
      after: { filter: query.what },
    });
    const name = item.fileName.replace(/\.[^.]*$/, '');
    const wanted: Verdict[] =
      query.what === 'refused' ? ['refused'] : ['refused', 'duplicate', ...repeatVerdicts];
    if (query.what === 'not-taken' && item.options.barred === 'leave-out')
      wanted.push('dnc', 'no-consent', 'no-zone');
    res.set('cache-control', 'no-store');
    res
      .attachment(`${name} - ${t(`campaigns:import.fileOf.${query.what}`)}.csv`)
      .type('text/csv; charset=utf-8');
    const width = item.options.columns.length;
    const headers = Array.from({ length: width }, (_, index) => item.options.headers[index] ?? '');
    res.write(
      byteOrderMark +
        (item.options.headerRow ? csvLine([...headers, t('campaigns:import.reasonColumn')]) : ''),
    );
    for (let after = 0; !res.destroyed;) {
      const batch = await kept.list(item.id, { verdicts: wanted, after, limit: writtenAtOnce });
      let text = '';
      for (const row of batch) {
        const cells = row.cells ?? [];
        const all = Array.from({ length: Math.max(width, cells.length) }, (_, at) => cells[at] ?? '');
        text += csvLine([...all, whyNotTaken(row, t)]);
      }
      if (text !== '' && !res.write(text)) await drained(res);
      if (batch.length < writtenAtOnce) break;
      after = batch.at(-1)!.number;
    }
    res.end();
  });

  return router;
}

/** A reader slower than the database does not fill memory. */
function drained(res: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    res.once('drain', resolve);
    res.once('close', resolve);
  });
}
