import type { Knex } from 'knex';
import type { App } from '../../core/app.ts';
import { localTime } from '../../core/time/local-time.ts';
import type { NumberPool, NumberPoolForm, PoolNumber } from './number-pool.ts';

interface PoolRow {
  id: number;
  name: string;
  zone: string;
  rest_flagged: number;
  revision: number;
  created_at: number;
  updated_at: number;
}

interface NumberRow {
  e164: string;
  pool_id: number;
  position: number;
  daily_limit: number | null;
  enabled: number;
}

export type PoolSaved =
  | { readonly saved: true; readonly id: number }
  /** `changed-meanwhile`: somebody else saved after this editor had read. */
  | { readonly saved: false; readonly reason: 'changed-meanwhile' }
  | { readonly saved: false; readonly reason: 'gone' }
  | { readonly saved: false; readonly reason: 'name-taken' }
  /** Another pool has these numbers. */
  | { readonly saved: false; readonly reason: 'numbers-taken'; readonly numbers: readonly string[] };

export type PoolRemoved =
  { readonly removed: true } | { readonly removed: false; readonly campaigns: string[] };

const daysKept = 90;
const numbersAtOnce = 400;

/** All SQL for pools of numbers, and for how often each was shown. */
export function createNumberPoolStore(app: Pick<App, 'db' | 'bus'>) {
  const { db } = app;
  const changed = () => app.bus.publish('number-pools.changed', {});

  async function all(): Promise<NumberPool[]> {
    return withNumbers(await db.knex<PoolRow>('number_pools').orderBy(['name', 'id']));
  }

  async function get(id: number): Promise<NumberPool | null> {
    const row = await db.knex<PoolRow>('number_pools').where({ id }).first();
    return row ? (await withNumbers([row]))[0]! : null;
  }

  async function withNumbers(rows: readonly PoolRow[]): Promise<NumberPool[]> {
    if (rows.length === 0) return [];
    const numbers: NumberRow[] = await db
      .knex<NumberRow>('pool_numbers')
      .whereIn(
        'pool_id',
        rows.map(({ id }) => id),
      )
      .orderBy(['pool_id', 'position']);
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      zone: row.zone,
      numbers: numbers.filter((number) => number.pool_id === row.id).map(toNumber),
      restFlagged: row.rest_flagged === 1,
      revision: row.revision,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }));
  }

  /** `over` null: a new one. Saves only over the revision that was read, so that two editors do not overwrite each other. */
  async function save(
    over: { readonly id: number; readonly revision: number } | null,
    form: NumberPoolForm,
    now: number,
  ): Promise<PoolSaved> {
    const id = over?.id ?? null;
    const result = await db.transaction(async (trx): Promise<PoolSaved> => {
      const named = await trx<PoolRow>('number_pools').where({ name: form.name }).first('id');
      if (named && named.id !== id) return { saved: false, reason: 'name-taken' };
      const taken = await heldByOthers(id, form.numbers, trx);
      if (taken.length > 0) return { saved: false, reason: 'numbers-taken', numbers: taken };
      const { name, zone, restFlagged } = form;
      const rests = restFlagged === undefined ? {} : { rest_flagged: restFlagged ? 1 : 0 };
      const row = { name, zone, ...rests, updated_at: now };
      const poolId = id ?? (await db.insertId('number_pools', { ...row, created_at: now }, trx));
      if (over) {
        const { revision } = over;
        const rows = await trx('number_pools').where({ id, revision }).update({ ...row, revision: revision + 1 }); // prettier-ignore
        if (rows !== 1) {
          const there = await trx('number_pools').where({ id }).first('id');
          return { saved: false, reason: there ? 'changed-meanwhile' : 'gone' };
        }
      }
      await trx('pool_numbers').where({ pool_id: poolId }).delete();
      const rows = form.numbers.map(({ e164, dailyLimit, enabled }, position) => ({
        ...{ e164, position, enabled: enabled ? 1 : 0, pool_id: poolId, daily_limit: dailyLimit },
      }));
      for (let from = 0; from < rows.length; from += numbersAtOnce)
        await trx('pool_numbers').insert(rows.slice(from, from + numbersAtOnce));
      return { saved: true, id: poolId };
    });
    if (result.saved) changed();
    return result;
  }

  async function heldByOthers(
    id: number | null,
    numbers: readonly PoolNumber[],
    trx: Knex.Transaction,
  ): Promise<string[]> {
    const held: string[] = [];
    for (let from = 0; from < numbers.length; from += numbersAtOnce) {
      const some = numbers.slice(from, from + numbersAtOnce).map(({ e164 }) => e164);
      const rows = await trx<NumberRow>('pool_numbers')
        .whereIn('e164', some)
        .whereNot({ pool_id: id ?? 0 })
        .select('e164');
      held.push(...rows.map(({ e164 }) => e164));
    }
    return held;
  }

  /** Not one that a campaign shows, which would call without a number then. */
  async function remove(id: number): Promise<PoolRemoved> {
    const result = await db.transaction(async (trx): Promise<PoolRemoved> => {
      const campaigns: { name: string }[] = await trx('campaigns')
        .where({ number_pool_id: id })
        .whereNull('archived_at')
        .orderBy('name')
        .select('name');
      if (campaigns.length > 0) return { removed: false, campaigns: campaigns.map(({ name }) => name) };
      await trx('pool_numbers').where({ pool_id: id }).delete();
      await trx('number_pools').where({ id }).delete();
      return { removed: true };
    });
    if (result.removed) changed();
    return result;
  }

  /** Calls of the day that it is for each pool, by number; those that are not there had none. */
  async function callsToday(
    pools: readonly Pick<NumberPool, 'zone' | 'numbers'>[],
    now: number,
  ): Promise<Map<string, number>> {
    const days = new Map<string, string>();
    for (const { zone, numbers } of pools) {
      const day = dayOf(now, zone);
      for (const { e164 } of numbers) days.set(e164, day);
    }
    if (days.size === 0) return new Map();
    const rows: { e164: string; day: string; calls: number }[] = await db
      .knex('pool_number_days')
      .whereIn('day', [...new Set(days.values())])
      .select('e164', 'day', 'calls');
    return new Map(
      rows.filter(({ e164, day }) => days.get(e164) === day).map(({ e164, calls }) => [e164, calls]),
    );
  }

  /** One more call shows the number today. False: other dialers have used it up meanwhile. */
  async function take({ e164, dailyLimit }: PoolNumber, day: string): Promise<boolean> {
    const more = () => {
      const query = db.knex('pool_number_days').where({ e164, day });
      return (dailyLimit === null ? query : query.where('calls', '<', dailyLimit)).increment('calls', 1);
    };
    if ((await more()) > 0) return true;
    await db.knex('pool_number_days').insert({ e164, day, calls: 0 }).onConflict(['e164', 'day']).ignore();
    return (await more()) > 0;
  }

  /** Days long past are of no use to a limit. */
  async function sweep(now: number): Promise<number> {
    const day = localTime(now, 'UTC').minus({ days: daysKept }).toISODate()!;
    return db.knex('pool_number_days').where('day', '<', day).delete();
  }

  return { all, get, save, remove, callsToday, take, sweep };
}

export type NumberPoolStore = ReturnType<typeof createNumberPoolStore>;

/** The day, in the pool's zone, that a moment belongs to. */
export const dayOf = (at: number, zone: string): string => localTime(at, zone).toISODate()!;

const toNumber = (row: NumberRow): PoolNumber => ({
  e164: row.e164,
  dailyLimit: row.daily_limit,
  enabled: row.enabled === 1,
});
