import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { App } from '../../core/app.ts';
import { normalUsername } from '../../core/users/user.ts';
import { RateStore } from './rate-store.ts';

const windowMs = 15 * 60_000;
/** Failures for one account within the window. */
export const perAccount = 8;
/**
 * Failures from one address within the window, and sign-ins under way there at once: a call centre is often one
 * address, and its whole shift signs in within the same seconds.
 */
export const perAddress = 300;

/** Refuses a sign-in after too many failures, per account and per address. Successes do not count. */
export function signInLimits(
  app: App,
  refused: (req: Request, res: Response, why: 'account' | 'address', minutes: number) => void,
): RequestHandler[] {
  const limit = (name: 'account' | 'address', max: number, keyGenerator: (req: Request) => string) => {
    const store = new RateStore(app, prefixOf(name));
    return rateLimit({
      windowMs,
      limit: max,
      skipSuccessfulRequests: true,
      requestWasSuccessful: (_req, res) => res.statusCode < 400,
      standardHeaders: false,
      legacyHeaders: false,
      store,
      keyGenerator,
      handler: (req, res, next) => {
        const refuse = (left: number) => {
          res.set('retry-after', String(Math.max(1, Math.ceil(left / 1000))));
          refused(req, res, name, Math.max(1, Math.ceil(left / 60_000)));
        };
        store.left(keyGenerator(req)).then(refuse).catch(next);
      },
    });
  };
  return [
    limit('address', perAddress, (req) => ipKeyGenerator(req.ip ?? '')),
    limit('account', perAccount, (req) => {
      const { username } = (req.body ?? {}) as { username?: unknown };
      return accountKey(typeof username === 'string' ? username : '');
    }),
  ];
}

const prefixOf = (name: 'account' | 'address') => `sign-in:${name}:`;

/** Hashed: what is typed there by mistake may be a password. */
const accountKey = (username: string) =>
  createHash('sha256').update(normalUsername(username)).digest('base64url');

/** Whoever was given a new password may use it at once. */
export function forgetFailures(app: App, username: string): Promise<void> {
  return new RateStore(app, prefixOf('account')).resetKey(accountKey(username));
}
