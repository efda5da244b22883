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
  refused: (req: Request, res: Response, minutes: number) => void,
): RequestHandler[] {
  const limit = (name: string, max: number, keyGenerator: (req: Request) => string) => {
    const store = new RateStore(app, `sign-in:${name}:`);
    return rateLimit({
      windowMs,
      limit: max,
      skipSuccessfulRequests: true,
      requestWasSuccessful: (_req, res) => res.statusCode < 400,
      standardHeaders: false,
      legacyHeaders: false,
      store,
      keyGenerator,
      handler: (req, res) => {
        const { resetTime } = (req as Request & { rateLimit: { resetTime?: Date } }).rateLimit;
        const left = (resetTime?.getTime() ?? app.clock.now() + windowMs) - app.clock.now();
        res.set('retry-after', String(Math.max(1, Math.ceil(left / 1000))));
        refused(req, res, Math.max(1, Math.ceil(left / 60_000)));
      },
    });
  };
  return [
    limit('address', perAddress, (req) => ipKeyGenerator(req.ip ?? '')),
    // Hashed: what is typed there by mistake may be a password.
    limit('account', perAccount, (req) => {
      const { username } = (req.body ?? {}) as { username?: unknown };
      const name = normalUsername(typeof username === 'string' ? username : '');
      return createHash('sha256').update(name).digest('base64url');
    }),
  ];
}
