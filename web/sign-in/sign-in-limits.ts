import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { App } from '../../core/app.ts';
import { userOf } from '../../core/http/index.ts';
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

type Refused<Why> = (req: Request, res: Response, why: Why, minutes: number) => void;

/** Refuses a sign-in after too many failures, per account and per address. Successes do not count. */
export function signInLimits(app: App, refused: Refused<'account' | 'address'>): RequestHandler[] {
  const limit = (name: Limit, max: number, keyOf: (req: Request) => string) =>
    limiter(app, { name, max, keyOf }, (req, res, minutes) =>
      refused(req, res, name === 'address' ? name : 'account', minutes),
    );
  return [
    limit('address', perAddress, (req) => ipKeyGenerator(req.ip ?? '')),
    limit('account', perAccount, (req) => `${accountOf(req)}:${ipKeyGenerator(req.ip ?? '')}`),
    limit('anywhere', perAccountAnywhere, accountOf),
  ];
}

/** The same for whoever is signed in and types the present password: at a desk that was left open, it may be guessed. */
export function passwordLimit(
  app: App,
  refused: (req: Request, res: Response, minutes: number) => void,
): RequestHandler {
  const keyOf = (req: Request) => accountKey(userOf(req).username);
  return limiter(app, { name: 'password', max: perAccount, keyOf }, refused);
}

function limiter(
  app: App,
  { name, max, keyOf }: { name: Limit; max: number; keyOf: (req: Request) => string },
  refused: (req: Request, res: Response, minutes: number) => void,
): RequestHandler {
  const store = new RateStore(app, prefixOf(name));
  return rateLimit({
    windowMs,
    limit: max,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_req, res) => res.statusCode < 400,
    standardHeaders: false,
    legacyHeaders: false,
    store,
    keyGenerator: keyOf,
    handler: (req, res, next) => {
      const refuse = (left: number) => {
        res.set('retry-after', String(Math.max(1, Math.ceil(left / 1000))));
        refused(req, res, Math.max(1, Math.ceil(left / 60_000)));
      };
      store.left(keyOf(req)).then(refuse).catch(next);
    },
  });
}

type Limit = 'account' | 'anywhere' | 'address' | 'password';

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
  await new RateStore(app, prefixOf('password')).resetKey(key);
  await new RateStore(app, prefixOf('account')).resetFrom(`${key}:`);
}
