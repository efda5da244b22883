import type { Knex } from 'knex';
import type { Database, Queryable } from '../database/database.ts';
import { foldedSql } from '../database/expressions.ts';
import { countUpTo, likePattern } from '../http/count.ts';
import type { ListRequest, Slice } from '../http/list-definition.ts';
import { toLocale } from '../i18n/index.ts';
import { roles, type Role } from './role.ts';
import { legModes, phoneModes, themes, type Theme, type User } from './user.ts';

interface UserRow {
  id: number;
  username: string;
  name: string;
  password_hash: string;
  role: string;
  locale: string | null;
  theme: string | null;
  must_change_password: number;
  disabled_at: number | string | null;
  session_epoch: number;
  phone_mode: string;
  phone_endpoint: string | null;
  leg_mode: string;
  revision: number;
  created_at: number | string;
  updated_at: number | string;
}

const columns = [
  'id',
  'username',
  'name',
  'role',
  'locale',
  'theme',
  'must_change_password',
  'disabled_at',
  'session_epoch',
  'phone_mode',
  'phone_endpoint',
  'leg_mode',
  'revision',
  'created_at',
  'updated_at',
] as const;

export interface UserFilters {
  /** Part of a name or username. */
  q?: string;
  role?: Role;
  state?: 'active' | 'disabled';
}

/** What of a user can be written; keys as in `User`. */
export type UserChanges = Partial<
  Pick<User, 'name' | 'role' | 'locale' | 'theme' | 'mustChangePassword' | 'disabledAt'> &
    Pick<User, 'phoneMode' | 'phoneEndpoint' | 'legMode'>
> & { passwordHash?: string };

/** What an administrator fills in, of which a user may change some as well. */
const formFields = ['name', 'role', 'locale', 'phoneMode', 'phoneEndpoint', 'legMode'] as const satisfies readonly (keyof UserChanges)[]; // prettier-ignore

export type NewUser = Required<Omit<UserChanges, 'disabledAt'>> & { username: string };

/** All SQL on `users`. */
export class UserStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  async byId(id: number, at: Queryable = this.#db.knex): Promise<User | null> {
    const row = (await at('users')
      .where({ id })
      .first(...columns)) as UserRow | undefined;
    return row ? fromRow(row) : null;
  }

  /** Those of these ids that there are, by id. */
  async byIds(ids: Iterable<number>): Promise<Map<number, User>> {
    const wanted = [...new Set(ids)];
    if (wanted.length === 0) return new Map();
    const rows = (await this.#db.knex('users').whereIn('id', wanted).select(columns)) as UserRow[];
    return new Map(rows.map((row) => [row.id, fromRow(row)]));
  }

  /** Which of these have a session that is not over. */
  async withSession(ids: readonly number[], now: number): Promise<Set<number>> {
    if (ids.length === 0) return new Set();
    const rows = (await this.#db
      .knex('sessions')
      .whereIn('user_id', [...ids])
      .where('expires_at', '>', now)
      .distinct('user_id')) as { user_id: number }[];
    return new Set(rows.map(({ user_id }) => user_id));
  }

  async byUsername(username: string): Promise<{ user: User; passwordHash: string } | null> {
    const row = (await this.#db.knex('users').where({ username }).first()) as UserRow | undefined;
    return row ? { user: fromRow(row), passwordHash: row.password_hash } : null;
  }

  async passwordHash(id: number): Promise<string | null> {
    const row = (await this.#db.knex('users').where({ id }).first('password_hash')) as UserRow | undefined;
    return row?.password_hash ?? null;
  }

  /** All who have one of these roles and may sign in, by name. */
  async active(...wanted: Role[]): Promise<User[]> {
    const query = this.#db.knex('users').select(columns).whereNull('disabled_at').orderBy(['name', 'id']);
    if (wanted.length > 0) query.whereIn('role', wanted);
    return ((await query) as UserRow[]).map(fromRow);
  }

  /** All who have one of these roles; those who may not sign in any more stand last. */
  async everybody(...wanted: Role[]): Promise<User[]> {
    const rows = (await this.#db
      .knex('users')
      .select(columns)
      .whereIn('role', wanted)
      .orderByRaw('case when disabled_at is null then 0 else 1 end, name, id')) as UserRow[];
    return rows.map(fromRow);
  }

  async find(request: ListRequest<UserFilters>): Promise<Slice<User>> {
    const sortable: Record<string, string> = { lastChange: 'updated_at', created: 'created_at' };
    const column = sortable[request.sort] ?? request.sort;
    const filtered = this.#filtered(request.filters);
    const rows = (await filtered
      .clone()
      .select(columns)
      .orderBy([{ column, order: request.direction }, { column: 'id' }])
      .limit(request.limit)
      .offset(request.offset)) as UserRow[];
    return { rows: rows.map(fromRow), total: await countUpTo(this.#db, filtered) };
  }

  #filtered({ q, role, state }: UserFilters): Knex.QueryBuilder {
    const query = this.#db.knex('users');
    if (role) query.where({ role });
    if (state === 'active') query.whereNull('disabled_at');
    if (state === 'disabled') query.whereNotNull('disabled_at');
    if (q) {
      const pattern = likePattern(q.toLowerCase());
      query.where((either) =>
        either
          .whereRaw(`${foldedSql(this.#db.engine, 'name')} like ? escape '!'`, [pattern])
          .orWhereRaw("username like ? escape '!'", [pattern]),
      );
    }
    return query;
  }

  /** How many administrators may sign in. */
  async countAdministrators(at: Queryable = this.#db.knex): Promise<number> {
    const row = (await at('users')
      .where({ role: 'administrator' })
      .whereNull('disabled_at')
      .count({ n: '*' })
      .first()) as { n: number | string };
    return Number(row.n);
  }

  /** Locks the administrators' rows, so that two of them cannot take the last right from each other at once. */
  async lockAdministrators(trx: Knex.Transaction): Promise<void> {
    const query = trx('users').where({ role: 'administrator' }).select('id');
    await (this.#db.engine === 'mariadb' ? query.forUpdate() : query);
  }

  /** Null when the username is taken. */
  async insert(user: NewUser, now: number, trx?: Knex.Transaction): Promise<number | null> {
    const at = trx ?? this.#db.knex;
    if (await at('users').where({ username: user.username }).first('id')) return null;
    const row = {
      ...toRow(user),
      username: user.username,
      session_epoch: 0,
      created_at: now,
      updated_at: now,
    };
    try {
      return await this.#db.insertId('users', row, trx);
    } catch (error) {
      if (isDuplicate(error)) return null;
      throw error;
    }
  }

  /**
   * False when there is no such user, or when it is not at the `revision` any more. With `endSessions`, all sessions of
   * that user are over.
   */
  async update(
    id: number,
    changes: UserChanges,
    now: number,
    options: { endSessions?: boolean; revision?: number; trx?: Knex.Transaction } = {},
  ): Promise<boolean> {
    const at = options.trx ?? this.#db.knex;
    const row: Record<string, unknown> = { ...toRow(changes), updated_at: now };
    if (options.endSessions) row.session_epoch = this.#db.knex.raw('session_epoch + 1');
    if (formFields.some((field) => changes[field] !== undefined))
      row.revision = this.#db.knex.raw('revision + 1');
    const { revision } = options;
    const which = revision === undefined ? { id } : { id, revision };
    const changed = await at('users').where(which).update(row);
    if (changed > 0 && options.endSessions) await at('sessions').where({ user_id: id }).delete();
    return changed > 0;
  }
}

export function isDuplicate(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? '';
  return code === 'ER_DUP_ENTRY' || code.startsWith('SQLITE_CONSTRAINT');
}

const oneOf = <T extends string>(values: readonly T[], value: string | null, fallback: T): T =>
  values.includes(value as T) ? (value as T) : fallback;

function fromRow(row: UserRow): User {
  return {
    id: row.id,
    username: row.username,
    name: row.name,
    role: oneOf(roles, row.role, 'agent'),
    locale: toLocale(row.locale),
    theme: themes.includes(row.theme as Theme) ? (row.theme as Theme) : null,
    mustChangePassword: Boolean(row.must_change_password),
    disabledAt: row.disabled_at === null ? null : Number(row.disabled_at),
    sessionEpoch: row.session_epoch,
    phoneMode: oneOf(phoneModes, row.phone_mode, 'webrtc'),
    phoneEndpoint: row.phone_endpoint,
    legMode: oneOf(legModes, row.leg_mode, 'nailed'),
    revision: row.revision,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  };
}

function toRow(changes: UserChanges): Record<string, unknown> {
  const row: Record<string, unknown> = {
    name: changes.name,
    role: changes.role,
    locale: changes.locale,
    theme: changes.theme,
    disabled_at: changes.disabledAt,
    phone_mode: changes.phoneMode,
    phone_endpoint: changes.phoneEndpoint,
    leg_mode: changes.legMode,
    password_hash: changes.passwordHash,
    must_change_password:
      changes.mustChangePassword === undefined ? undefined : Number(changes.mustChangePassword),
  };
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}
