import { DateTime } from 'luxon';
import type { Database } from '../../core/database/database.ts';
import { foldDay, type AgentStep, type OwnFigures } from './own-figures.ts';

/** Reads an agent's day from the agent's events, and its sales from the calls disposed of. */
export class OwnFiguresStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  /** The day is the calendar day in `zone` that `now` falls on. */
  async today(userId: number, now: number, zone: string): Promise<OwnFigures> {
    const dayStart = DateTime.fromMillis(now, { zone }).startOf('day').toMillis();
    const rows = (await this.#db
      .knex('agent_events')
      .where({ user_id: userId })
      .andWhere('at', '>=', dayStart)
      .orderBy(['at', 'id'])
      .select('at', 'from_state', 'to_state')) as StepRow[];
    const steps = rows.map(toStep);
    const before = steps[0]?.from ?? (await this.#stateBefore(userId, dayStart));
    return { ...foldDay(steps, before, dayStart, now), sales: await this.#sales(userId, dayStart) };
  }

  async #stateBefore(userId: number, at: number): Promise<string | null> {
    const row = (await this.#db
      .knex('agent_events')
      .where({ user_id: userId })
      .andWhere('at', '<', at)
      .orderBy([
        { column: 'at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .first('to_state')) as { to_state: string } | undefined;
    return row?.to_state ?? null;
  }

  async #sales(userId: number, since: number): Promise<number> {
    const row = (await this.#db
      .knex('calls')
      .join('dispositions', 'dispositions.id', 'calls.disposition_id')
      .where({ 'calls.user_id': userId, 'dispositions.category': 'sale' })
      .andWhere('calls.created_at', '>=', since)
      .count({ n: '*' })
      .first()) as { n: number | string };
    return Number(row.n);
  }
}

interface StepRow {
  at: number | string;
  from_state: string | null;
  to_state: string;
}

const toStep = (row: StepRow): AgentStep => ({ at: Number(row.at), from: row.from_state, to: row.to_state });
