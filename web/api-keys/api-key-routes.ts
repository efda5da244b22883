import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { apiScopes, createApiKeyStore } from '../../core/api-keys/index.ts';
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
import { line } from '../../core/text/index.ts';
import type { UserStore } from '../../core/users/index.ts';

const newKey = z.object({
  name: line.min(1).max(120),
  scopes: z.preprocess(
    (given) => (given === undefined ? [] : [given].flat()),
    z.array(z.enum(apiScopes)).min(1, 'web:apiKeys.errors.scopes'),
  ),
});

/** Keys by which other systems use the API, for administrators. A key is shown once and revoked for good. */
export function apiKeyRoutes(app: App, users: UserStore): Router {
  const router = Router();
  const store = createApiKeyStore(app);
  const audit = createAuditor(app, 'api_keys');
  router.use('/api-keys', guard('administrator'));

  async function show(req: Request, res: Response, form: FormState): Promise<void> {
    const { t } = req.context;
    const keys = await store.all();
    const people = await users.byIds(keys.flatMap(({ createdBy }) => createdBy ?? []));
    page(req, res, 'web/api-keys', {
      title: t('web:apiKeys.title'),
      form,
      scopes: apiScopes.map((value) => ({
        value,
        label: t(`web:apiKeys.scopes.${value}`),
        checked: [form.values.scopes ?? []].flat().includes(value),
      })),
      keys: keys.map((key) => ({
        ...key,
        scopes: key.scopes.map((scope) => t(`web:apiKeys.scopes.${scope}`)),
        by: key.createdBy === null ? '–' : (people.get(key.createdBy)?.name ?? `#${key.createdBy}`),
      })),
    });
  }

  router.get('/api-keys', (req, res) => show(req, res, formState()));

  const create = validate({ body: newKey }, { failed: show });
  router.post('/api-keys', create, async (req, res) => {
    const { body } = create.of(req);
    const { id, key } = await store.create(body, { userId: userOf(req).id, at: app.clock.now() });
    await audit(req, 'api-key.created', id, { after: { name: body.name, scopes: body.scopes } });
    page(req, res, 'web/api-key-made', {
      title: req.context.t('web:apiKeys.made.title'),
      nav: '/api-keys',
      name: body.name,
      key,
    });
  });

  const byId = validate({ params: idParams });
  router.post('/api-keys/:id/revoke', byId, async (req, res) => {
    const { id } = byId.of(req).params;
    const key = found(await store.get(id));
    if (!(await store.revoke(id, app.clock.now()))) throw conflict('api-key-revoked', { name: key.name });
    await audit(req, 'api-key.revoked', id, { before: { name: key.name } });
    flash(req, 'success', 'web:apiKeys.revoked', { name: key.name });
    redirect(req, res, '/api-keys');
  });

  return router;
}
