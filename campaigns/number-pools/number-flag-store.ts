import type { App } from '../../core/app.ts';

/** Shares of answers, of its own calls and of the others' in the same campaigns. */
export interface FlagReason {
  readonly answered: number;
  readonly calls: number;
  readonly expected: number;
}

export interface NumberFlag {
  readonly e164: string;
  readonly state: 'flagged' | 'fine';
  readonly reason: FlagReason | null;
  readonly since: number;
  readonly restsUntil: number | null;
  readonly countedFrom: number;
}

interface FlagRow {
  e164: string;
  state: string;
  reason: string | null;
  since: number;
  rests_until: number | null;
  counted_from: number;
}

export type NumberFlagStore = ReturnType<typeof createNumberFlagStore>;

/** All SQL for numbers that are probably labelled as spam. Every change is in the audit of its pool. */
export function createNumberFlagStore(app: Pick<App, 'db' | 'bus' | 'audit'>) {
  const { db } = app;

  /** By number; those of which nothing is known are not there. */
  async function all(): Promise<Map<string, NumberFlag>> {
    const rows = await db.knex<FlagRow>('number_flags');
    return new Map(rows.map((row) => [row.e164, fromRow(row)]));
  }

  /** False: it is flagged already. */
  function flag(
    { e164, poolId }: { e164: string; poolId: number },
    reason: FlagReason,
    now: number,
    restsUntil: number | null,
  ): Promise<boolean> {
    const row = { state: 'flagged', reason: JSON.stringify(reason), since: now, rests_until: restsUntil };
    const answerShare = `${percent(reason.answered / reason.calls)} % (${reason.answered}/${reason.calls}) ↔ ${percent(reason.expected)} %`;
    return change(
      e164,
      'fine',
      { ...row, counted_from: now },
      {
        ...{
          userId: null,
          action: restsUntil === null ? 'number-pool.number-flagged' : 'number-pool.number-rests',
        },
        ...{ entityId: poolId, after: { numbers: [e164], answerShare } },
      },
    );
  }

  /** Its calls, from now on, say whether it is labelled. False: it is not flagged any more. */
  function clear(
    { e164, poolId }: { e164: string; poolId: number },
    now: number,
    by: { userId: number | null; ip?: string } = { userId: null },
  ): Promise<boolean> {
    const row = { state: 'fine', reason: null, since: now, rests_until: null, counted_from: now };
    return change(e164, 'flagged', row, {
      ...{ ...by, action: 'number-pool.number-fine', entityId: poolId, after: { numbers: [e164] } },
    });
  }

  async function change(
    e164: string,
    from: NumberFlag['state'],
    row: Omit<FlagRow, 'e164'>,
    entry: { userId: number | null; ip?: string; action: string; entityId: number; after: object },
  ): Promise<boolean> {
    const isMoved = await db.transaction(async (trx) => {
      if ((await trx('number_flags').where({ e164, state: from }).update(row)) !== 1) {
        if (from === 'flagged' || (await trx('number_flags').where({ e164 }).first('e164'))) return false;
        await trx('number_flags').insert({ e164, ...row });
      }
      await app.audit.record({ ...entry, entity: 'number_pools' }, trx);
      return true;
    });
    if (isMoved) app.bus.publish('number-pools.changed', {});
    return isMoved;
  }

  return { all, flag, clear };
}

const percent = (share: number): number => Math.round(share * 1000) / 10;

const fromRow = (row: FlagRow): NumberFlag => ({
  e164: row.e164,
  state: row.state as NumberFlag['state'],
  reason: row.reason ? (JSON.parse(row.reason) as FlagReason) : null,
  since: row.since,
  restsUntil: row.rests_until,
  countedFrom: row.counted_from,
});
