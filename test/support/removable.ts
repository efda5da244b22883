import type { Database } from '../../core/database/database.ts';

/** A database that can be taken away: every query fails until it is given back. */
export function removable(db: Database): { db: Database; gone: boolean } {
  const state = { db, gone: false };
  const refuse = () =>
    Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  const guarded = new Set(['transaction', 'ping', 'insertMany', 'insertId']);
  const knex = new Proxy(db.knex, {
    apply(target, self, args) {
      const builder = Reflect.apply(target as never, self, args) as { then: unknown };
      if (state.gone) builder.then = (_: unknown, no: (error: unknown) => void) => refuse().catch(no);
      return builder;
    },
  });
  state.db = new Proxy(db, {
    get(target, key) {
      if (key === 'knex') return knex;
      if (state.gone && guarded.has(String(key))) return refuse;
      const value = Reflect.get(target, key) as unknown;
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  return state;
}
