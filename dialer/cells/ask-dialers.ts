import type { App } from '../../core/app.ts';
import type { DialerStatus } from '../protocol.ts';
import { cellOf, isAlive, isExpected, isGone, type Cell } from './cell.ts';
import { createCellStore } from './cell-store.ts';

export interface DialerAnswer {
  readonly dialerId: string;
  /** Null: it does not answer. */
  readonly status: DialerStatus | null;
}

/** Each dialer that runs, or should, and what it says of itself. @throws BusUnavailable, BusTimeout when there is none */
export async function askDialers(
  app: Pick<App, 'bus' | 'db' | 'clock'>,
  timeoutMs: number,
): Promise<DialerAnswer[]> {
  const now = app.clock.now();
  const expected = (await createCellStore(app).all()).filter((cell) => isExpected(cell, now));
  if (expected.length === 0) {
    const status = await app.bus.request<DialerStatus>('dialer.status', {}, { timeoutMs });
    return [{ dialerId: status.dialerId, status }];
  }
  return Promise.all(
    expected.map(async ({ id }) => ({
      dialerId: id,
      status: await app.bus.request<DialerStatus>(`dialer.status@${id}`, {}, { timeoutMs }).catch(() => null),
    })),
  );
}

/**
 * The cell whose switch this user's phone is to register with: the one that holds them, else the one they fall to. Where
 * none seems to run, as the clock here may be another's, the one that has them all the same: null only without any.
 */
export async function cellOfUser(app: Pick<App, 'db' | 'clock'>, userId: number): Promise<Cell | null> {
  const now = app.clock.now();
  const cells = await createCellStore(app).all();
  const session = (await app.db
    .knex('agent_sessions')
    .where({ user_id: userId })
    .whereNot({ state: 'signed-out' })
    .first('dialer_id')) as { dialer_id: string | null } | undefined;
  const holder = cells.find(({ id }) => id === session?.dialer_id);
  if (holder && !isGone(holder, now)) return holder;
  const running = cells.filter(({ stoppedAt }) => stoppedAt === null);
  const alive = running.filter((cell) => isAlive(cell, now));
  return cellOf(userId, alive) ?? holder ?? cellOf(userId, running);
}
