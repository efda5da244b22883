import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  createList,
  flash,
  formState,
  found,
  guard,
  HttpProblem,
  page,
  redirect,
  validate,
  type FormState,
} from '../../core/http/index.ts';
import { locales, localeNames } from '../../core/i18n/index.ts';
import {
  calledName,
  legModes,
  phoneModes,
  roles,
  userFormSchema,
  usernameSchema,
  type User,
  type Users,
} from '../../core/users/index.ts';
import { actorOf } from '../profile/profile-routes.ts';
import { forgetFailures } from '../sign-in/sign-in-limits.ts';

const idParams = z.object({ id: z.coerce.number().int().positive() });
const editUserSchema = userFormSchema.safeExtend({ revision: z.coerce.number().int().min(0).default(0) });
const newUserSchema = userFormSchema.safeExtend({ username: usernameSchema });
const reasonSchema = z.object({ reason: z.string().trim().min(3).max(300) });

const list = createList<User, ReturnType<typeof filtersSchema>>({
  file: 'users',
  exported: 'users.exported',
  columns: [
    {
      key: 'name',
      labelKey: 'web:users.name',
      value: (u) => u.name,
      sortable: true,
      href: (u) => `/users/${u.id}`,
    },
    { key: 'username', labelKey: 'web:users.username', value: (u) => u.username, sortable: true },
    {
      key: 'role',
      labelKey: 'web:users.role',
      value: (u) => `common:roles.${u.role}`,
      format: 'key',
      sortable: true,
    },
    {
      key: 'state',
      labelKey: 'web:users.state',
      value: (u) => `web:users.states.${u.disabledAt === null ? 'active' : 'disabled'}`,
      format: 'key',
      partial: 'user-state',
    },
    {
      key: 'phone',
      labelKey: 'web:users.phone',
      value: (u) => `web:users.phoneModes.${u.phoneMode}`,
      format: 'key',
    },
    {
      key: 'created',
      labelKey: 'web:users.created',
      value: (u) => u.createdAt,
      format: 'date',
      sortable: true,
      hidden: true,
    },
    {
      key: 'lastChange',
      labelKey: 'web:users.lastChange',
      value: (u) => u.updatedAt,
      format: 'datetime',
      sortable: true,
    },
  ],
  sort: { column: 'name', direction: 'asc' },
  filters: filtersSchema(),
  empty: {
    titleKey: 'web:users.empty.title',
    textKey: 'web:users.empty.text',
    action: { href: '/users/new', labelKey: 'web:users.add', roles: ['administrator'] },
  },
});

function filtersSchema() {
  return z.object({
    q: z.string().max(100).optional(),
    role: z.enum(roles).optional(),
    state: z.enum(['active', 'disabled']).optional(),
  });
}

/** Accounts, for administrators. */
export function usersRoutes(app: App, users: Users): Router {
  const router = Router();
  router.use('/users', guard('administrator'));

  const choices = (req: Request) => {
    const { t } = req.context;
    const of = (values: readonly string[], prefix: string) =>
      values.map((value) => ({ value, label: t(`${prefix}.${value}`) }));
    return {
      roles: of(roles, 'common:roles'),
      states: of(['active', 'disabled'], 'web:users.states'),
      phoneModes: of(phoneModes, 'web:users.phoneModes'),
      legModes: of(legModes, 'web:users.legModes'),
      locales: [
        { value: '', label: t('web:users.localeOfBrowser') },
        ...locales.map((value) => ({ value, label: localeNames[value] })),
      ],
    };
  };

  function showForm(
    req: Request,
    res: Response,
    form: FormState,
    account: User | null = null,
    extra: object = {},
  ): void {
    const title = account
      ? calledName(account, req.context.t('common:roles.administrator'))
      : req.context.t('web:users.add');
    const own = account?.id === req.context.user?.id;
    page(req, res, 'web/user', { title, nav: '/users', form, account, own, choices: choices(req), ...extra });
  }

  async function findCalled(req: Request, request: Parameters<typeof users.store.find>[0]) {
    const found = await users.store.find(request);
    const role = req.context.t('common:roles.administrator');
    return { ...found, rows: found.rows.map((user) => ({ ...user, name: calledName(user, role) })) };
  }

  router.get('/users', (req, res) =>
    list.respond(req, res, 'web/users', (request) => findCalled(req, request), {
      title: req.context.t('web:users.title'),
      choices: choices(req),
    }),
  );

  router.get('/users/new', (req, res) => {
    showForm(req, res, formState({ role: 'agent', phoneMode: 'webrtc', legMode: 'nailed' }));
  });

  const create = validate({ body: newUserSchema }, { failed: showForm });
  router.post('/users', create, async (req, res) => {
    const { body } = create.of(req);
    try {
      const { id, password } = await users.create(body, actorOf(req));
      showPassword(req, res, id, body.username, password);
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.code !== 'username-taken') throw error;
      res.status(422);
      showForm(
        req,
        res,
        formState(req.body as object, { username: req.context.t('web:users.errors.taken') }),
      );
    }
  });

  /** The password is shown in this one answer and kept nowhere. */
  function showPassword(req: Request, res: Response, id: number, username: string, password: string): void {
    const title = req.context.t('web:users.password.title');
    page(req, res, 'web/user-password', { title, nav: '/users', id, username, password });
  }

  const byId = validate({ params: idParams });
  router.get('/users/:id', byId, async (req, res) => {
    const account = found(await users.store.byId(byId.of(req).params.id));
    showForm(req, res, formState({ ...account, locale: account.locale ?? '' }), account);
  });

  const edit = validate(
    { params: idParams, body: editUserSchema },
    {
      failed: async (req, res, form) =>
        showForm(req, res, form, found(await users.store.byId(Number(req.params.id)))),
    },
  );
  router.post('/users/:id', edit, async (req, res) => {
    const { params, body } = edit.of(req);
    const { revision, ...typed } = body;
    if (!(await users.update(params.id, typed, actorOf(req), revision))) {
      const theirs = found(await users.store.byId(params.id));
      const form = formState({ ...(req.body as object), revision: theirs.revision });
      res.status(409);
      return showForm(req, res, form, theirs, { conflict: true });
    }
    flash(req, 'success', 'web:users.saved', { name: body.name });
    redirect(req, res, '/users');
  });

  const withReason = validate({ params: idParams, body: reasonSchema });
  router.post('/users/:id/disable', withReason, async (req, res) => {
    const { params, body } = withReason.of(req);
    if (params.id === req.context.user?.id) throw new HttpProblem(409, 'own-account');
    await users.disable(params.id, actorOf(req), body.reason);
    flash(req, 'success', 'web:users.disabled');
    redirect(req, res, '/users');
  });

  router.post('/users/:id/enable', byId, async (req, res) => {
    await users.enable(byId.of(req).params.id, actorOf(req));
    flash(req, 'success', 'web:users.enabled');
    redirect(req, res, `/users/${byId.of(req).params.id}`);
  });

  router.post('/users/:id/sign-out', byId, async (req, res) => {
    const { id } = byId.of(req).params;
    await users.signOutEverywhere(id, actorOf(req));
    flash(req, 'success', 'web:users.signedOut');
    redirect(req, res, `/users/${id}`);
  });

  router.post('/users/:id/reset-password', byId, async (req, res) => {
    const { id } = byId.of(req).params;
    const account = found(await users.store.byId(id));
    const password = await users.resetPassword(id, actorOf(req));
    await forgetFailures(app, account.username);
    showPassword(req, res, id, account.username, password);
  });

  return router;
}
