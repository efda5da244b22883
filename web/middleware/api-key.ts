import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { App } from '../../core/app.ts';
import { createApiKeyStore } from '../../core/api-keys/index.ts';
import { HttpProblem } from '../../core/http/index.ts';
import { RateStore } from '../sign-in/rate-store.ts';

const windowMs = 60_000;
/** Requests of one key within the window. */
export const perKey = 600;
/** Requests without a key that is good, from one address within the window. */
export const refusedPerAddress = 60;

/**
 * Who asks by a key. Such a request has no session and needs no token against forgery: no browser sends the key by
 * itself. Without a key, a request goes on to the session, if it brings one.
 */
export function apiKeys(app: App, sessionCookie: string): RequestHandler[] {
  const store = createApiKeyStore(app);
  const refused = new WeakMap<Request, string>();
  const identify: RequestHandler = async (req, res, next) => {
    const given = req.get('authorization');
    if (given === undefined && sessionCookie in (req.cookies as Record<string, string>)) return next();
    const key = /^Bearer +([\w-]+) *$/i.exec(given ?? '')?.[1];
    const known = key ? await store.use(key, app.clock.now()) : null;
    if (!known) {
      refused.set(req, given === undefined ? 'api-key-missing' : 'api-key-unknown');
      return next();
    }
    req.context.apiKey = { id: known.id, name: known.name, scopes: known.scopes };
    req.context.record = ({ after, ...what }, trx) => {
      const named = { ...(after as object), apiKey: known.name };
      return app.audit.record({ userId: null, ip: req.ip, ...what, after: named }, trx);
    };
    next();
  };
  const refuse: RequestHandler = (req, res, next) => {
    const code = refused.get(req);
    if (code === undefined) return next();
    res.set('www-authenticate', 'Bearer');
    throw new HttpProblem(401, code);
  };
  return [
    identify,
    // Counted once they are known to be refused: of good keys any number may be under way from one address.
    limit(app, 'api:address:', refusedPerAddress, {
      skip: (req) => !refused.has(req),
      keyGenerator: (req) => ipKeyGenerator(req.ip ?? ''),
    }),
    refuse,
    limit(app, 'api:key:', perKey, {
      skip: (req) => !req.context.apiKey,
      keyGenerator: (req) => String(req.context.apiKey?.id),
    }),
  ];
}

function limit(
  app: App,
  prefix: string,
  most: number,
  options: Partial<Parameters<typeof rateLimit>[0]> & {
    keyGenerator(req: Parameters<RequestHandler>[0]): string;
  },
): RequestHandler {
  const store = new RateStore(app, prefix);
  return rateLimit({
    ...{ windowMs, limit: most, store, standardHeaders: false, legacyHeaders: false },
    ...options,
    handler: (req, res, next) => {
      store
        .left(options.keyGenerator(req))
        .then((left) => {
          res.set('retry-after', String(Math.max(1, Math.ceil(left / 1000))));
          next(new HttpProblem(429, 'api-limit'));
        })
        .catch(next);
    },
  });
}
