import { doubleCsrf } from 'csrf-csrf';
import type { Request, RequestHandler, Response } from 'express';

export interface Csrf {
  /** Refuses a changing request that does not carry the token of its session. */
  protect: RequestHandler;
  token(req: Request, res: Response): string;
}

/**
 * Double-submit tokens bound to the session by HMAC. The token comes as form field `_csrf` or header `x-csrf-token`.
 * A visitor without a session shares one identifier: the cookie still has to match, and it cannot be read from elsewhere.
 */
export function createCsrf(secret: string, secure: boolean): Csrf {
  const { doubleCsrfProtection, generateCsrfToken } = doubleCsrf({
    getSecret: () => secret,
    getSessionIdentifier: (req) => (req.session.userId === undefined ? 'visitor' : req.sessionID),
    cookieName: secure ? '__Host-ringwise.csrf' : 'ringwise.csrf',
    cookieOptions: { sameSite: 'lax', secure, path: '/', httpOnly: true },
    getCsrfTokenFromRequest: (req) => {
      const body: unknown = req.body;
      const field =
        typeof body === 'object' && body !== null ? (body as { _csrf?: unknown })._csrf : undefined;
      return req.get('x-csrf-token') ?? (typeof field === 'string' ? field : undefined);
    },
  });
  return { protect: doubleCsrfProtection, token: (req, res) => generateCsrfToken(req, res) };
}

/** Fills `req.cookies`, which csrf-csrf reads. */
export const cookies: RequestHandler = (req, _res, next) => {
  const jar: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const part of (req.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at < 1) continue;
    const name = part.slice(0, at).trim();
    if (name in jar) continue;
    try {
      jar[name] = decodeURIComponent(part.slice(at + 1).trim());
    } catch {
      jar[name] = part.slice(at + 1).trim();
    }
  }
  req.cookies = jar;
  next();
};
