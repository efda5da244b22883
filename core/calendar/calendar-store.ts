import type { App } from '../app.ts';
import type { DayEdit, OwnCalendar } from './calendar.ts';
import type { CalendarChange, CalendarChangeState } from './calendar-change.ts';

interface ChangeRow {
  id: number;
  calendar: string;
  days: string;
  state: string;
  loosens: number;
  note: string;
  proposed_by: number | null;
  proposed_at: number;
  decided_by: number | null;
  decided_at: number | null;
  decision_note: string | null;
}

export type NewCalendarChange = Pick<CalendarChange, 'calendar' | 'days' | 'loosens' | 'note'> & {
  readonly by: number | null;
  readonly at: number;
};

export type CalendarStore = ReturnType<typeof createCalendarStore>;

/** All SQL for calendars: those of the firm, and what has been decided about days. */
export function createCalendarStore({ db, bus }: Pick<App, 'db' | 'bus'>) {
  const changes = () => db.knex<ChangeRow>('calendar_changes');
  const told = (calendar: string): void => bus.publish('calendars.changed', { calendar });

  async function own(): Promise<OwnCalendar[]> {
    return (await db.knex('calendars').orderBy('id').select('name', 'title', 'parent')) as OwnCalendar[];
  }

  async function create(given: OwnCalendar, by: number | null, at: number): Promise<number> {
    const id = await db.insertId('calendars', { ...given, created_by: by, created_at: at });
    told(given.name);
    return id;
  }

  /** What loosens waits for somebody else; the rest holds as it is written. */
  async function add(given: NewCalendarChange): Promise<{ id: number; state: CalendarChangeState }> {
    const state = given.loosens ? 'proposed' : 'approved';
    const decided = state === 'approved';
    const id = await db.insertId('calendar_changes', {
      calendar: given.calendar,
      days: JSON.stringify(given.days),
      state,
      loosens: given.loosens ? 1 : 0,
      note: given.note,
      proposed_by: given.by,
      proposed_at: given.at,
      decided_by: decided ? given.by : null,
      decided_at: decided ? given.at : null,
    });
    if (decided) told(given.calendar);
    return { id, state };
  }

  /**
   * Approves or refuses. Answers why not when it was decided before, by whoever proposed it, or when one of its days was
   * changed after the proposal: approving it would silently take that change back.
   */
  async function decide(
    id: number,
    decision: 'approved' | 'refused',
    { by, at, note }: { by: number; at: number; note: string },
  ): Promise<'done' | 'decided-before' | 'own-proposal' | 'changed-since'> {
    const change = await get(id);
    if (change?.state !== 'proposed') return 'decided-before';
    if (decision === 'approved') {
      if (change.proposedBy === by) return 'own-proposal';
      const dates = new Set(change.days.map(({ date }) => date));
      const newer = await changes()
        .where({ calendar: change.calendar, state: 'approved' })
        .where((either) => either.where('id', '>', id).orWhere('decided_at', '>', change.proposedAt));
      if (newer.map(fromRow).some(({ days }) => days.some(({ date }) => dates.has(date))))
        return 'changed-since';
    }
    const rows = await changes()
      .where({ id, state: 'proposed' })
      .update({ state: decision, decided_by: by, decided_at: at, decision_note: note });
    if (rows !== 1) return 'decided-before';
    told(change.calendar);
    return 'done';
  }

  async function get(id: number): Promise<CalendarChange | null> {
    const row = await changes().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** Newest first. */
  async function ofCalendar(calendar: string, limit = 100): Promise<CalendarChange[]> {
    return (await changes().where({ calendar }).orderBy('id', 'desc').limit(limit)).map(fromRow);
  }

  async function proposed(): Promise<CalendarChange[]> {
    return (await changes().where({ state: 'proposed' }).orderBy('id')).map(fromRow);
  }

  /** In the order in which they came to hold. */
  async function approved(): Promise<CalendarChange[]> {
    const rows = await changes()
      .where({ state: 'approved' })
      .orderBy([{ column: 'decided_at' }, { column: 'id' }]);
    return rows.map(fromRow);
  }

  /** Differs whenever `own` or `approved` would. */
  async function stamp(): Promise<string> {
    const [row] = (await changes()
      .where({ state: 'approved' })
      .select(
        db.knex.raw(
          'count(*) as n, max(id) as last, max(decided_at) as decided, (select count(*) from calendars) as own',
        ),
      )) as unknown as { n: number; last: number | null; decided: number | null; own: number }[];
    return `${row?.n} ${row?.last} ${row?.decided} ${row?.own}`;
  }

  return { own, create, add, decide, get, ofCalendar, proposed, approved, stamp };
}

function fromRow(row: ChangeRow): CalendarChange {
  return {
    id: row.id,
    calendar: row.calendar,
    days: JSON.parse(row.days) as DayEdit[],
    state: row.state as CalendarChangeState,
    loosens: row.loosens === 1,
    note: row.note,
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
    decisionNote: row.decision_note,
  };
}
