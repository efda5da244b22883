import { randomBytes } from 'node:crypto';
import type { App } from '../app.ts';
import { conflict, notFound } from '../http/problem.ts';
import { SipPasswordStore } from './sip-password-store.ts';
import { generatePassword, hashPassword, needsRehash, verifyPassword } from './password.ts';
import { UserStore, type UserChanges } from './user-store.ts';
import { normalUsername, type Theme, type User, type UserForm } from './user.ts';
import type { Locale } from '../i18n/index.ts';

/** Who did it, and from where. */
export interface Actor {
  userId: number | null;
  ip?: string;
}

export interface NewAccount extends Partial<UserForm> {
  username: string;
  name: string;
  role: UserForm['role'];
  /** Absent: one is made and returned. */
  password?: string;
  /** True unless said otherwise. */
  mustChangePassword?: boolean;
}

export type SignInRefusal = 'unknown-user' | 'wrong-password' | 'disabled';
export type SignInResult =
  { ok: true; user: User } | { ok: false; why: SignInRefusal; userId: number | null };

/** Accounts: every change is audited, and told over the bus as `user.changed` or `user.signed-out`, with `userId`. */
export class Users {
  readonly store: UserStore;
  readonly #app: App;
  readonly #sipPasswords: SipPasswordStore;

  constructor(app: App) {
    this.#app = app;
    this.store = new UserStore(app.db);
    this.#sipPasswords = new SipPasswordStore(app);
  }

  /** @throws HttpProblem 409 `username-taken` */
  async create(account: NewAccount, by: Actor): Promise<{ id: number; password: string }> {
    const password = account.password ?? generatePassword();
    const username = normalUsername(account.username);
    const shown = {
      name: account.name,
      role: account.role,
      locale: account.locale ?? null,
      phoneMode: account.phoneMode ?? ('webrtc' as const),
      phoneEndpoint: account.phoneEndpoint ?? null,
      legMode: account.legMode ?? ('nailed' as const),
    };
    const row = {
      ...shown,
      username,
      theme: null,
      passwordHash: await hashPassword(password),
      mustChangePassword: account.mustChangePassword ?? true,
    };
    const id = await this.#app.db.transaction(async (trx) => {
      const newId = await this.store.insert(row, this.#app.clock.now(), trx);
      if (newId === null) throw conflict('username-taken', { username });
      await this.#sipPasswords.put(newId, newSipPassword(), trx);
      await this.#record('user.created', newId, by, { after: { username, ...shown } }, trx);
      return newId;
    });
    this.#app.bus.publish('user.changed', { userId: id });
    return { id, password };
  }

  /** Checks a sign-in. Takes as long for an unknown user as for a known one. */
  async checkSignIn(username: string, password: string): Promise<SignInResult> {
    const known = await this.store.byUsername(normalUsername(username));
    const fits = await verifyPassword(known?.passwordHash ?? null, password);
    if (!known) return { ok: false, why: 'unknown-user', userId: null };
    const { user, passwordHash } = known;
    if (!fits) return { ok: false, why: 'wrong-password', userId: user.id };
    if (user.disabledAt !== null) return { ok: false, why: 'disabled', userId: user.id };
    if (needsRehash(passwordHash))
      await this.store.update(user.id, { passwordHash: await hashPassword(password) }, user.updatedAt);
    return { ok: true, user };
  }

  /**
   * A changed role ends the user's sessions. An account whose phone password is missing, or sealed with a key that is
   * gone, gets a new one. False when somebody has changed it since the `revision` was read.
   * @throws HttpProblem 409 `last-administrator`
   */
  async update(id: number, form: UserForm, by: Actor, revision?: number): Promise<boolean> {
    if ((await this.#sipPasswords.get(id)) === null) await this.#sipPasswords.put(id, newSipPassword());
    return this.#change(id, form, by, 'user.changed', (user) => user.role !== form.role, {}, revision);
  }

  /** @throws HttpProblem 409 `last-administrator` */
  async disable(id: number, by: Actor, reason: string): Promise<void> {
    const changes = { disabledAt: this.#app.clock.now() };
    await this.#change(id, changes, by, 'user.disabled', () => true, { reason });
  }

  async enable(id: number, by: Actor): Promise<void> {
    await this.#change(id, { disabledAt: null }, by, 'user.enabled', () => false);
  }

  /** Gives a new password that must be changed, and ends the user's sessions. */
  async resetPassword(id: number, by: Actor): Promise<string> {
    const password = generatePassword();
    const changes = { passwordHash: await hashPassword(password), mustChangePassword: true };
    await this.#change(id, changes, by, 'user.password-reset', () => true);
    return password;
  }

  /** The user's own change. Ends all sessions; false when the old password is wrong. */
  async changePassword(id: number, oldPassword: string, newPassword: string, by: Actor): Promise<boolean> {
    if (!(await verifyPassword(await this.store.passwordHash(id), oldPassword))) return false;
    const changes = { passwordHash: await hashPassword(newPassword), mustChangePassword: false };
    await this.#change(id, changes, by, 'user.password-changed', () => true);
    return true;
  }

  async changeProfile(
    id: number,
    changes: { name?: string; locale?: Locale | null; theme?: Theme | null },
    by: Actor,
  ): Promise<void> {
    await this.#change(id, changes, by, 'user.changed', () => false);
  }

  /** How the product looks to this user. Not audited: it concerns nobody else. */
  async setPreferences(id: number, changes: { locale?: Locale; theme?: Theme }): Promise<void> {
    await this.store.update(id, changes, this.#app.clock.now());
  }

  async signOutEverywhere(id: number, by: Actor): Promise<void> {
    await this.#change(id, {}, by, 'user.signed-out-everywhere', () => true);
  }

  async #change(
    id: number,
    changes: UserChanges,
    by: Actor,
    action: string,
    endsSessions: (before: User) => boolean,
    remark: Record<string, unknown> = {},
    revision?: number,
  ): Promise<boolean> {
    const { db, clock, bus } = this.#app;
    const ended = await db.transaction(async (trx) => {
      await this.store.lockAdministrators(trx);
      const before = await this.store.byId(id, trx);
      if (!before) throw notFound();
      const endSessions = endsSessions(before);
      if (!(await this.store.update(id, changes, clock.now(), { endSessions, revision, trx }))) return null;
      // A phone is a session too: whoever has the old password must not register with it.
      if (endSessions) await this.#sipPasswords.put(id, newSipPassword(), trx);
      if (before.role === 'administrator' && (await this.store.countAdministrators(trx)) === 0)
        throw conflict('last-administrator');
      await this.#record(action, id, by, difference(before, changes, remark), trx);
      return endSessions;
    });
    if (ended === null) return false;
    bus.publish('user.changed', { userId: id });
    if (ended) bus.publish('user.signed-out', { userId: id });
    return true;
  }

  #record(
    action: string,
    id: number,
    by: Actor,
    change: { before?: unknown; after?: unknown },
    trx: Parameters<App['audit']['record']>[1],
  ): Promise<void> {
    return this.#app.audit.record(
      { userId: by.userId, ip: by.ip, action, entity: 'users', entityId: id, ...change },
      trx,
    );
  }
}

const newSipPassword = (): string => randomBytes(18).toString('base64url');

/** Only what changed; a password shows that it did, and nothing else. */
function difference(
  before: User,
  changes: UserChanges,
  remark: Record<string, unknown>,
): { before?: unknown; after?: unknown } {
  const { passwordHash, ...rest } = changes;
  const old: Record<string, unknown> = {};
  const fresh: Record<string, unknown> = { ...remark };
  for (const [key, value] of Object.entries(rest)) {
    const was = before[key as keyof User];
    if (value === undefined || was === value) continue;
    old[key] = was;
    fresh[key] = value;
  }
  if (passwordHash) fresh.password = '(changed)';
  return Object.keys(fresh).length > 0 ? { before: old, after: fresh } : {};
}
