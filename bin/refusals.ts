/** The server is there, and knows nothing of what DATABASE_URL says; or its file cannot be used. */
const refusals = new Set([
  'ER_ACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'SQLITE_CANTOPEN',
  'SQLITE_NOTADB',
  'SQLITE_READONLY',
]);

/** In one line why the database that DATABASE_URL names cannot be used; null: the error is another. */
export function databaseRefusal(error: unknown): string | null {
  const { code, message, sqlMessage } = error as { code?: string; message?: string; sqlMessage?: string };
  return code && refusals.has(code) ? `DATABASE_URL cannot be used: ${sqlMessage ?? message}` : null;
}
