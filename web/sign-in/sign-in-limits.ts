import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { App } from '../../core/app.ts';
import { normalUsername } from '../../core/users/user.ts';
import { RateStore } from './rate-store.ts';

const windowMs = 15 * 60_000;
/** Failures for one account from one address within the window. */
export const perAccount = 8;
/** Failures for one account from anywhere: above what somebody at one desk can use up to keep its owner out. */
export const perAccountAnywhere = 40;
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
  const limit = (name: Limit, max: number, keyGenerator: (req: Request) => string) => {
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
          refused(req, res, name === 'address' ? name : 'account', Math.max(1, Math.ceil(left / 60_000)));
        };
        store.left(keyGenerator(req)).then(refuse).catch(next);
      },
    });
  };
  return [
    limit('address', perAddress, (req) => ipKeyGenerator(req.ip ?? '')),
    limit('account', perAccount, (req) => `${accountOf(req)}:${ipKeyGenerator(req.ip ?? '')}`),
    limit('anywhere', perAccountAnywhere, accountOf),
  ];
}

type Limit = 'account' | 'anywhere' | 'address';

const prefixOf = (name: Limit) => `sign-in:${name}:`;

function accountOf(req: Request): string {
  const { username } = (req.body ?? {}) as { username?: unknown };
  return accountKey(typeof username === 'string' ? username : '');
}

/** Hashed: what is typed there by mistake may be a password. */
const accountKey = (username: string) =>
  createHash('sha256').update(normalUsername(username)).digest('base64url');

/** Whoever was given a new password may use it at once. */
export async function forgetFailures(app: App, username: string): Promise<void> {
  const key = accountKey(username);
  await new RateStore(app, prefixOf('anywhere')).resetKey(key);
  await new RateStore(app, prefixOf('account')).resetFrom(`${key}:`);
}
