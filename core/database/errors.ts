/** Whether an insert or update failed because another row has its unique key. */
export function isDuplicate(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code;
  return (
    code === 'ER_DUP_ENTRY' || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
  );
}

/**
 * Whether a write failed by what was to be written, so that trying again is in vain. False for what passes: a full disk,
 * a lock, a server that is read only or gone. What a database refuses, its driver names; an error without a name of
 * the driver's is a connection that ended, unless it is a fault of the program.
 */
export function isRefusedForGood(error: unknown): boolean {
  const { code, name, fatal } = (error ?? {}) as { code?: unknown; name?: unknown; fatal?: unknown };
  if (name === 'KnexTimeoutError' || fatal === true) return false;
  if (typeof code !== 'string') return name !== 'Error';
  return code.startsWith('SQLITE_CONSTRAINT') || refusals.has(code);
}

/** Whether the driver has said what is wrong, by a name or that its connection has ended. */
export function isExplained(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' || isDatabaseDown(error);
}

const refusals = new Set([
  'SQLITE_ERROR',
  'SQLITE_MISMATCH',
  'SQLITE_RANGE',
  'SQLITE_TOOBIG',
  'ER_BAD_FIELD_ERROR',
  'ER_BAD_NULL_ERROR',
  'ER_CONSTRAINT_FAILED',
  'ER_DATA_TOO_LONG',
  'ER_DUP_ENTRY',
  'ER_NO_DEFAULT_FOR_FIELD',
  'ER_NO_REFERENCED_ROW_2',
  'ER_NO_SUCH_TABLE',
  'ER_PARSE_ERROR',
  'ER_ROW_IS_REFERENCED_2',
  'ER_TRUNCATED_WRONG_VALUE',
  'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
  'ER_WARN_DATA_OUT_OF_RANGE',
]);

interface DriverError extends Error {
  sql?: unknown;
  sqlMessage?: unknown;
  bindings?: unknown;
}

/**
 * Takes values out of a driver's error before anybody can log it: MariaDB quotes them ("Duplicate entry '…' for
 * key"), and mysql2 hangs the whole statement on the error. Names of columns, keys and tables stay.
 */
export function hideValues(error: unknown): void {
  if (!(error instanceof Error)) return;
  const driverError = error as DriverError;
  delete driverError.sql;
  delete driverError.bindings;
  error.message = shortened(error.message);
  error.stack = `${error.name}: ${error.message}\n${framesOf(error)}`;
  if (typeof driverError.sqlMessage !== 'string') return;
  const said = driverError.sqlMessage;
  const hidden = namesOnly.has((error as { code?: string }).code ?? '') ? said : withoutValues(said);
  driverError.sqlMessage = hidden;
  error.message = error.message.replace(said, () => hidden);
  error.stack = `${error.name}: ${error.message}\n${framesOf(error)}`;
}

function framesOf({ stack = '' }: Error): string {
  const from = stack.search(/^ {4}at /m);
  return from < 0 ? '' : stack.slice(from);
}

/** A statement of 400 rows is 399 times the same. */
function shortened(statement: string): string {
  return statement
    .replace(/\?(?:, \?){3,}/g, '?, …')
    .replace(/(\([?, …]+\))(?:, \1)+/g, '$1, …')
    .replace(/(select [^()]*?\?[^()]*?)(?: union all \1)+/g, '$1 union all …');
}

/** Errors whose words quote names of the schema and nothing else. */
const namesOnly = new Set([
  'ER_BAD_FIELD_ERROR',
  'ER_NO_SUCH_TABLE',
  'ER_DATA_TOO_LONG',
  'ER_NO_DEFAULT_FOR_FIELD',
  'ER_BAD_NULL_ERROR',
  'ER_WARN_DATA_OUT_OF_RANGE',
  'ER_TABLE_EXISTS_ERROR',
  'ER_DUP_FIELDNAME',
  'ER_DUP_KEYNAME',
  'ER_CANT_DROP_FIELD_OR_KEY',
]);

/** Quotes inside a value are not escaped, so all between the first and the last one goes, but for the key's name. */
function withoutValues(said: string): string {
  const key = / for key '[^']*'$/.exec(said)?.[0] ?? '';
  return said.slice(0, said.length - key.length).replace(/'.*'/s, "'…'") + key;
}

const connectionLost = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'PROTOCOL_CONNECTION_LOST',
  'ER_CON_COUNT_ERROR',
  'ER_SERVER_SHUTDOWN',
  'SQLITE_BUSY',
  'SQLITE_CANTOPEN',
  'SQLITE_IOERR',
]);

/** Knex's pool says so in words only, when it is closed or being closed. */
const poolClosed = /^(Unable to acquire a connection|aborted)$/;

/** Whether the database was not there to answer, as opposed to an answer that says no. */
export function isDatabaseDown(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const error = thrown as { code?: unknown; name?: unknown; message?: unknown; fatal?: unknown };
  if (error.name === 'KnexTimeoutError') return true;
  if (typeof error.code === 'string') return connectionLost.has(error.code);
  // mysql2 of a connection that has ended, which is all one hears where a transaction could not be taken back either.
  if (error.fatal === true) return true;
  return typeof error.message === 'string' && poolClosed.test(error.message);
}
