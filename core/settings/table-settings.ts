import type { Audit } from '../audit/audit.ts';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock/clock.ts';
import type { Database } from '../database/database.ts';
import { LastKnown } from '../database/last-known.ts';
import type { Logger } from '../log/log.ts';
import type { SettingDefinition, Settings } from './settings.ts';

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
    const row = await last.read(key, async () => {
      const found = (await db.knex('settings').where({ key }).first('value')) as Row | undefined;
      return found ?? { value: null };
    });
    if (row.value === null) return undefined;
    try {
      return JSON.parse(row.value) as unknown;
    } catch {
      return undecodable;
    }
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

  async function get<T>(definition: SettingDefinition<T>): Promise<T> {
    const { key, schema, fallback } = definition;
    const found = await value(key);
    if (found === undefined) return fallback;
    const parsed = schema.safeParse(found);
    if (parsed.success) return parsed.data;
    log.warn({ setting: key }, 'stored setting does not fit its definition; its default is used');
    return fallback;
  }

  return {
    get,
    async set<T>(definition: SettingDefinition<T>, value: T, by: { userId: number | null }): Promise<void> {
      const { key, secret } = definition;
      const after = definition.schema.parse(value);
      const before = await get(definition);
      const row = { value: JSON.stringify(after), updated_at: clock.now(), updated_by: by.userId };
      await db.transaction(async (trx) => {
        await trx('settings')
          .insert({ key, ...row })
          .onConflict('key')
          .merge(row);
        const shown = (it: unknown) => (secret ? '(changed)' : it);
        const change = { before: shown(before), after: shown(after) };
        await audit.record(
          { userId: by.userId, action: 'settings.changed', entity: 'settings', entityId: key, ...change },
          trx,
        );
      });
      forget(key);
      bus.publish('settings.changed', { key });
    },
  };
}
