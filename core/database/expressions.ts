import type { Engine } from './database.ts';

/** A value in SQL, with its bindings. */
export interface SqlValue {
  readonly sql: string;
  readonly bindings: readonly (string | number)[];
}

/** No exponent that a double could not hold. The same text is read by JavaScript and by MariaDB. */
const numberPattern = '^ *[+-]?([0-9]{1,40}([.][0-9]{0,40})?|[.][0-9]{1,40})([eE][+-]?[0-9]{1,2})? *$';
const isNumber = new RegExp(numberPattern);

/** What SQLite is given besides its own: its `lower()` knows ASCII only, and its casts take anything for 0. */
export const sqliteFunctions = {
  fold_case: (value: unknown) => (value === null ? null : String(value).toLowerCase()),
  as_number: (value: unknown) =>
    value !== null && isNumber.test(String(value)) ? Number(String(value)) : null,
} as const;

/** A text without regard to case, in any script. Both sides of a comparison go through it. */
export function foldedSql(engine: Engine, sql: string): string {
  return engine === 'sqlite' ? `fold_case(${sql})` : `lower(${sql})`;
}

/** A text as a number; null where it is none. MariaDB's cast alone makes an update fail for one text that is none. */
export function numberSql(engine: Engine, { sql, bindings }: SqlValue): SqlValue {
  if (engine === 'sqlite') return { sql: `as_number(${sql})`, bindings };
  return {
    sql: `(case when ${sql} regexp ? then cast(trim(${sql}) as double) end)`,
    bindings: [...bindings, numberPattern, ...bindings],
  };
}

/** A table with a column `value`, of the numbers in one binding, a JSON array. */
export function idListSql(engine: Engine): string {
  return engine === 'sqlite'
    ? 'json_each(?)'
    : `json_table(?, '$[*]' columns (value int unsigned path '$')) as listed`;
}
