import type { App } from '../../core/app.ts';
import { lost, machineMessageEnds, notStarted, type MachineMessageEnd } from '../../dialer/amd/index.ts';
import type { AmdCounts } from './amd-figures.ts';

/** What is older says nothing of how it works now. */
export const amdWindowMs = 30 * 86_400_000;

const unheard = [lost, notStarted];

export interface AmdMeasured {
  readonly counts: AmdCounts;
  /** Where machines were to be told something: what became of it. */
  readonly messages: Readonly<Record<MachineMessageEnd, number>>;
  /** What was counted happened since then, epoch ms. */
  readonly since: number;
}

/** Calls that an agent has met: taken for persons, and for machines. */
export interface AmdMet {
  readonly passed: number;
  readonly machines: number;
}

type Sums = Record<'calls' | 'persons' | 'machines' | 'missed_ms' | 'listened_ms', number | string | null>;

/** All SQL that reads what machine detection has made of calls; an index holds all of it. */
export function createAmdReport({ db }: Pick<App, 'db'>) {
  async function of(
    { id, amdSince }: { readonly id: number; readonly amdSince: number | null },
    now: number,
  ): Promise<AmdMeasured> {
    const since = Math.max(amdSince ?? 0, now - amdWindowMs);
    const rows: (Sums & { verdict: string; is_check: number; message: string | null })[] = await db
      .knex('amd_verdicts')
      .where({ campaign_id: id })
      .where('at', '>=', since)
      .whereNotIn('cause', unheard)
      .groupBy('verdict', 'is_check', 'message')
      .select('verdict', 'is_check', 'message')
      .select(
        db.knex.raw('count(*) as calls'),
        db.knex.raw("sum(case when answered_by = 'person' then 1 else 0 end) as persons"),
        db.knex.raw("sum(case when answered_by = 'machine' then 1 else 0 end) as machines"),
        db.knex.raw("sum(case when answered_by = 'machine' then agent_ms else 0 end) as missed_ms"),
        db.knex.raw('sum(listened_ms) as listened_ms'),
      );
    const passed = rows.filter(({ verdict }) => verdict !== 'machine');
    const taken = rows.filter(({ verdict }) => verdict === 'machine');
    const checks = taken.filter(({ is_check }) => is_check === 1);
    return {
      since,
      counts: {
        passed: sum(passed, 'calls'),
        passedPersons: sum(passed, 'persons'),
        passedMachines: sum(passed, 'machines'),
        machines: sum(taken, 'calls'),
        checked: sum(checks, 'calls'),
        checkedPersons: sum(checks, 'persons'),
        checkedMachines: sum(checks, 'machines'),
        missedMs: sum(passed, 'missed_ms'),
        checkMs: sum(checks, 'missed_ms'),
        listenedMs: sum(passed, 'listened_ms'),
      },
      messages: Object.fromEntries(
        machineMessageEnds.map((end) => [
          end,
          sum(
            taken.filter(({ message }) => message === end),
            'calls',
          ),
        ]),
      ) as Record<MachineMessageEnd, number>,
    };
  }

  /** Of those that `of` counts: met by an agent, in whose hands they came or not. */
  async function toAgents(id: number, since: number): Promise<AmdMet> {
    const rows: { verdict: string; calls: number | string }[] = await db
      .knex('amd_verdicts')
      .join('calls', 'calls.id', 'amd_verdicts.call_id')
      .where('amd_verdicts.campaign_id', id)
      .where('amd_verdicts.at', '>=', since)
      .whereNotIn('amd_verdicts.cause', unheard)
      .whereNotNull('calls.connected_at')
      .groupBy('amd_verdicts.verdict')
      .select('amd_verdicts.verdict', db.knex.raw('count(*) as calls'));
    const met = (isMachine: boolean) =>
      rows
        .filter(({ verdict }) => (verdict === 'machine') === isMachine)
        .reduce((total, { calls }) => total + Number(calls), 0);
    return { passed: met(false), machines: met(true) };
  }

  return { of, toAgents };
}

function sum(rows: readonly Sums[], column: keyof Sums): number {
  return rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
}
