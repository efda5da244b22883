import { join } from 'node:path';
import compression from 'compression';
import express, { type Express, type RequestHandler } from 'express';
import session from 'express-session';
import type { Registry } from 'prom-client';
import type { App } from '../core/app.ts';
import { cookies, createCsrf, errorHandler, notFound, type WebArea } from '../core/http/index.ts';
import { createTranslator } from '../core/i18n/index.ts';
import { paths } from '../core/paths.ts';
import { Users } from '../core/users/index.ts';
import { apiKeyRoutes } from './api-keys/api-key-routes.ts';
import { auditRoutes } from './audit/audit-routes.ts';
import { createAuditWords } from './audit/audit-words.ts';
import { calendarRoutes } from './calendars/calendar-routes.ts';
import { homeRoutes } from './home/home-routes.ts';
import { apiKeys } from './middleware/api-key.ts';
import { isLocal, trustNearestProxy } from './middleware/near.ts';
import { lastKnownPeople } from './middleware/last-known-people.ts';
import { passwordFirst, userContext, visitorContext } from './middleware/request-context.ts';
import { security } from './middleware/security.ts';
import { sessionIdleMs, SessionStore } from './middleware/session-store.ts';
import { layoutLocals, webNavigation } from './navigation.ts';
import { checkHealth } from './operations/health.ts';
import { createMetrics } from './operations/metrics.ts';
import { profileRoutes } from './profile/profile-routes.ts';
import { generalSettings } from './settings/general-settings.ts';
import { settingsRoutes } from './settings/settings-routes.ts';
import { signInRoutes } from './sign-in/sign-in-routes.ts';
import { usersRoutes } from './users/users-routes.ts';
import { useViews } from './views.ts';

const sessionCookie = 'ringwise.sid';

export interface WebOptions {
  areas?: readonly WebArea[];
  /** Figures of other parts of this process; /metrics shows them with its own. */
  registry?: Registry;
}

/** The whole web application. It listens nowhere yet, and holds nothing that has to be closed. */
export function createWeb(app: App, options: WebOptions = {}): Express {
  const areas = options.areas ?? [];
  const secure = app.config.publicUrl.startsWith('https:');
  const web = express();
  web.disable('x-powered-by');
  // Behind TLS there is a proxy; elsewhere its header could be anyone's.
  if (secure) web.set('trust proxy', trustNearestProxy);

  const translator = createTranslator(join(paths.views, 'locales'));
  useViews(web);
  const steps = areas.flatMap((area) => area.firstSteps ?? []);
  const metrics = createMetrics(app, options.registry);
  const health = areas.flatMap((area) => area.health ?? []);

  web.use(security(app.config.publicUrl));
  // A live stream says `no-transform` and is left alone.
  web.use(compression());
  web.use('/assets', assets(paths.public));
  web.use('/assets', (_req, res) => void res.status(404).type('text').send('no such file\n'));
  web.use(metrics.measure);
  web.get('/health', async (req, res) => {
    const { ok, parts } = await checkHealth(app, health);
    // What does not answer, where and as whom it is asked, is for whoever runs this machine.
    const missing = parts
      .filter((part) => part.missing)
      .map((part) => (isLocal(req) ? `${part.name}: ${part.missing}` : part.name));
    const body = {
      status: ok ? 'ok' : 'failing',
      parts: parts.map((part) => part.name),
      ...(ok ? {} : { missing }),
    };
    res
      .status(ok ? 200 : 503)
      .set('cache-control', 'no-store')
      .json(body);
  });
  web.get('/metrics', metrics.show);

  const known = lastKnownPeople(app);
  web.use(cookies, visitorContext(translator));
  web.use('/api', ...apiKeys(app, sessionCookie));
  const sessions = unlessByKey(
    session({
      name: sessionCookie,
      secret: app.config.secrets.session,
      store: new SessionStore(app, known),
      resave: false,
      saveUninitialized: false,
      rolling: true,
      cookie: { httpOnly: true, sameSite: 'lax', secure, maxAge: sessionIdleMs },
    }),
  );
  web.use(
    sessions,
    express.urlencoded({ extended: true, limit: '1mb', parameterLimit: 10_000 }),
    express.json({ limit: '1mb' }),
  );

  const users = new Users(app);
  const csrf = createCsrf(app.config.secrets.session, secure);
  const navigation = [...webNavigation, ...areas.flatMap((area) => area.nav ?? [])].sort(
    (a, b) => a.order - b.order || a.href.localeCompare(b.href),
  );
  web.use(
    unlessByKey(userContext(app, { users: users.store, known, translator, csrf })),
    unlessByKey(layoutLocals(app, navigation)),
    unlessByKey(csrf.protect),
  );
  web.use(signInRoutes(app, users), passwordFirst, profileRoutes(app, users));
  web.use(homeRoutes(app, users, health, navigation, steps), usersRoutes(app, users));
  const settings = [...generalSettings, ...areas.flatMap((area) => area.settings ?? [])];
  web.use(auditRoutes(app, users, createAuditWords(translator, settings)));
  web.use(settingsRoutes(app, settings), calendarRoutes(app), apiKeyRoutes(app, users.store));
  for (const area of areas) web.use(area.router);

  web.use(() => {
    throw notFound();
  });
  web.use(errorHandler(app.log, translator));
  return web;
}

/** What is for people in a browser: sessions, pages, and tokens against forgery. */
function unlessByKey(handler: RequestHandler): RequestHandler {
  return (req, res, next) => (req.context.apiKey ? next() : handler(req, res, next));
}

/** A name with the hash of its content never means anything else; any other is asked for anew. */
function assets(directory: string): RequestHandler {
  const hashed = /-[A-Z0-9]{8}\.\w+(\.map)?$/;
  return express.static(directory, {
    cacheControl: false,
    setHeaders: (res, path) =>
      void res.set('cache-control', hashed.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache'),
  });
}
