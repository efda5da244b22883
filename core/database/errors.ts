/** Whether an insert or update failed because another row has its unique key. */
export function isDuplicate(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code;
  return (
    code === 'ER_DUP_ENTRY' || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
  );
}
