import { createHash } from 'node:crypto';
import { Store, type SessionData } from 'express-session';
import type { App } from '../../core/app.ts';

/** A session ends when it has not been used for the length of a long shift. */
export const sessionIdleMs = 14 * 3_600_000;
/** The end of a session is moved on at most this often, so that reading pages does not write rows. */
const touchMs = 5 * 60_000;

const hashOf = (sid: string) => createHash('sha256').update(sid).digest('hex');

interface SessionRow {
  data: string;
  expires_at: number | string;
}

type Done<T = void> = (error?: unknown, value?: T) => void;

/** Sessions in the table `sessions`, under the hash of their id, by the app's clock. */
export class SessionStore extends Store {
  readonly #app: App;
  constructor(app: App) {
    super();
    this.#app = app;
  }

  override get(sid: string, done: (error: unknown, session?: SessionData | null) => void): void {
    this.#read(sid).then((session) => done(null, session), done);
  }

  override set(sid: string, session: SessionData, done: Done = () => {}): void {
    this.#write(sid, session).then(() => done(), done);
  }

  override destroy(sid: string, done: Done = () => {}): void {
    const { db } = this.#app;
    db.knex('sessions')
      .where({ id_hash: hashOf(sid) })
      .delete()
      .then(() => done(), done);
  }

  override touch(sid: string, _session: SessionData, done: Done = () => {}): void {
    const { db, clock } = this.#app;
    const expiresAt = clock.now() + sessionIdleMs;
    db.knex('sessions')
      .where({ id_hash: hashOf(sid) })
      .where('expires_at', '<', expiresAt - touchMs)
      .update({ expires_at: expiresAt })
      .then(() => done(), done);
  }

  /** Removes sessions that have ended. */
  async clean(): Promise<void> {
    await this.#app.db.knex('sessions').where('expires_at', '<=', this.#app.clock.now()).delete();
  }

  async #read(sid: string): Promise<SessionData | null> {
    const { db, clock } = this.#app;
    const row = (await db
      .knex('sessions')
      .where({ id_hash: hashOf(sid) })
      .where('expires_at', '>', clock.now())
      .first('data')) as SessionRow | undefined;
    return row ? (JSON.parse(row.data) as SessionData) : null;
  }

  async #write(sid: string, session: SessionData): Promise<void> {
    const { db, clock } = this.#app;
    const key = { id_hash: hashOf(sid) };
    const row = {
      user_id: session.userId ?? null,
      data: JSON.stringify(session),
      expires_at: clock.now() + sessionIdleMs,
    };
    await db
      .knex('sessions')
      .insert({ ...key, ...row })
      .onConflict('id_hash')
      .merge(row);
  }
}
