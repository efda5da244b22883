import type { App } from '../../core/app.ts';

/** A session of the product that does not run out: without one an agent is signed out of the phone. */
export async function openSession(app: Pick<App, 'db'>, userId: number): Promise<void> {
  const expires_at = Number.MAX_SAFE_INTEGER;
  await app.db
    .knex('sessions')
    .insert({ id_hash: `test-${userId}`, user_id: userId, data: '{}', expires_at });
}
