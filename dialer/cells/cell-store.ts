import type { App } from '../../core/app.ts';
import { heirMs, type Cell } from './cell.ts';

interface CellRow {
  id: string;
  run: string;
  switch_url: string | null;
  started_at: number;
  seen_at: number;
  stopped_at: number | null;
  heir: string | null;
  heir_since: number | null;
  cleared_at: number | null;
}

const fromRow = (row: CellRow): Cell => ({
  id: row.id,
  run: row.run,
  switchUrl: row.switch_url,
  startedAt: row.started_at,
  seenAt: row.seen_at,
  stoppedAt: row.stopped_at,
  heir: row.heir,
  heirSince: row.heir_since,
  clearedAt: row.cleared_at,
});

/** What a life begins with: nobody takes care of its things but itself. */
const own = { stopped_at: null, heir: null, heir_since: null, cleared_at: null } as const;

export type CellStore = ReturnType<typeof createCellStore>;

/** All SQL for the dialers' heartbeats. */
export function createCellStore({ db }: Pick<App, 'db'>) {
  const table = () => db.knex<CellRow>('dialers');

  async function all(): Promise<Cell[]> {
    return (await table().orderBy('id')).map(fromRow);
  }

  /** A process takes this name: an earlier one of the same name learns of it at its next beat. */
  async function begin(cell: Pick<Cell, 'id' | 'run' | 'switchUrl'>, now: number): Promise<void> {
    const { id, run, switchUrl } = cell;
    const row = { run, switch_url: switchUrl, started_at: now, seen_at: now, ...own };
    if ((await table().where({ id }).update(row)) > 0) return;
    await table().insert({ id, ...row });
  }

  /** False when another process has taken the name. Each beat is later than the one before, also when a clock was set back. */
  async function beat(id: string, run: string, now: number): Promise<boolean> {
    const seen = db.knex.raw('case when seen_at < ? then ? else seen_at + 1 end', [now, now]);
    return (
      (await table()
        .where({ id, run })
        .update({ seen_at: seen as never, ...own })) === 1
    );
  }

  async function end(id: string, run: string, now: number): Promise<void> {
    await table().where({ id, run }).update({ seen_at: now, stopped_at: now });
  }

  /** Compare-and-set on its last sign of life: one survivor alone takes care of what it has left. */
  async function inherit(cell: Cell, heir: string, now: number): Promise<boolean> {
    const rows = await table()
      .where({ id: cell.id, run: cell.run, seen_at: cell.seenAt })
      .whereNull('cleared_at')
      .where((free) => {
        free
          .whereNull('heir')
          .orWhere({ heir })
          .orWhere('heir_since', '<=', now - heirMs);
      })
      .update({ heir, heir_since: now });
    return rows === 1;
  }

  /** It is still silent, and this heir's to take care of. */
  async function isHeir(cell: Cell, heir: string): Promise<boolean> {
    const { id, run, seenAt } = cell;
    return (await table().where({ id, run, seen_at: seenAt, heir }).first('id')) !== undefined;
  }

  async function cleared(cell: Cell, heir: string, now: number): Promise<void> {
    const { id, run, seenAt } = cell;
    await table().where({ id, run, seen_at: seenAt, heir }).update({ cleared_at: now });
  }

  return { all, begin, beat, end, inherit, isHeir, cleared };
}
