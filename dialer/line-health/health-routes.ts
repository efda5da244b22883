import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  can,
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
import { shownHealth, shownWorse } from './shown-health.ts';
import { probeCalls, unblemished, type TrunkHealth } from './trunk-health.ts';
import { createTrunkHealthStore } from './trunk-health-store.ts';
import { trunkRoles, type TrunkRole } from './trunk-roles.ts';

const hourMs = 3_600_000;
const periods = ['1', '24'] as const;

/** What came of the calls on each trunk: managers read it, administrators hold trunks back and release them. */
export function trunkHealthRoutes(app: App): Router {
  const router = Router();
  const trunkStore = createTrunkStore(app);
  const store = createTrunkHealthStore(app);
  const results = createLineResultStore(app);
  const users = new UserStore(app.db);
  const admin = guard('administrator');

  const asking = validate({ query: z.object({ hours: z.enum(periods).default('1') }) });
  router.get('/trunks/health', guard('manager'), asking, async (req, res) => {
    const { hours } = asking.of(req).query;
    const { t } = req.context;
    const [trunks, health, rows, isAuto, roles, kept] = await Promise.all([
      trunkStore.all(),
      store.all(),
      results.since('trunk', app.clock.now() - Number(hours) * hourMs),
      autoQuarantine(app),
      trunkRoles(app),
      results.kept('trunk'),
    ]);
    const mayAct = can(req, 'administrator');
    const holders = await users.byIds([...health.values()].flatMap(({ userId }) => userId ?? []));
    page(req, res, 'dialer/trunk-health', {
      title: t('dialer:trunkHealth.title'),
      nav: mayAct ? '/trunks' : '/trunks/health',
      mayAct,
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
        worse: trunk.enabled ? shownWorse(health.get(trunk.id)) : null,
        ...withoutCalls(trunk.enabled, health.get(trunk.id), roles.get(trunk.id)),
        before: shownBefore(kept.get(String(trunk.id))),
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

const shownBefore = (kept?: { calls: number; answered: number; lastAt: number }) =>
  kept ? { calls: kept.calls, share: kept.answered / kept.calls, lastAt: kept.lastAt } : null;

/** Why there may be no calls on it: the words for it. */
function withoutCalls(
  enabled: boolean,
  { state }: TrunkHealth = unblemished(0),
  role: TrunkRole = 'unused',
): { why: string; role: TrunkRole } {
  if (!enabled) return { why: 'off', role };
  return { why: state === 'held' || state === 'quarantined' ? 'out' : role, role };
}

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
