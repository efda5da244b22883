import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  conflict,
  createAuditor,
  flash,
  formState,
  found,
  guard,
  idParams,
  page,
  redirect,
  userOf,
  validate,
  type FormState,
} from '../../core/http/index.ts';
import { formatPhone, zoneChoices } from '../../core/i18n/index.ts';
import {
  hasLeft,
  numberPoolFormSchema,
  type NumberPool,
  type NumberPoolForm,
  type PoolNumber,
} from './number-pool.ts';
import { createNumberFlagStore, type NumberFlag } from './number-flag-store.ts';
import { createNumberPoolStore, type PoolSaved } from './number-pool-store.ts';

/** Pools of the numbers that customers see, for managers. */
export function numberPoolRoutes(app: App): Router {
  const router = Router();
  const store = createNumberPoolStore(app);
  const flagStore = createNumberFlagStore(app);
  const audit = createAuditor(app, 'number_pools');
  router.use('/number-pools', guard('manager'));

  router.get('/number-pools', async (req, res) => {
    const pools = await store.all();
    const calls = await store.callsToday(pools, app.clock.now());
    const flags = await flagStore.all();
    const callsOf = ({ e164 }: PoolNumber) => calls.get(e164) ?? 0;
    const rows = pools.map(({ id, name, numbers }) => {
      const usable = numbers.filter(({ enabled }) => enabled);
      return {
        ...{ id, name, all: numbers.length, usable: usable.length },
        flagged: flaggedOf(numbers, flags).length,
        calls: sum(numbers.map(callsOf)),
        usedUp: usable.filter((number) => !hasLeft(number, callsOf(number))).length,
      };
    });
    page(req, res, 'campaigns/number-pools', { title: req.context.t('campaigns:pools.title'), pools: rows });
  });

  router.get('/number-pools/new', (req, res) =>
    showForm(req, res, formState({ zone: req.context.zone, moreLimit: '' }), null),
  );

  const create = validate(
    { body: numberPoolFormSchema },
    { failed: (req, res, form) => showForm(req, res, form, null) },
  );
  router.post('/number-pools', create, async (req, res) => {
    await save(req, res, create.of(req).body, null);
  });

  const byId = validate({ params: idParams });
  router.get('/number-pools/:id', byId, async (req, res) => {
    const pool = found(await store.get(byId.of(req).params.id));
    await showForm(req, res, formState({ ...pool }), pool);
  });

  const edit = validate(
    { params: idParams, body: numberPoolFormSchema },
    {
      failed: async (req, res, form) =>
        showForm(req, res, form, found(await store.get(Number(req.params.id)))),
    },
  );
  router.post('/number-pools/:id', edit, async (req, res) => {
    const { params, body } = edit.of(req);
    await save(req, res, body, found(await store.get(params.id)));
  });

  const fine = validate({ params: idParams, body: z.object({ e164: z.string().max(20) }) });
  router.post('/number-pools/:id/fine', fine, async (req, res) => {
    const { params, body } = fine.of(req);
    const pool = found(await store.get(params.id));
    const number = found(pool.numbers.find(({ e164 }) => e164 === body.e164) ?? null);
    const by = { userId: userOf(req).id, ip: req.ip };
    await flagStore.clear({ e164: number.e164, poolId: pool.id }, app.clock.now(), by);
    flash(req, 'success', 'campaigns:pools.nowFine', { number: formatPhone(number.e164) });
    redirect(req, res, `/number-pools/${pool.id}`);
  });

  router.post('/number-pools/:id/delete', byId, async (req, res) => {
    const pool = found(await store.get(byId.of(req).params.id));
    const removed = await store.remove(pool.id);
    if (!removed.removed)
      throw conflict('number-pool-used', {
        name: pool.name,
        campaigns: removed.campaigns.join(req.context.t('campaigns:listSeparator')),
      });
    await audit(req, 'number-pool.deleted', pool.id, { before: shown(pool) });
    flash(req, 'success', 'campaigns:pools.deleted', { name: pool.name });
    redirect(req, res, '/number-pools');
  });

  async function save(
    req: Request,
    res: Response,
    { revision, ...form }: NumberPoolForm & { revision: number },
    before: NumberPool | null,
  ) {
    const saved = await store.save(before && { id: before.id, revision }, form, app.clock.now());
    if (!saved.saved) return refused(req, res, saved, before);
    const action = before ? 'number-pool.changed' : 'number-pool.created';
    await audit(req, action, saved.id, { ...(before && { before: shown(before) }), after: shown(form) });
    flash(req, 'success', 'campaigns:pools.saved', { name: form.name });
    redirect(req, res, '/number-pools');
  }

  async function refused(
    req: Request,
    res: Response,
    saved: Extract<PoolSaved, { saved: false }>,
    pool: NumberPool | null,
  ): Promise<void> {
    const { t } = req.context;
    if (saved.reason === 'gone') return void found(null);
    if (saved.reason === 'changed-meanwhile') {
      const theirs = found(pool && (await store.get(pool.id)));
      const form = formState({ ...(req.body as object), revision: theirs.revision });
      res.status(409);
      return showForm(req, res, form, theirs, { conflict: true });
    }
    res.status(422);
    const errors: Record<string, string> =
      saved.reason === 'name-taken'
        ? { name: t('campaigns:pools.errors.nameTaken') }
        : {
            more: t('campaigns:pools.errors.numbersTaken', {
              numbers: saved.numbers.slice(0, 5).map(formatPhone).join(t('campaigns:listSeparator')),
              count: saved.numbers.length,
            }),
          };
    await showForm(req, res, formState(req.body as object, errors), pool);
  }

  async function showForm(
    req: Request,
    res: Response,
    form: FormState,
    pool: NumberPool | null,
    extra: object = {},
  ) {
    const { t, locale } = req.context;
    const calls = await store.callsToday(pool ? [pool] : [], app.clock.now());
    const flagged = flaggedOf(pool?.numbers ?? [], await flagStore.all());
    const given = Array.isArray(form.values.numbers) ? (form.values.numbers as { e164?: unknown }[]) : [];
    page(req, res, 'campaigns/number-pool', {
      title: pool ? pool.name : t('campaigns:pools.add'),
      nav: '/number-pools',
      script: 'number-pool',
      styles: ['trunks'],
      form,
      pool,
      flagged: flagged.map(({ e164, reason, since, restsUntil }) => ({
        ...{ e164, since, restsUntil, calls: reason?.calls, expected: reason?.expected },
        own: reason && reason.answered / reason.calls,
      })),
      numbers: given.map((number, index) => ({
        ...number,
        index,
        calls: calls.get(String(number.e164)) ?? 0,
      })),
      choices: { zones: zoneChoices(locale) },
      ...extra,
    });
  }

  return router;
}

const flaggedOf = (numbers: readonly PoolNumber[], flags: ReadonlyMap<string, NumberFlag>): NumberFlag[] =>
  numbers.flatMap(({ e164 }) => flags.get(e164) ?? []).filter(({ state }) => state === 'flagged');

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What the audit keeps of a pool: `+14155550100 (200)`. */
const shown = ({ name, zone, restFlagged, numbers }: NumberPoolForm | NumberPool): object => ({
  name,
  zone,
  restFlagged,
  numbers: numbers.map(
    ({ e164, dailyLimit, enabled }) =>
      `${e164}${dailyLimit === null ? '' : ` (${dailyLimit})`}${enabled ? '' : ' –'}`,
  ),
});
