export interface Change {
  /** Empty when the whole value changed. */
  field: string;
  from: string | null;
  to: string | null;
}

const text = (value: unknown): string | null => {
  if (value === undefined || value === null || value === '') return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What changed from what to what, field by field. */
export function changesOf(before: unknown, after: unknown): Change[] {
  if (!isRecord(before) && !isRecord(after)) {
    const change = { field: '', from: text(before), to: text(after) };
    return change.from === null && change.to === null ? [] : [change];
  }
  const old = isRecord(before) ? before : {};
  const fresh = isRecord(after) ? after : {};
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
    .map((field) => ({ field, from: text(old[field]), to: text(fresh[field]) }))
    .filter((change) => change.from !== change.to);
}
