import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  formState,
  localPath,
  page,
  redirect,
  sessionMark,
  validate,
  type FormState,
} from '../../core/http/index.ts';
import { demoAccounts, type Users } from '../../core/users/index.ts';
import { endSession, saveSession } from '../middleware/request-context.ts';
import { signInLimits } from './sign-in-limits.ts';

const bodySchema = z.object({
  username: z.string().min(1).max(200),
  password: z.string().min(1).max(500),
  next: z.string().max(2_000).optional(),
});

/** Signing in, and out. */
export function signInRoutes(app: App, users: Users): Router {
  const router = Router();

  async function showForm(req: Request, res: Response, form: FormState, status = 200): Promise<void> {
    const { password: _password, ...values } = form.values;
    const data = {
      title: req.context.t('web:signIn.title'),
      form: { ...form, values },
      next: localPath(values.next, ''),
      // Beside a switch nobody plays in it, and its accounts are a firm's.
      demo: app.config.asterisk ? [] : await app.settings.get(demoAccounts),
      script: 'sign-in',
    };
    page(req, res, 'web/sign-in', data, { layout: 'bare', status });
  }

  router.get('/sign-in', async (req, res) => {
    if (req.context.user) return redirect(req, res, localPath(req.query.next, '/'));
    await showForm(req, res, formState({ next: req.query.next }));
  });

  const credentials = validate(
    { body: bodySchema },
    { failed: (req, res, form) => showForm(req, res, form, 422) },
  );
  const limits = signInLimits(app, (req, res, why, minutes) => {
    const form = formState(req.body as object, {
      _: req.context.t(`web:signIn.tooMany.${why}`, { count: minutes }),
    });
    return showForm(req, res, form, 429);
  });

  // What was typed is freed of invisible signs first: each would be another account to the limits.
  router.post('/sign-in', credentials, ...limits, async (req, res) => {
    const { username, password, next } = credentials.of(req).body;
    const result = await users.checkSignIn(username, password);
    if (!result.ok) {
      await app.audit.record({
        userId: null,
        action: 'user.sign-in-failed',
        ...(result.userId === null ? {} : { entity: 'users', entityId: result.userId }),
        after: { reason: result.why },
        ip: req.ip,
      });
      const form = formState({ username, next }, { _: req.context.t('web:signIn.refused') });
      return showForm(req, res, form, 422);
    }
    const { user } = result;
    // The browser would get no session: its cookie is for HTTPS alone.
    if (app.config.publicUrl.startsWith('https:') && !req.secure) {
      const { remoteAddress: from } = req.socket;
      const proto = req.get('x-forwarded-proto') ?? null;
      app.log.warn(
        { from, proto },
        'nobody can sign in: PUBLIC_URL is https, and the request was not, or its proxy is not believed. The proxy ' +
          'must send X-Forwarded-Proto: https and come from this machine or a private network',
      );
      const why = req.context.t('web:signIn.notSecure', { url: app.config.publicUrl });
      return showForm(req, res, formState({ username, next }, { _: why }), 400);
    }
    await endSession(req);
    req.session.userId = user.id;
    req.session.epoch = user.sessionEpoch;
    await saveSession(req);
    await app.audit.record({
      userId: user.id,
      action: 'user.signed-in',
      entity: 'users',
      entityId: user.id,
      ip: req.ip,
    });
    redirect(req, res, localPath(next, '/'));
  });

  router.post('/sign-out', async (req, res) => {
    const { user } = req.context;
    if (user) {
      const entry = { userId: user.id, action: 'user.signed-out', entity: 'users', entityId: user.id };
      await app.audit.record({ ...entry, ip: req.ip });
      const session = sessionMark(req);
      await endSession(req);
      app.bus.publish('user.signed-out', { userId: user.id, session });
    }
    redirect(req, res, '/sign-in');
  });

  return router;
}
