import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import {
  scrubTransitions,
  type NewScrubList,
  type ScrubKind,
  type ScrubList,
  type ScrubState,
} from './scrub-list.ts';
import { createScrubPages } from './scrub-page-store.ts';

interface ListRow {
  id: number;
  kind: string;
  country: string;
  name: string;
  areas: string;
  scrubbed_on: string;
  state: string;
  revision: number;
  numbers: number;
  refused: number;
  file_name: string;
  file_path: string | null;
  job_id: string | null;
  taken_up: number;
  failure: string | null;
  loaded_by: number | null;
  loaded_at: number;
  activated_at: number | null;
  retired_at: number | null;
  changes_of: number | null;
  taken: number;
  counted_from: number | null;
  misread: number;
}

/** Lists of one key follow each other. */
type ScrubKey = Pick<ScrubList, 'kind' | 'country' | 'name'>;

/** What is known of a list once all of it is there. */
export interface ScrubCounts {
  readonly numbers: number;
  readonly refused: number;
  readonly taken: number;
  /** Null: the list itself is the edition that is counted from. */
  readonly counted_from: number | null;
}

interface Activation {
  readonly from: ScrubState;
  /** The list in force that it was compared with; null: none was. */
  readonly replaces: number | null;
  readonly counts?: ScrubCounts;
  readonly now: number;
}

export type ScrubStore = ReturnType<typeof createScrubStore>;

/** All SQL for national and reassigned lists. Changes are told on the bus as `scrubs.changed`. */
export function createScrubStore({ db, bus }: Pick<App, 'db' | 'bus'>) {
  const lists = (at: Knex | Knex.Transaction = db.knex) => at<ListRow>('scrub_lists');
  const told = (): void => bus.publish('scrubs.changed', {});

  async function create(given: NewScrubList, now: number, trx?: Knex.Transaction): Promise<number> {
    const row = {
      kind: given.kind,
      country: given.country,
      name: given.name,
      areas: given.areas.join(' '),
      scrubbed_on: given.scrubbedOn,
      state: 'loading',
      file_name: given.fileName.slice(0, 255),
      file_path: given.filePath ?? null,
      changes_of: given.changesOf ?? null,
      loaded_by: given.loadedBy,
      loaded_at: now,
    };
    return db.insertId('scrub_lists', row, trx);
  }

  async function get(id: number): Promise<ScrubList | null> {
    const row = await lists().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** Files of lists that are being loaded, below the data folder. */
  async function openFiles(): Promise<string[]> {
    return (await lists()
      .where({ state: 'loading' })
      .whereNotNull('file_path')
      .pluck('file_path')) as string[];
  }

  /** The newest, and with them all that somebody may still have to do something about, however old. */
  async function list(limit = 200): Promise<ScrubList[]> {
    const newest = await lists().orderBy('id', 'desc').limit(limit);
    const older = await lists()
      .where('id', '<', newest.at(-1)?.id ?? 0)
      .whereIn('state', ['active', 'proposed', 'loading'])
      .orderBy('id', 'desc');
    return [...newest, ...older].map(fromRow);
  }

  async function loading(): Promise<ScrubList[]> {
    return (await lists().where({ state: 'loading' }).orderBy('id')).map(fromRow);
  }

  async function active(at?: Knex | Knex.Transaction): Promise<ScrubList[]> {
    return (await lists(at).where({ state: 'active' }).orderBy('id')).map(fromRow);
  }

  /** One of each kind, country and name that is in force or waits for somebody to say so. */
  async function named(): Promise<ScrubList[]> {
    const inForce = await active();
    const waiting = await lists().where({ state: 'proposed' }).orderBy('id');
    return [
      ...new Map(
        [...waiting.map(fromRow), ...inForce].map((one) => [Object.values(keyOf(one)).join('\n'), one]),
      ).values(),
    ];
  }

  /** Differs whenever other lists are in force. */
  async function stamp(): Promise<string> {
    const rows = await lists()
      .where({ state: 'active' })
      .orderBy('id')
      .select('id', 'revision', 'scrubbed_on');
    return rows.map(({ id, revision, scrubbed_on }) => `${id}.${revision}@${scrubbed_on}`).join(' ');
  }

  /** Lists that were loaded, in force or retired within a period. */
  async function within(from: number, until: number): Promise<ScrubList[]> {
    const rows = await lists()
      .where('loaded_at', '<', until)
      .where((open) => open.whereNull('retired_at').orWhere('retired_at', '>=', from))
      .orderBy('id');
    return rows.map(fromRow);
  }

  async function setJob(id: number, jobId: string): Promise<void> {
    await lists().where({ id }).update({ job_id: jobId });
  }

  /** Of several who would begin a load again one does. */
  async function takeUp({ id, takenUp }: Pick<ScrubList, 'id' | 'takenUp'>): Promise<boolean> {
    const its = { id, state: 'loading', taken_up: takenUp };
    return (
      (await lists()
        .where(its)
        .update({ taken_up: takenUp + 1 })) === 1
    );
  }

  /** The list in force of the same kind, country and name. */
  async function inForce(list: ScrubKey): Promise<ScrubList | null> {
    const row = await lists().where({ ...keyOf(list), state: 'active' }).first(); // prettier-ignore
    return row ? fromRow(row) : null;
  }

  /** Where none is in force, the one that was the last to be. */
  async function lastInForce(list: ScrubKey): Promise<ScrubList | null> {
    const row = await lists()
      .where({ ...keyOf(list), state: 'retired' })
      .whereNotNull('activated_at')
      .orderBy([
        { column: 'retired_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .first();
    return row ? fromRow(row) : null;
  }

  /** A list of the same kind, country and name waits for somebody else. */
  async function waits(list: ScrubKey): Promise<boolean> {
    return (
      (await lists()
        .where({ ...keyOf(list), state: 'proposed' })
        .first('id')) !== undefined
    );
  }

  /**
   * A list comes into force, and the one it replaces goes: same kind, country and name. `gone` when it waits for that no
   * more, `replaced` when another is in force than the one it was compared with.
   * Within a transaction nobody is told of it yet.
   */
  async function activate(
    id: number,
    { from, replaces, counts, now }: Activation,
    within?: Knex.Transaction,
  ): Promise<'done' | 'gone' | 'replaced'> {
    const work = async (trx: Knex.Transaction): Promise<'done' | 'gone' | 'replaced'> => {
      const row = await lists(trx).where({ id, state: from }).first();
      if (!row) return 'gone';
      // Whoever else brings one of these into force waits here, and then sees this one.
      const same = await lists(trx).where(keyOf(row)).orderBy('id').forUpdate();
      const standing = same.find(({ state }) => state === 'active');
      if (standing && standing.id !== replaces) return 'replaced';
      if (!(await move(id, from, 'active', { activated_at: now, ...counts }, trx))) return 'gone';
      if (standing) await move(standing.id, 'active', 'retired', { retired_at: now }, trx);
      return 'done';
    };
    const done = await (within ? work(within) : db.transaction(work));
    if (done === 'done' && !within) told();
    return done;
  }

  /** False when it was not in that state any more. */
  async function move(
    id: number,
    from: ScrubState,
    to: ScrubState,
    columns: Partial<ListRow> = {},
    trx?: Knex.Transaction,
  ): Promise<boolean> {
    if (!scrubTransitions[from].includes(to)) throw new Error(`no list goes from ${from} to ${to}`);
    return (await lists(trx).where({ id, state: from }).update({ ...columns, state: to })) === 1; // prettier-ignore
  }

  async function fail(id: number, failure: string, now: number): Promise<void> {
    await move(id, 'loading', 'failed', { failure: failure.slice(0, 255), retired_at: now });
  }

  /** Within a transaction nobody is told of it yet. */
  async function retire(id: number, now: number, within?: Knex.Transaction): Promise<boolean> {
    const done = await move(id, 'active', 'retired', { retired_at: now }, within);
    if (done && !within) told();
    return done;
  }

  /** Whether a list is in force that came from this one, by changes and changes of those. */
  async function isMadeFrom(list: Pick<ScrubList, 'id' | 'changesOf'>, origin: number): Promise<boolean> {
    for (let { id, changesOf } = list; ;) {
      if (id === origin) return true;
      const before = changesOf === null ? null : await get(changesOf);
      if (!before) return false;
      ({ id, changesOf } = before);
    }
  }

  /** Lists that went before an instant and still have their numbers, those left out that another is being made from. */
  async function withPagesOfGone(before: number): Promise<number[]> {
    return (await lists()
      .whereIn('state', ['retired', 'refused', 'failed'])
      .where('retired_at', '<', before)
      .whereNotIn('id', lists().where({ state: 'loading' }).whereNotNull('changes_of').select('changes_of'))
      .whereExists((pages) =>
        pages.from('scrub_pages').whereRaw('scrub_pages.list_id = scrub_lists.id').select('head'),
      )
      .pluck('id')) as number[];
  }

  return {
    create, get, openFiles, list, loading, active, named, stamp, within, setJob, takeUp, inForce, lastInForce, waits, activate, move, fail, retire, isMadeFrom, withPagesOfGone,
    ...createScrubPages({ db }),
  }; // prettier-ignore
}

const keyOf = ({ kind, country, name }: Pick<ListRow, 'kind' | 'country' | 'name'>) => ({
  kind,
  country,
  name,
});

function fromRow(row: ListRow): ScrubList {
  return {
    id: row.id,
    kind: row.kind as ScrubKind,
    country: row.country,
    name: row.name,
    areas: row.areas.split(' ').filter(Boolean),
    scrubbedOn: row.scrubbed_on,
    state: row.state as ScrubState,
    revision: row.revision,
    numbers: row.numbers,
    taken: row.taken,
    countedFrom: row.counted_from ?? row.numbers,
    refused: row.refused,
    fileName: row.file_name,
    filePath: row.file_path,
    jobId: row.job_id,
    takenUp: row.taken_up,
    failure: row.failure,
    loadedBy: row.loaded_by,
    loadedAt: row.loaded_at,
    activatedAt: row.activated_at,
    retiredAt: row.retired_at,
    changesOf: row.changes_of,
    misread: row.misread === 1,
  };
}
