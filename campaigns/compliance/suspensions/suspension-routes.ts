import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../../core/app.ts';
import {
  can,
  createAuditor,
  flash,
  formState,
  found,
  guard,
  page,
  redirect,
  userOf,
  validate,
  type FormState,
} from '../../../core/http/index.ts';
import type { RuleCatalogue } from '../rules/catalogue.ts';
import { createNames } from '../user-names.ts';
import { isActive, placeForm, suspensionReason, suspensionScopes, type Suspension } from './suspension.ts';
import { createSuspensionStore } from './suspension-store.ts';

const hourMs = 3_600_000;
const starters = ['supervisor', 'manager'] as const;
const lifters = ['manager'] as const;

const body = z
  .object({
    scope: z.enum(suspensionScopes),
    place: z.string().trim().max(40).default(''),
    ruleSet: z.string().max(60).default(''),
    whom: z.enum(['everyone', 'without-consent']),
    reason: suspensionReason,
    hours: z.union([z.literal(''), z.coerce.number().min(1).max(8760)]).default(''),
  })
  .superRefine((given, context) => {
    if (given.scope === 'place' && !placeForm.safeParse(given.place).success)
      context.addIssue({ code: 'custom', path: ['place'], message: 'compliance:errors.place' });
  });
const idParams = z.object({ id: z.coerce.number().int().positive() });

/** The emergency switch: calls stopped at once, everywhere, in a place or under a rule set. */
export function suspensionRoutes(app: App, catalogue: { now(): Promise<RuleCatalogue> }): Router {
  const router = Router();
  const store = createSuspensionStore(app);
  const names = createNames(app);
  const audit = createAuditor(app, 'suspensions');
  const url = '/compliance/suspensions';

  async function show(req: Request, res: Response, form: FormState): Promise<void> {
    const { t } = req.context;
    const all = await store.list();
    const who = await names(all.flatMap(({ startedBy, liftedBy }) => [startedBy, liftedBy]));
    const now = app.clock.now();
    const shown = all.map((one) => ({
      ...one,
      where: whereWords(req, one),
      whom: t(one.everyone ? 'compliance:suspensions.everyone' : 'compliance:suspensions.withoutConsent'),
      by: who(one.startedBy, req),
      endedBy: one.liftedAt === null ? '' : who(one.liftedBy, req),
      endedAt: one.liftedAt ?? (one.endsAt !== null && one.endsAt <= now ? one.endsAt : null),
      active: isActive(one, now),
      mayLift: can(req, ...lifters),
    }));
    page(req, res, 'compliance/suspensions', {
      title: t('compliance:suspensions.title'),
      nav: '/compliance',
      form,
      mayStart: can(req, ...starters),
      active: shown.filter(({ active }) => active),
      past: shown.filter(({ active }) => !active),
      choices: {
        scopes: suspensionScopes.map((value) => ({
          value,
          label: t(`compliance:suspensions.scopes.${value}`),
        })),
        ruleSets: (await catalogue.now()).names.map((value) => ({ value, label: value })),
        whom: [
          { value: 'everyone', label: t('compliance:suspensions.everyone') },
          { value: 'without-consent', label: t('compliance:suspensions.withoutConsent') },
        ],
      },
    });
  }

  function whereWords(req: Request, { scope, target }: Suspension): string {
    if (scope === 'all') return req.context.t('compliance:suspensions.scopes.all');
    return `${req.context.t(`compliance:suspensions.scopes.${scope}`)} ${target}`;
  }

  router.get(url, (req, res) => show(req, res, formState({ scope: 'all', whom: 'everyone' })));

  const starting = validate({ body }, { failed: show });
  router.post(url, guard(...starters), starting, async (req, res) => {
    const { scope, place, ruleSet, whom, reason, hours } = starting.of(req).body;
    if (scope === 'rule-set' && !(await catalogue.now()).get(ruleSet)) {
      res.status(422);
      const error = req.context.t('common:errors.choice');
      return show(req, res, formState(req.body as object, { ruleSet: error }));
    }
    const now = app.clock.now();
    const target = scope === 'place' ? place.toUpperCase() : scope === 'rule-set' ? ruleSet : '';
    const endsAt = hours === '' ? null : now + hours * hourMs;
    const given = { scope, target, everyone: whom === 'everyone', reason, endsAt };
    const id = await store.start(given, userOf(req).id, now);
    await audit(req, 'calls.suspended', id, { after: given });
    flash(req, 'success', 'compliance:suspensions.started');
    redirect(req, res, url);
  });

  const lifting = validate({ params: idParams, body: z.object({ reason: suspensionReason }) });
  router.post(`${url}/:id/lift`, guard(...lifters), lifting, async (req, res) => {
    const { params, body: given } = lifting.of(req);
    const before = found(await store.get(params.id));
    const { id: userId } = userOf(req);
    if (await store.lift(before.id, given.reason, userId, app.clock.now())) {
      await audit(req, 'calls.resumed', before.id, {
        before: { scope: before.scope, target: before.target, reason: before.reason },
        after: { reason: given.reason },
      });
      flash(req, 'success', 'compliance:suspensions.lifted');
    }
    redirect(req, res, url);
  });

  return router;
}
