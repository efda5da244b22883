import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  flash,
  formState,
  found,
  guard,
  idParams,
  page,
  redirect,
  userOf,
  validate,
} from '../../core/http/index.ts';
import { UserStore } from '../../core/users/index.ts';
import { failoverTable } from '../calls/cause.ts';
import { createTrunkStore } from '../trunks/trunk-store.ts';
import { autoQuarantine } from './health-settings.ts';
import { compareLines, signs } from './judge.ts';
import { createLineResultStore } from './line-result-store.ts';
import { delayAt, sumOf, type SpanResult } from './line-result.ts';
import { shownHealth } from './shown-health.ts';
import { probeCalls, unblemished, type TrunkHealth } from './trunk-health.ts';
import { createTrunkHealthStore } from './trunk-health-store.ts';

const hourMs = 3_600_000;
const periods = ['1', '24'] as const;

/** What came of the calls on each trunk, for administrators. */
export function trunkHealthRoutes(app: App): Router {
  const router = Router();
  const trunkStore = createTrunkStore(app);
  const store = createTrunkHealthStore(app);
  const results = createLineResultStore(app);
  const users = new UserStore(app.db);
  const admin = guard('administrator');

  const asking = validate({ query: z.object({ hours: z.enum(periods).default('1') }) });
  router.get('/trunks/health', admin, asking, async (req, res) => {
    const { hours } = asking.of(req).query;
    const { t } = req.context;
    const [trunks, health, rows, isAuto] = await Promise.all([
      trunkStore.all(),
      store.all(),
      results.since('trunk', app.clock.now() - Number(hours) * hourMs),
      autoQuarantine(app),
    ]);
    const holders = await users.byIds([...health.values()].flatMap(({ userId }) => userId ?? []));
    page(req, res, 'dialer/trunk-health', {
      title: t('dialer:trunkHealth.title'),
      nav: '/trunks',
      styles: ['trunks'],
      form: formState({ hours }),
      periods: periods.map((value) => ({
        value,
        label: t('dialer:trunkHealth.hours', { count: Number(value) }),
      })),
      probeCalls,
      isAuto,
      trunks: trunks.map((trunk) => ({
        ...{ id: trunk.id, name: trunk.name, enabled: trunk.enabled },
        ...figuresOf(rows, String(trunk.id)),
        ...offers(health.get(trunk.id)),
        health: shownHealth(health.get(trunk.id)),
        holder: holders.get(health.get(trunk.id)?.userId ?? 0)?.name ?? null,
      })),
      failover: failoverTable().map(({ kind, words, causes, sip }) => ({
        kind,
        words: t(`dialer:cause.${words}`),
        codes: [...sip.map((code) => `SIP ${code}`), ...causes.map((code) => `Q.850 ${code}`)].join(', '),
      })),
    });
  });

  const byId = validate({ params: idParams });
  for (const type of ['hold', 'release'] as const)
    router.post(`/trunks/:id/${type}`, admin, byId, async (req, res) => {
      const trunk = found(await trunkStore.get(byId.of(req).params.id));
      const userId = userOf(req).id;
      const before = await store.get(trunk.id);
      const done = await store.apply(before, { type, userId }, app.clock.now(), { ip: req.ip });
      const told = done ? (type === 'hold' ? 'held' : 'released') : 'unchanged';
      flash(req, done ? 'success' : 'warning', `dialer:trunkHealth.${told}`, { name: trunk.name });
      redirect(req, res, '/trunks/health');
    });

  return router;
}

const offers = ({ state }: TrunkHealth = unblemished(0)) => ({
  isFree: state === 'free',
  mayHold: state !== 'held',
  mayRelease: state !== 'free',
});

/** Its figures beside what the others' calls of the same campaigns and hours came to; null where there were none. */
function figuresOf(rows: readonly SpanResult[], subject: string) {
  const sum = sumOf(rows.filter((row) => row.subject === subject));
  const expected = Object.fromEntries(
    signs.map((sign) => [sign, compareLines(rows, subject, sign)?.expected ?? null]),
  );
  const causes = Object.entries(sum.causes).sort(([, a], [, b]) => b - a);
  return {
    calls: sum.calls,
    answerShare: sum.calls > 0 ? sum.answered / sum.calls : null,
    shortShare: sum.answered > 0 ? sum.short / sum.answered : null,
    delayHalf: inSeconds(delayAt(sum, 0.5)),
    delayMost: inSeconds(delayAt(sum, 0.95)),
    expected,
    causes: causes.map(([words, calls]) => ({ words, calls, share: calls / sum.calls })),
  };
}

const inSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
