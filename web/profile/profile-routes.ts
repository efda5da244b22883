import { Router, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  flash,
  formState,
  guard,
  localPath,
  page,
  redirect,
  userOf,
  validate,
  type FormState,
} from '../../core/http/index.ts';
import {
  localeSchema,
  nameSchema,
  passwordSchema,
  weaknessOf,
  themeSchema,
  type Actor,
  type Users,
} from '../../core/users/index.ts';
import { passwordLimit } from '../sign-in/sign-in-limits.ts';
import { endSession, localeCookie, saveSession, themeCookie } from '../middleware/request-context.ts';

const yearMs = 365 * 86_400_000;

const preferencesSchema = z.object({
  locale: localeSchema.optional(),
  theme: themeSchema.optional(),
  next: z.string().max(2_000).optional(),
});

const profileSchema = z.object({ name: nameSchema, locale: localeSchema, theme: themeSchema });

const passwordFormSchema = z
  .object({ current: z.string().min(1), password: passwordSchema, again: z.string() })
  .refine((form) => form.password === form.again.normalize('NFKC'), {
    path: ['again'],
    error: 'web:password.errors.again',
  })
  .refine((form) => form.password !== form.current, {
    path: ['password'],
    error: 'web:password.errors.same',
  });

export const actorOf = (req: Request): Actor => ({ userId: req.context.user?.id ?? null, ip: req.ip });

/** One's own name, language, look and password. */
export function profileRoutes(app: App, users: Users): Router {
  const router = Router();
  const cookieOptions = {
    maxAge: yearMs,
    sameSite: 'lax',
    secure: app.config.publicUrl.startsWith('https:'),
    path: '/',
  } as const;

  // Open to visitors too: the sign-in page has the same two switches.
  const preferences = validate({ body: preferencesSchema });
  router.post('/preferences', preferences, async (req, res) => {
    const { locale, theme, next } = preferences.of(req).body;
    if (locale) res.cookie(localeCookie, locale, cookieOptions);
    if (theme) res.cookie(themeCookie, theme, cookieOptions);
    if (req.context.user) await users.setPreferences(req.context.user.id, { locale, theme });
    redirect(req, res, localPath(next, '/'));
  });

  function showProfile(req: Request, res: Response, form: FormState): void {
    page(req, res, 'web/profile', { title: req.context.t('web:profile.title'), form });
  }

  router.get('/profile', guard(), (req, res) => {
    const { name } = userOf(req);
    const { locale, theme } = req.context;
    showProfile(req, res, formState({ name, locale, theme }));
  });

  const profile = validate({ body: profileSchema }, { failed: showProfile });
  router.post('/profile', guard(), profile, async (req, res) => {
    const { body } = profile.of(req);
    await users.changeProfile(userOf(req).id, body, actorOf(req));
    res.cookie(localeCookie, body.locale, cookieOptions);
    res.cookie(themeCookie, body.theme, cookieOptions);
    flash(req, 'success', 'web:profile.saved');
    redirect(req, res, '/profile');
  });

  router.post('/profile/sign-out-everywhere', guard(), async (req, res) => {
    await users.signOutEverywhere(userOf(req).id, actorOf(req));
    await endSession(req);
    redirect(req, res, '/sign-in');
  });

  function showPassword(req: Request, res: Response, { errors }: FormState): void {
    const { mustChangePassword: forced, username } = userOf(req);
    const data = {
      title: req.context.t('web:password.title'),
      form: formState({}, errors),
      forced,
      username,
    };
    page(req, res, 'web/password', data, { layout: forced ? 'bare' : 'main' });
  }

  router.get('/password', guard(), (req, res) => showPassword(req, res, formState()));

  const newPassword = validate({ body: passwordFormSchema }, { failed: showPassword });
  // What is wrong about the new one is no guess at the present one: it is said before tries are counted.
  const strongEnough: RequestHandler = (req, res, next) => {
    const { name, username } = userOf(req);
    const weakness = weaknessOf(newPassword.of(req).body.password, [username, name]);
    if (weakness === null) return next();
    res.status(422);
    const error = req.context.t(`web:password.errors.${weakness}`);
    showPassword(req, res, formState({}, { password: error }));
  };
  const limit = passwordLimit(app, (req, res, minutes) => {
    res.status(429);
    const error = req.context.t('web:password.errors.tooMany', { count: minutes });
    showPassword(req, res, formState({}, { current: error }));
  });
  router.post('/password', guard(), newPassword, strongEnough, limit, async (req, res) => {
    const { current, password } = newPassword.of(req).body;
    const { id } = userOf(req);
    if (!(await users.changePassword(id, current, password, actorOf(req)))) {
      await req.context.record({ action: 'user.password-refused', entity: 'users', entityId: id });
      res.status(422);
      const error = req.context.t('web:password.errors.current');
      return showPassword(req, res, formState({}, { current: error }));
    }
    // All sessions are over now; this one begins anew.
    const user = await users.store.byId(id);
    await endSession(req);
    req.session.userId = id;
    req.session.epoch = user?.sessionEpoch;
    flash(req, 'success', 'web:password.saved');
    await saveSession(req);
    redirect(req, res, '/');
  });

  return router;
}
