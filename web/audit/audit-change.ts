export interface Change {
  /** The way to the value: `['hours', 'mon']`; empty when the whole value changed. */
  path: string[];
  from: unknown;
  to: unknown;
}

const nothing = (value: unknown) => value === undefined || value === null || value === '';
const same = (a: unknown, b: unknown) => (nothing(a) ? nothing(b) : JSON.stringify(a) === JSON.stringify(b));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What changed from what to what, field by field, into the fields of fields. */
export function changesOf(before: unknown, after: unknown, path: string[] = []): Change[] {
  if (same(before, after)) return [];
  if (
    !(isRecord(before) || isRecord(after)) ||
    !(isRecord(before) || nothing(before)) ||
    !(isRecord(after) || nothing(after))
  )
    // prettier-ignore
    return [{ path, from: before ?? null, to: after ?? null }];
  const old = isRecord(before) ? before : {};
  const fresh = isRecord(after) ? after : {};
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].flatMap((field) =>
    changesOf(old[field], fresh[field], [...path, field]),
  );
}
