import type { Knex } from 'knex';

type Build = (table: Columns) => void;

/** Column shorthands that mean the same on both engines. */
export interface Columns {
  raw: Knex.CreateTableBuilder;
  id(): void;
  /** Reference to another table's integer id; no constraint, so that old rows can move to an archive. */
  ref(name: string): Knex.ColumnBuilder;
  /** Epoch milliseconds. */
  time(name: string): Knex.ColumnBuilder;
  int(name: string): Knex.ColumnBuilder;
  flag(name: string): Knex.ColumnBuilder;
  /** Compared byte by byte on both engines: 'é' is not 'e', 'tr' is not 'tr '. */
  text(name: string, length?: number): Knex.ColumnBuilder;
  /** A long text or JSON through a codec. */
  long(name: string): Knex.ColumnBuilder;
  index(columns: string[], name: string): void;
  unique(columns: string[], name: string): void;
  primary(columns: string[]): void;
}

/**
 * Creates a table. DDL does not roll back on MariaDB, so a run that was cut off may have left the table without its
 * indexes: as the migration is not recorded then and nothing has written yet, it is made again.
 */
export async function createTable(knex: Knex, name: string, build: Build): Promise<void> {
  if (await knex.schema.hasTable(name)) {
    if (await knex(name).first()) throw new Error(`table ${name} exists already and holds rows; not touched`);
    await knex.schema.dropTable(name);
  }
  const collation = isMaria(knex) ? await binaryCollation(knex) : null;
  await knex.schema.createTable(name, (table) => {
    if (collation !== null) {
      table.engine('InnoDB');
      table.charset('utf8mb4');
      table.collate(collation);
    }
    build(columns(knex, table));
  });
}

/** `utf8mb4_bin` would hold 'tr' and 'tr ' for equal: it pads with spaces. These do not. */
async function binaryCollation(knex: Knex): Promise<string> {
  const [rows] = (await knex.raw('select version() as version')) as [{ version: string }[]];
  return rows[0]!.version.includes('MariaDB') ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
}

export function isMaria(knex: Knex): boolean {
  return String(knex.client.config.client).startsWith('mysql');
}

/** Adds a column unless a cut-off run has added it already. */
export async function addColumn(
  knex: Knex,
  table: string,
  column: string,
  build: (table: Columns) => void,
): Promise<void> {
  if (await knex.schema.hasColumn(table, column)) return;
  await knex.schema.alterTable(table, (raw) => build(columns(knex, raw)));
}

function columns(knex: Knex, table: Knex.CreateTableBuilder): Columns {
  return {
    raw: table,
    id: () => void table.increments('id', { primaryKey: true }),
    ref: (name) => table.integer(name).unsigned(),
    time: (name) => table.bigInteger(name),
    int: (name) => table.integer(name),
    flag: (name) => table.tinyint(name),
    text: (name, length = 191) => table.string(name, length),
    long: (name) => (isMaria(knex) ? table.text(name, 'mediumtext') : table.text(name)),
    index: (names, indexName) => void table.index(names, indexName),
    unique: (names, indexName) => void table.unique(names, { indexName }),
    primary: (names) => void table.primary(names),
  };
}
