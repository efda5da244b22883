import type { App } from '../app.ts';
import {
  decideProposal,
  lockSubject,
  proposed,
  type DecisionOutcome,
  type ProposalRow,
  type Proposals,
} from '../four-eyes/four-eyes.ts';
import type { DayEdit, OwnCalendar } from './calendar.ts';
import type { CalendarChange, CalendarChangeState } from './calendar-change.ts';

interface ChangeRow extends ProposalRow {
  calendar: string;
  days: string;
  loosens: number;
  note: string;
}

const proposals: Proposals<ChangeRow> = {
  table: 'calendar_changes',
  subject: 'calendar',
  collides: (proposal, newer) => {
    const dates = new Set(fromRow(proposal).days.map(({ date }) => date));
    return fromRow(newer).days.some(({ date }) => dates.has(date));
  },
};

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
    const { calendar, note } = given;
    const row = { calendar, note, days: JSON.stringify(given.days), ...proposed(given) };
    const id = await db.transaction(async (trx) => {
      await lockSubject(trx, 'calendar_changes', { calendar });
      return db.insertId('calendar_changes', row, trx);
    });
    if (row.state === 'approved') told(calendar);
    return { id, state: row.state };
  }

  /** Approves or refuses. Collides: one of its days was changed after the proposal. */
  async function decide(
    id: number,
    to: 'approved' | 'refused',
    given: { by: number; at: number; note: string },
  ): Promise<DecisionOutcome> {
    const outcome = await decideProposal<ChangeRow>(db, proposals, { id, to, ...given });
    const change = outcome === 'done' && to === 'approved' ? await get(id) : null;
    if (change) told(change.calendar);
    return outcome;
  }

  async function get(id: number): Promise<CalendarChange | null> {
    const row = await changes().where({ id }).first();
    return row ? fromRow(row) : null;
  }

  /** Newest first. */
  async function ofCalendar(calendar: string, limit = 100): Promise<CalendarChange[]> {
    return (await changes().where({ calendar }).orderBy('id', 'desc').limit(limit)).map(fromRow);
  }

  async function waiting(): Promise<CalendarChange[]> {
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

  return { own, create, add, decide, get, ofCalendar, proposed: waiting, approved, stamp };
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
