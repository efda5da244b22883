import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { formState, guard, page, validate } from '../../core/http/index.ts';
import { localTime } from '../../core/time/local-time.ts';
import { UserStore } from '../../core/users/index.ts';
import { createLineQualityStore } from './line-quality-store.ts';
import { lookMs, poorMos } from './looks.ts';

export const lineQualityReaders = ['supervisor', 'manager', 'administrator'] as const;
const periods = ['1', '7', '30', '90'] as const;
const worstCalls = 50;
const optional = z.preprocess((value) => (value === '' ? undefined : value), z.coerce.number().int().positive().optional()); // prettier-ignore

/** How calls sounded on the agents' side, by agent, and the worst of them. */
export function lineQualityRoutes(app: App): Router {
  const router = Router();
  const store = createLineQualityStore(app);
  const users = new UserStore(app.db);
  const asking = validate({ query: z.object({ days: z.enum(periods).default('7'), agent: optional }) });

  router.get('/line-quality', guard(...lineQualityReaders), asking, async (req, res) => {
    const { days, agent } = asking.of(req).query;
    const { t, zone } = req.context;
    const today = localTime(app.clock.now(), zone).startOf('day');
    const filters = { since: today.minus({ days: Number(days) - 1 }).toMillis(), userId: agent };
    const [byAgent, worst, people] = await Promise.all([
      store.byAgent(filters),
      store.worst(filters, worstCalls),
      users.everybody('agent', 'supervisor'),
    ]);
    page(req, res, 'dialer/line-quality', {
      title: t('dialer:lineQuality.title'),
      nav: '/line-quality',
      form: formState({ days, agent: agent ?? '' }),
      periods: periods.map((value) => ({
        value,
        label:
          value === '1'
            ? t('dialer:lineQuality.today')
            : t('dialer:lineQuality.days', { count: Number(value) }),
      })),
      agents: people.map(({ id, name }) => ({ value: id, label: name })),
      byAgent: byAgent.map((row) => ({
        ...row,
        minutes: Math.round((row.looks * lookMs) / 60_000),
        isPoor: row.mos < poorMos,
      })),
      worst: worst.map((row) => ({ ...row, poorPart: row.poorLooks / row.looks })),
      poor: poorMos,
      worstCalls,
      cut: worst.length === worstCalls,
    });
  });

  return router;
}
