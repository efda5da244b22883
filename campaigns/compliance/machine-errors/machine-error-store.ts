import type { Knex } from 'knex';
import type { App } from '../../../core/app.ts';
import { localTime } from '../../../core/time/local-time.ts';
import { nothingHeard, type Heard, type HeardByHour } from './machine-errors.ts';

/** Causes that are ours: detection did not begin, or has not come back. Nothing was made of those calls. */
export const notStarted = 'NOT-STARTED';
export const lost = 'LOST';
export const unheardCauses = [lost, notStarted] as const;

const hourMs = 3_600_000;

interface HourRow {
  hour: number | string;
  verdict: string;
  is_check: number;
  calls: number | string;
  persons: number | string;
  machines: number | string;
}

/** All SQL that reads how often machine detection was wrong; an index holds all of it. */
export function createMachineErrorStore({ db }: Pick<App, 'db'>) {
  /** Calls of `[from, until)`, by hours of the day in `zone`. */
  async function heard(
    campaignId: number,
    { from, until, zone }: { readonly from: number; readonly until: number; readonly zone: string },
  ): Promise<HeardByHour> {
    const hour = db.knex.raw('at - at % ?', [hourMs]) as unknown as Knex.Raw;
    const rows = (await db
      .knex('amd_verdicts')
      .where({ campaign_id: campaignId })
      .where('at', '>=', from)
      .where('at', '<', until)
      .whereNotIn('cause', [...unheardCauses])
      .groupBy('hour', 'verdict', 'is_check')
      .select(
        db.knex.raw('? as hour', [hour]),
        ...['verdict', 'is_check'],
        db.knex.raw('count(*) as calls'),
        db.knex.raw("sum(case when answered_by = 'person' then 1 else 0 end) as persons"),
        db.knex.raw("sum(case when answered_by = 'machine' then 1 else 0 end) as machines"),
      )) as HourRow[];
    const hours = new Map<number, Counting>();
    const all: Counting = { ...nothingHeard };
    for (const row of rows) {
      const ofDay = localTime(Number(row.hour), zone).hour;
      const here = hours.get(ofDay) ?? { ...nothingHeard };
      hours.set(ofDay, here);
      for (const sum of [here, all]) add(sum, row);
    }
    return { ...all, hours: [...hours].sort(([a], [b]) => a - b).map(([, counted]) => counted) };
  }

  return { heard };
}

type Counting = { -readonly [Key in keyof Heard]: number };

function add(sum: Counting, { verdict, is_check: isCheck, ...row }: HourRow): void {
  const [calls, persons, machines] = [Number(row.calls), Number(row.persons), Number(row.machines)];
  if (verdict !== 'machine') {
    sum.passed += calls;
    sum.passedPersons += persons;
    sum.passedMachines += machines;
    return;
  }
  sum.machines += calls;
  if (isCheck !== 1) return;
  sum.checked += calls;
  sum.checkedPersons += persons;
  sum.checkedMachines += machines;
}
