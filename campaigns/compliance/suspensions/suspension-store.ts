import type { App } from '../../../core/app.ts';
import { isActive, type NewSuspension, type Suspension, type SuspensionScope } from './suspension.ts';

interface SuspensionRow {
  id: number;
  scope: string;
  target: string;
  everyone: number;
  reason: string;
  started_by: number | null;
  started_at: number;
  ends_at: number | null;
  lifted_by: number | null;
  lifted_at: number | null;
  lift_reason: string | null;
}

export type SuspensionStore = ReturnType<typeof createSuspensionStore>;

/** All SQL for suspensions. Each change is told on the bus as `calls.suspended` or `calls.resumed`. */
export function createSuspensionStore({ db, bus }: Pick<App, 'db' | 'bus'>) {
  const table = () => db.knex<SuspensionRow>('suspensions');

  async function start(given: NewSuspension, userId: number | null, now: number): Promise<number> {
    const id = await db.insertId('suspensions', {
      scope: given.scope,
      target: given.target,
      everyone: given.everyone ? 1 : 0,
      reason: given.reason,
      started_by: userId,
      started_at: now,
      ends_at: given.endsAt,
    });
    bus.publish('calls.suspended', { id });
    return id;
  }

  /** False when it was lifted already. */
  async function lift(id: number, reason: string, userId: number | null, now: number): Promise<boolean> {
    const rows = await table()
      .where({ id })
      .whereNull('lifted_at')
      .update({ lifted_at: now, lifted_by: userId, lift_reason: reason });
    if (rows === 1) bus.publish('calls.resumed', { id });
    return rows === 1;
  }

  async function active(now: number): Promise<Suspension[]> {
    const rows = await table().whereNull('lifted_at');
    return rows.map(fromRow).filter((suspension) => isActive(suspension, now));
  }

  /** How many have ended by then, lifted or by their time: it grows with each end and with nothing else. */
  async function countOver(now: number): Promise<number> {
    const ended = table().where('lifted_at', '<=', now).orWhere('ends_at', '<=', now);
    return Number(((await ended.count({ n: '*' }).first()) as unknown as { n: number }).n);
  }

  /** Newest first. */
  async function list(limit = 200): Promise<Suspension[]> {
    return (await table().orderBy('id', 'desc').limit(limit)).map(fromRow);
  }

  async function get(id: number): Promise<Suspension | null> {
    const row = await table().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** Those that held at some time in a period. */
  async function within(from: number, until: number): Promise<Suspension[]> {
    const rows = await table()
      .where('started_at', '<', until)
      .where((open) => open.whereNull('lifted_at').orWhere('lifted_at', '>=', from))
      .orderBy('id');
    return rows.map(fromRow).filter(({ endsAt }) => endsAt === null || endsAt >= from);
  }

  return { start, lift, active, countOver, list, get, within };
}

function fromRow(row: SuspensionRow): Suspension {
  return {
    id: row.id,
    scope: row.scope as SuspensionScope,
    target: row.target,
    everyone: row.everyone === 1,
    reason: row.reason,
    startedBy: row.started_by,
    startedAt: row.started_at,
    endsAt: row.ends_at,
    liftedBy: row.lifted_by,
    liftedAt: row.lifted_at,
    liftReason: row.lift_reason,
  };
}
