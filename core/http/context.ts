import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type {} from 'express-session';
import type { Knex } from 'knex';
import type { ApiKey } from '../api-keys/index.ts';
import type { AuditEntry } from '../audit/audit.ts';
import type { Locale, Reader, Translate } from '../i18n/index.ts';
import { roleMay, type Role } from '../users/role.ts';
import type { Theme } from '../users/user.ts';

/** Who is asking, as far as pages need to know. */
export interface SignedInUser {
  id: number;
  username: string;
  name: string;
  role: Role;
  locale: Locale | null;
  theme: Theme | null;
  mustChangePassword: boolean;
}

/** What every request carries: who asks, and how to speak to them. */
export interface RequestContext extends Reader {
  user: SignedInUser | null;
  /** The key by which another system asks; a request has a user or a key. */
  apiKey?: Pick<ApiKey, 'id' | 'name' | 'scopes'>;
  theme: Theme;
  t: Translate;
  /** For this response's Content-Security-Policy; on every inline script. */
  nonce: string;
  /** Makes (once) the token that forms and htmx send back. */
  csrfToken(): string;
  /** Asks again whether this reader is still signed in: for work that goes on for long after `guard`. */
  stillSignedIn(): Promise<boolean>;
  /** Keeps in the audit what this reader did; in the transaction that did it, where there is one. */
  record(what: Omit<AuditEntry, 'userId' | 'ip'>, trx?: Knex.Transaction): Promise<void>;
}

export type FlashKind = 'success' | 'info' | 'warning' | 'danger';

export interface Flash {
  kind: FlashKind;
  key: string;
  params: Record<string, unknown>;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Request {
      context: RequestContext;
    }
  }
}

declare module 'express-session' {
  interface SessionData {
    userId?: number;
    /** The user's session_epoch when this session began; a higher one in the table ends this session. */
    epoch?: number;
    flash?: Flash[];
  }
}

/** The user of a request behind `guard`. */
export function userOf(req: Request): SignedInUser {
  const { user } = req.context;
  if (!user) throw new Error('userOf() on a route without guard()');
  return user;
}

/** Names one session to other processes and gives nobody the session. */
export function sessionMark(req: Request): string {
  return createHash('sha256').update(req.sessionID).digest('hex');
}

export function can(req: Request, ...allowed: Role[]): boolean {
  const { user } = req.context;
  return user !== null && roleMay(user.role, allowed);
}

/** Says something on the next page that is shown, once. `key` is `namespace:key`. */
export function flash(
  req: Request,
  kind: FlashKind,
  key: string,
  params: Record<string, unknown> = {},
): void {
  (req.session.flash ??= []).push({ kind, key, params });
}

export function takeFlash(req: Request): Flash[] {
  const messages = req.session?.flash ?? [];
  if (messages.length > 0) delete req.session.flash;
  return messages;
}
