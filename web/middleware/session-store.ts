import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { Store, type Session, type SessionData } from 'express-session';
import type { App } from '../../core/app.ts';
import { inTime } from '../../core/database/in-time.ts';
import type { LastKnown } from '../../core/database/last-known.ts';

/** A session ends when it has not been used for the length of a long shift. */
export const sessionIdleMs = 14 * 3_600_000;
/** The end of a session is moved on at most this often, so that reading pages does not write rows. */
const touchMs = 5 * 60_000;

const hashOf = (sid: string) => createHash('sha256').update(sid).digest('hex');

const keyOf = (sid: string) => `session ${hashOf(sid)}`;

interface SessionRow {
  data: string;
  user_id: number | null;
}

type Done<T = void> = (error?: unknown, value?: T) => void;

/** Sessions in the table `sessions`, under the hash of their id, by the app's clock. */
export class SessionStore extends Store {
  readonly #app: App;
  readonly #known: LastKnown | undefined;
  /** Those that stand in the table, or stood there when their request began. */
  readonly #stored = new WeakSet<object>();

  /** With `known`, a session that was read lately holds on while the database is away. */
  constructor(app: App, known?: LastKnown) {
    super();
    this.#app = app;
    this.#known = known;
  }

  override get(sid: string, done: (error: unknown, session?: SessionData | null) => void): void {
    this.#read(sid).then((session) => done(null, session), done);
  }

  override createSession(req: Request, data: SessionData): Session & SessionData {
    const session = super.createSession(req, data) as Session & SessionData;
    this.#stored.add(session);
    return session;
  }

  /** A session that has ended meanwhile stays so: a request that began before that brings it back by nothing it saves. */
  override set(sid: string, session: SessionData, done: Done = () => {}): void {
    this.#write(sid, session).then(() => done(), done);
  }

  override destroy(sid: string, done: Done = () => {}): void {
    const { db } = this.#app;
    this.#known?.forget((key) => key === keyOf(sid));
    db.knex('sessions')
      .where({ id_hash: hashOf(sid) })
      .delete()
      .then(() => done(), done);
  }

  /** The answer waits for this. What a database that is away does not write down now, the next request does. */
  override touch(sid: string, _session: SessionData, done: Done = () => {}): void {
    const { db, clock } = this.#app;
    const expiresAt = clock.now() + sessionIdleMs;
    const touched = Promise.resolve(
      db
        .knex('sessions')
        .where({ id_hash: hashOf(sid) })
        .where('expires_at', '<', expiresAt - touchMs)
        .update({ expires_at: expiresAt }),
    );
    inTime(clock, touched, () => 0).then(() => done(), done);
  }

  /** Removes sessions that have ended. */
  async clean(): Promise<void> {
    await this.#app.db.knex('sessions').where('expires_at', '<=', this.#app.clock.now()).delete();
  }

  async #read(sid: string): Promise<SessionData | null> {
    const { db, clock } = this.#app;
    const ask = async () =>
      (await db
        .knex('sessions')
        .where({ id_hash: hashOf(sid) })
        .where('expires_at', '>', clock.now())
        .first('data', 'user_id')) as SessionRow | undefined;
    const row = await (this.#known?.read(keyOf(sid), ask) ?? ask());
    return row ? (JSON.parse(row.data) as SessionData) : null;
  }

  async #write(sid: string, session: SessionData): Promise<void> {
    const { db, clock } = this.#app;
    const row = {
      user_id: session.userId ?? null,
      data: JSON.stringify(session),
      expires_at: clock.now() + sessionIdleMs,
    };
    const key = { id_hash: hashOf(sid) };
    if (this.#stored.has(session)) return void (await db.knex('sessions').where(key).update(row));
    await db
      .knex('sessions')
      .insert({ ...key, ...row })
      .onConflict('id_hash')
      .merge(row);
    this.#stored.add(session);
  }
}
