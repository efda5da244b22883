import type { Knex } from 'knex';
import type { Logger } from '../log/log.ts';

const deadlock = 1213;
const lockWaitTimeout = 1205;
const tries = 4;

/** True when MariaDB gave up on a statement or transaction that may simply be tried again. */
export function isDeadlock(error: unknown): boolean {
  const { errno } = (error ?? {}) as { errno?: unknown };
  return errno === deadlock || errno === lockWaitTimeout;
}

/** True when MariaDB took it back at once so that another could go on: asked again it finds its way free. */
const isChosenVictim = (error: unknown): boolean => ((error ?? {}) as { errno?: unknown }).errno === deadlock;

/** `work` must be a whole transaction, or one statement that is one by itself: of what was given up nothing is left. */
export async function untilNoDeadlock<T>(
  log: Logger,
  work: () => Promise<T>,
  isRetryable: (error: unknown) => boolean = isDeadlock,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= tries || !isRetryable(error)) throw error;
      log.debug({ attempt }, 'a deadlock: it is tried again');
      await new Promise((resolve) => setTimeout(resolve, 5 * attempt + Math.random() * 20 * attempt));
    }
  }
}

/**
 * Has statements outside of transactions tried again by themselves. Those of a transaction go through a client of its
 * own, which has none of this: a deadlock has taken back all before them, and they may be repeated with it alone.
 */
export function retrySingleStatements(knex: Knex, log: Logger): void {
  const client = knex.client as { _query(connection: unknown, query: unknown): Promise<unknown> };
  const query = client._query.bind(client);
  // Who has waited for a lock as long as the server lets them has held a connection for that long: others need it.
  client._query = (connection, statement) =>
    untilNoDeadlock(log, () => query(connection, statement), isChosenVictim);
}
