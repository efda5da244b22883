import type { App } from '../../core/app.ts';
import { createMachineErrorStore, sampledForMs, unheardCauses } from '../../campaigns/compliance/index.ts';
import { machineMessageEnds, type MachineMessageEnd } from '../../dialer/amd/index.ts';
import type { AmdCounts } from './amd-figures.ts';

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

type Costs = Record<'calls' | 'met_ms' | 'listened_ms', number | string | null>;

/** All SQL that reads what machine detection has cost and said; how often it was wrong is counted where the law is. */
export function createAmdReport(app: Pick<App, 'db'>) {
  const { db } = app;
  const errors = createMachineErrorStore(app);

  async function of(
    { id, amdSince, zone }: { readonly id: number; readonly amdSince: number | null; readonly zone: string },
    now: number,
  ): Promise<AmdMeasured> {
    const since = Math.max(amdSince ?? 0, now - sampledForMs);
    const heard = await errors.heard(id, { from: since, until: now + 1, zone });
    const rows: (Costs & { verdict: string; message: string | null })[] = await db
      .knex('amd_verdicts')
      .where({ campaign_id: id })
      .where('at', '>=', since)
      .whereNotIn('cause', [...unheardCauses])
      .groupBy('verdict', 'message')
      .select('verdict', 'message')
      .select(
        db.knex.raw('count(*) as calls'),
        db.knex.raw("sum(case when answered_by = 'machine' then agent_ms else 0 end) as met_ms"),
        db.knex.raw('sum(listened_ms) as listened_ms'),
      );
    const passed = rows.filter(({ verdict }) => verdict !== 'machine');
    const taken = rows.filter(({ verdict }) => verdict === 'machine');
    return {
      since,
      counts: {
        ...heard,
        missedMs: sum(passed, 'met_ms'),
        // None but those that were checked have met an agent.
        checkMs: sum(taken, 'met_ms'),
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
      .whereNotIn('amd_verdicts.cause', [...unheardCauses])
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

function sum(rows: readonly Costs[], column: keyof Costs): number {
  return rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
}
