import type { App } from '../app.ts';
import { generateKey, hashOf, type ApiKey, type ApiScope } from './api-key.ts';

interface ApiKeyRow {
  id: number;
  name: string;
  scopes: string;
  key_hash: string;
  hint: string;
  created_by: number | null;
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
}

const usedEveryMs = 60_000;

export type ApiKeyStore = ReturnType<typeof createApiKeyStore>;

/** All SQL for API keys. */
export function createApiKeyStore({ db }: Pick<App, 'db'>) {
  const table = () => db.knex<ApiKeyRow>('api_keys');

  /** The key itself is in this answer and nowhere else. */
  async function create(
    { name, scopes }: { name: string; scopes: readonly ApiScope[] },
    by: { userId: number | null; at: number },
  ): Promise<{ id: number; key: string }> {
    const { key, hash, hint } = generateKey();
    const id = await db.insertId('api_keys', {
      ...{ name, scopes: JSON.stringify(scopes), key_hash: hash, hint },
      ...{ created_by: by.userId, created_at: by.at },
    });
    return { id, key };
  }

  /** The newest first. */
  async function all(): Promise<ApiKey[]> {
    return (await table().orderBy('id', 'desc')).map(fromRow);
  }

  async function get(id: number): Promise<ApiKey | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** Null: there is no such key, or it was revoked. Its use is written down, at most once a minute. */
  async function use(key: string, at: number): Promise<ApiKey | null> {
    const row = await table().where({ key_hash: hashOf(key) }).whereNull('revoked_at').first(); // prettier-ignore
    if (!row) return null;
    if (row.last_used_at === null || at - row.last_used_at >= usedEveryMs)
      await table().where({ id: row.id }).update({ last_used_at: at });
    return fromRow(row);
  }

  /** False: it was revoked before. */
  async function revoke(id: number, at: number): Promise<boolean> {
    return (await table().where({ id }).whereNull('revoked_at').update({ revoked_at: at })) === 1;
  }

  return { create, all, get, use, revoke };
}

function fromRow(row: ApiKeyRow): ApiKey {
  return {
    ...{ id: row.id, name: row.name, hint: row.hint, createdBy: row.created_by, createdAt: row.created_at },
    ...{ lastUsedAt: row.last_used_at, revokedAt: row.revoked_at },
    scopes: JSON.parse(row.scopes) as ApiScope[],
  };
}
