import type { Request, RequestHandler, Response } from 'express';
import type { App } from '../../core/app.ts';
import type { LastKnown } from '../../core/database/last-known.ts';
import { HttpProblem, isHtmx, redirect, type Csrf, type RequestContext } from '../../core/http/index.ts';
import { isZone, negotiateLocale, toLocale, type Translator } from '../../core/i18n/index.ts';
import { calledName, themes, type Theme, type User, type UserStore } from '../../core/users/index.ts';

export const localeCookie = 'ringwise.locale';
export const themeCookie = 'ringwise.theme';
/** Set by browser code: the reader's own time zone. */
const zoneCookie = 'ringwise.zone';

const machineZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

const themeOf = (value: unknown): Theme | null => (themes.includes(value as Theme) ? (value as Theme) : null);

/** How to speak to a visitor that nobody knows yet; enough for an error page when the database is away. */
export function visitorContext(translator: Translator): RequestHandler {
  return (req, res, next) => {
    const jar = req.cookies as Record<string, string>;
    const locale = toLocale(jar[localeCookie]) ?? negotiateLocale(req.get('accept-language')) ?? 'en';
    req.context = {
      user: null,
      locale,
      ...(isZone(jar[zoneCookie]) ? { zone: jar[zoneCookie] } : { zone: machineZone, zoneGuessed: true }),
      theme: themeOf(jar[themeCookie]) ?? 'auto',
      t: translator.for(locale),
      nonce: res.locals.nonce ?? '',
      csrfToken: () => '',
      stillSignedIn: () => Promise.resolve(false),
      record: () => Promise.reject(new Error('nobody is known yet who could have done anything')),
    };
    next();
  };
}

/** Finds out who asks. A session of an older epoch, or of a disabled account, is over. */
export function userContext(
  app: App,
  parts: { users: UserStore; known: LastKnown; translator: Translator; csrf: Csrf },
): RequestHandler {
  const { users, known, translator, csrf } = parts;
  return async (req, res, next) => {
    let token: string | undefined;
    req.context.csrfToken = () => (token ??= csrf.token(req, res));
    const { userId, epoch } = req.session;
    if (userId === undefined) return next();
    const signedIn = async () => {
      const user = await known.read(`user ${userId}`, () => users.byId(userId));
      return user && user.disabledAt === null && user.sessionEpoch === epoch ? user : null;
    };
    const user = await signedIn();
    if (!user) {
      await endSession(req);
      return next();
    }
    const { sessionID, sessionStore } = req;
    req.context.stillSignedIn = async () =>
      (await storedUser(sessionStore, sessionID)) === userId && (await signedIn()) !== null;
    speakTo(req.context, user, translator);
    req.context.record = (what, trx) => app.audit.record({ userId: user.id, ip: req.ip, ...what }, trx);
    next();
  };
}

function speakTo(context: RequestContext, user: User, translator: Translator): void {
  const { id, username, role, locale, theme, mustChangePassword } = user;
  context.locale = locale ?? context.locale;
  context.theme = theme ?? context.theme;
  context.t = translator.for(context.locale);
  const name = calledName(user, context.t('common:roles.administrator'));
  context.user = { id, username, name, role, locale, theme, mustChangePassword };
}

function storedUser(store: Request['sessionStore'], sessionId: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    store.get(sessionId, (error: unknown, session) =>
      error ? reject(error as Error) : resolve(session?.userId),
    );
  });
}

/** Gives the request a new session with a new id: nothing of the old one is left. */
export function endSession(req: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.regenerate((error: unknown) => (error ? reject(error as Error) : resolve()));
  });
}

export function saveSession(req: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.save((error: unknown) => (error ? reject(error as Error) : resolve()));
  });
}

const openWhileChanging = new Set(['/password', '/sign-out', '/preferences']);

/** Someone with a password that others know can do nothing but change it. */
export const passwordFirst: RequestHandler = (req: Request, res: Response, next) => {
  if (!req.context.user?.mustChangePassword || openWhileChanging.has(req.path)) return next();
  if (req.method === 'GET' || isHtmx(req)) return redirect(req, res, '/password');
  throw new HttpProblem(403, 'password-first');
};
