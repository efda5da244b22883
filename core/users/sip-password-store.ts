import type { Knex } from 'knex';
import type { App } from '../app.ts';
import { seal, unseal } from '../crypto/seal.ts';

/** All SQL on what users' phones register with: sealed, so that a copy of the database registers no phone. */
export class SipPasswordStore {
  readonly #app: Pick<App, 'db' | 'config'>;

  constructor(app: Pick<App, 'db' | 'config'>) {
    this.#app = app;
  }

  /** Null when there is none, or it was sealed with another installation's key. */
  async get(userId: number, trx: Knex = this.#app.db.knex): Promise<string | null> {
    const row = (await trx('users').where({ id: userId }).first('sip_password_sealed')) as
      { sip_password_sealed: string | null } | undefined;
    return row?.sip_password_sealed ? unseal(this.#key, contextOf(userId), row.sip_password_sealed) : null;
  }

  /** Those of these users that there are and that open, by user. */
  async getMany(userIds: readonly number[]): Promise<Map<number, string>> {
    const passwords = new Map<number, string>();
    if (userIds.length === 0) return passwords;
    const rows = (await this.#app.db
      .knex('users')
      .whereIn('id', [...userIds])
      .whereNotNull('sip_password_sealed')
      .select('id', 'sip_password_sealed')) as { id: number; sip_password_sealed: string }[];
    for (const { id, sip_password_sealed: sealed } of rows) {
      const password = unseal(this.#key, contextOf(id), sealed);
      if (password !== null) passwords.set(id, password);
    }
    return passwords;
  }

  async put(userId: number, password: string, trx: Knex = this.#app.db.knex): Promise<void> {
    await trx('users')
      .where({ id: userId })
      .update({ sip_password_sealed: seal(this.#key, contextOf(userId), password) });
  }

  /**
   * Seals passwords that earlier versions stored in clear and empties their column. A migration cannot: it has no
   * key. May be repeated, and be done by several processes at once. Returns how many were sealed.
   */
  async sealClear(): Promise<number> {
    const { knex } = this.#app.db;
    const clear = (await knex('users').whereNotNull('sip_password').select('id', 'sip_password')) as {
      id: number;
      sip_password: string;
    }[];
    let sealed = 0;
    for (const { id, sip_password: password } of clear)
      sealed += await knex('users')
        .where({ id })
        .whereNotNull('sip_password')
        .update({ sip_password_sealed: seal(this.#key, contextOf(id), password), sip_password: null });
    return sealed;
  }

  get #key(): string {
    return this.#app.config.secrets.encryption;
  }
}

const contextOf = (userId: number): string => `user:${userId}:sip`;
