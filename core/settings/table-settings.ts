import type { Knex } from 'knex';
import type { Audit } from '../audit/audit.ts';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock/clock.ts';
import type { Database } from '../database/database.ts';
import { LastKnown } from '../database/last-known.ts';
import type { Logger } from '../log/log.ts';
import type { SettingDefinition, Settings, StoredSetting } from './settings.ts';

interface Parts {
  db: Database;
  bus: Bus;
  clock: Clock;
  audit: Audit;
  log: Logger;
}

interface Row {
  /** Null: nobody has set it. */
  value: string | null;
}

/** An event that tells of a change may be lost; no process works with an old value for longer than this. */
const freshMs = 15_000;

/** No setting: whoever saves settings holds its row. */
const lockKey = 'settings.lock';

const undecodable = Symbol('undecodable');

/** Settings in the table `settings`, read once and kept until they change. */
export function createSettings({ db, bus, clock, audit, log }: Parts): Settings {
  const kept = new Map<string, { value: Promise<unknown>; at: number }>();
  const last = new LastKnown(clock);
  const forget = (key: string) => {
    kept.delete(key);
    last.forget((known) => known === key);
  };
  bus.subscribe('settings.changed', (payload) => forget((payload as { key: string }).key));
  bus.onReconnect(() => kept.clear());

  /** While the database is away, what it said last. */
  async function stored(key: string): Promise<unknown> {
    return decoded(
      await last.read(key, async () => {
        const found = (await db.knex('settings').where({ key }).first('value')) as Row | undefined;
        return found ?? { value: null };
      }),
    );
  }

  /** The row's value, shared by all who ask while it is read. A change told of meanwhile removes it again. */
  function value(key: string): Promise<unknown> {
    const now = clock.now();
    const known = kept.get(key);
    if (known && now - known.at < freshMs) return known.value;
    const entry = { value: stored(key), at: now };
    kept.set(key, entry);
    entry.value.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    return entry.value;
  }

  function fitting<T>({ key, schema, fallback }: SettingDefinition<T>, found: unknown): T {
    if (found === undefined) return fallback;
    const parsed = schema.safeParse(found);
    if (parsed.success) return parsed.data;
    log.warn({ setting: key }, 'stored setting does not fit its definition; its default is used');
    return fallback;
  }

  const get = async <T>(definition: SettingDefinition<T>): Promise<T> =>
    fitting(definition, await value(definition.key));

  /** Until the transaction ends nobody else saves settings, those that have no row yet among them. */
  async function readLocked(keys: readonly string[], trx: Knex.Transaction): Promise<StoredSetting> {
    if (db.engine === 'mariadb') {
      const lock = { key: lockKey, value: 'null', updated_at: clock.now(), updated_by: null };
      await trx('settings').insert(lock).onConflict('key').ignore();
      await trx('settings').where({ key: lockKey }).forUpdate().first('key');
    }
    const rows = (await trx('settings')
      .whereIn('key', [...keys])
      .select('key', 'value')) as { key: string; value: string }[];
    const found = new Map(rows.map((row) => [row.key, decoded(row)]));
    return (definition) => fitting(definition, found.get(definition.key));
  }

  const setAll: Settings['setAll'] = async (changes, by, seen) => {
    const wanted = changes.map(({ definition, value: given }) => ({
      definition,
      after: definition.schema.parse(given),
    }));
    const keys = [...wanted.map(({ definition }) => definition), ...(seen?.among ?? [])].map(
      ({ key }) => key,
    );
    const saved = await db.transaction(async (trx) => {
      const before = await readLocked(keys, trx);
      if (seen && !seen.asSeen(before)) return null;
      const differing = wanted.filter(
        ({ definition, after }) => JSON.stringify(before(definition)) !== JSON.stringify(after),
      );
      for (const { definition, after } of differing) {
        const { key, secret } = definition;
        const row = { value: JSON.stringify(after), updated_at: clock.now(), updated_by: by.userId };
        await trx('settings')
          .insert({ key, ...row })
          .onConflict('key')
          .merge(row);
        const shown = (it: unknown) => (secret ? '(changed)' : it);
        const change = { before: shown(before(definition)), after: shown(after) };
        await audit.record(
          { userId: by.userId, action: 'settings.changed', entity: 'settings', entityId: key, ...change },
          trx,
        );
      }
      return differing.map(({ definition }) => definition.key);
    });
    for (const key of saved ?? []) {
      forget(key);
      bus.publish('settings.changed', { key });
    }
    return saved?.length ?? null;
  };

  return {
    get,
    setAll,
    set: async (definition, given, by) => {
      await setAll([{ definition: definition as SettingDefinition<unknown>, value: given }], by);
    },
  };
}

/** Undefined where nobody has set it. */
function decoded({ value }: Row): unknown {
  if (value === null) return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undecodable;
  }
}
