import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { formState, guard, page, validate } from '../../core/http/index.ts';
import { fromLocal, localTime } from '../../core/time/local-time.ts';
import { UserStore } from '../../core/users/index.ts';
import { createAveragesStore } from './averages-store.ts';
import { reviewers } from './review.ts';
import { createSheetStore } from './sheet-store.ts';

const periods = ['4', '13', '52'] as const;
const optional = z.preprocess((value) => (value === '' ? undefined : value), z.coerce.number().int().positive().optional()); // prettier-ignore

/** What agents reach, by question and week. */
export function averagesRoutes(app: App): Router {
  const router = Router();
  const averages = createAveragesStore(app);
  const sheets = createSheetStore(app);
  const users = new UserStore(app.db);

  const asking = validate({
    query: z.object({ weeks: z.enum(periods).default('13'), sheet: optional, agent: optional }),
  });
  router.get('/quality/averages', guard(...reviewers), asking, async (req, res) => {
    const { weeks, sheet, agent } = asking.of(req).query;
    const { t, zone } = req.context;
    const thisWeek = localTime(app.clock.now(), zone).startOf('week');
    const filters = {
      from: thisWeek.minus({ weeks: Number(weeks) - 1 }).toISODate() ?? '',
      to: thisWeek.toISODate() ?? '',
      ...{ sheetId: sheet, agentId: agent },
    };
    const everySheet = await sheets.all();
    const [byAgent, byWeek, byQuestion, people, newest] = await Promise.all([
      averages.byAgent(filters),
      averages.byWeek(filters),
      averages.byQuestion(filters),
      users.everybody('agent', 'supervisor'),
      Promise.all(everySheet.map(({ id }) => sheets.newest(id))),
    ]);
    const percent = (row: { score: number | null }) => (row.score === null ? null : row.score / 10_000);
    const reached = new Map(byQuestion.map((row) => [row.id, row]));
    const questions = newest.flatMap((version) =>
      (version?.questions ?? []).flatMap((question) => {
        const row = reached.get(question.id);
        return row ? { ...row, ...question, sheet: version!.name, isLow: row.reached < 0.7 } : [];
      }),
    );
    page(req, res, 'dialer/quality-averages', {
      title: t('quality:averages.title'),
      nav: '/quality',
      styles: ['quality'],
      form: formState({ weeks, sheet: sheet ?? '', agent: agent ?? '' }),
      periods: periods.map((value) => ({
        value,
        label: t('quality:averages.weeks', { count: Number(value) }),
      })),
      sheets: everySheet.map(({ id, name }) => ({ value: id, label: name })),
      agents: people.map(({ id, name }) => ({ value: id, label: name })),
      byAgent: byAgent.map((row) => ({ ...row, percent: percent(row) })),
      byWeek: byWeek.map((row) => ({
        ...row,
        percent: percent(row),
        at: fromLocal(String(row.key), zone).toMillis(),
      })),
      byQuestion: questions.sort((a, b) => a.reached - b.reached),
    });
  });

  return router;
}
