import type { App } from '../../core/app.ts';
import type { DialerCommands, DialerStatus } from '../protocol.ts';
import { cellOf, isAlive, isExpected, isGone, type Cell } from './cell.ts';
import { createCellStore } from './cell-store.ts';

export interface DialerAnswer {
  readonly dialerId: string;
  /** Null: it does not answer. */
  readonly status: DialerStatus | null;
}

/** Each dialer that runs, or should, and what it says of itself. @throws BusUnavailable, BusTimeout when there is none */
export async function askDialers(app: Asking, timeoutMs: number): Promise<DialerAnswer[]> {
  const answers = await askEach(app, 'dialer.status', timeoutMs);
  return answers.map(({ dialerId, answer }) => ({ dialerId, status: answer }));
}

type Asking = Pick<App, 'bus' | 'db' | 'clock'>;

/**
 * Asks each dialer that runs, or should; null for one that does not answer. @throws BusUnavailable, BusTimeout when there
 * is none
 */
export async function askEach<Name extends 'dialer.status' | 'dialer.floor'>(
  app: Asking,
  command: Name,
  timeoutMs: number,
): Promise<{ dialerId: string; answer: DialerCommands[Name][1] | null }[]> {
  type Answer = DialerCommands[Name][1];
  const now = app.clock.now();
  const expected = (await createCellStore(app).all()).filter((cell) => isExpected(cell, now));
  if (expected.length === 0) {
    const answer = await app.bus.request<Answer>(command, {}, { timeoutMs });
    return [{ dialerId: answer.dialerId, answer }];
  }
  return Promise.all(
    expected.map(async ({ id }) => ({
      dialerId: id,
      answer: await app.bus.request<Answer>(`${command}@${id}`, {}, { timeoutMs }).catch(() => null),
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
