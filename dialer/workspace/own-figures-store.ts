import { localTime } from '../../core/time/local-time.ts';
import type { App } from '../../core/app.ts';
import type { Database } from '../../core/database/database.ts';
import {
  countsAs,
  createDispositionStore,
  type DispositionStore,
} from '../../campaigns/dispositions/index.ts';
import { foldDay, type AgentStep, type OwnFigures } from './own-figures.ts';

/** Reads an agent's day from its events: the agent's own, and those of what came of its calls. */
export class OwnFiguresStore {
  readonly #db: Database;
  readonly #dispositions: DispositionStore;

  constructor(app: Pick<App, 'db' | 'bus'>) {
    this.#db = app.db;
    this.#dispositions = createDispositionStore(app);
  }

  /** The day is the calendar day in `zone` that `now` falls on. */
  async today(userId: number, now: number, zone: string): Promise<OwnFigures> {
    const dayStart = localTime(now, zone).startOf('day').toMillis();
    const rows = (await this.#db
      .knex('agent_events')
      .where({ user_id: userId })
      .andWhere('at', '>=', dayStart)
      .orderBy(['at', 'id'])
      .select('at', 'from_state', 'to_state', 'call_id')) as StepRow[];
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
    const events = (await this.#db
      .knex('call_events')
      .where({ user_id: userId, event: 'disposed' })
      .andWhere('at', '>=', since)
      .select('data')) as { data: string | null }[];
    const given = events.map(({ data }) => (JSON.parse(data ?? '{}') as DisposedData).dispositionId ?? 0);
    if (given.length === 0) return 0;
    const known = new Map((await this.#dispositions.all()).map((one) => [one.id, one]));
    return given.filter((id) => countsAs(known.get(id) ?? null).includes('sales')).length;
  }
}

interface DisposedData {
  dispositionId?: number;
}

interface StepRow {
  at: number | string;
  from_state: string | null;
  to_state: string;
  call_id: string | null;
}

const toStep = (row: StepRow): AgentStep => ({
  ...{ at: Number(row.at), from: row.from_state, to: row.to_state, callId: row.call_id },
});
