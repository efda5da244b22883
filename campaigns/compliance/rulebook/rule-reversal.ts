import type { RuleSetForm } from '../rules/rule-set.ts';
import { diffRules } from './rule-diff.ts';
import { bothOpen, stricterField } from './rule-merge.ts';
import type { RuleVersion } from './rule-version.ts';

type Coming = Pick<RuleVersion, 'id' | 'form' | 'effectiveAt'>;

/**
 * The version, approved before and in force only later, that would loosen again what this one changes: versions are whole
 * rule sets, so the one that comes into force last takes everything back that it does not hold. Null: none does.
 */
export function reversedBy<T extends Coming>(
  { before, form, effectiveAt }: { before: RuleSetForm; form: RuleSetForm; effectiveAt: number },
  approved: readonly T[],
): T | null {
  const undoes = (later: T) => undone({ before, form }, later.form).size > 0;
  return comingAfter(approved, effectiveAt).find(undoes) ?? null;
}

/** What this version changes and the later rules would loosen again. */
function undone({ before, form }: Change, later: RuleSetForm): Set<string> {
  const changed = fieldsOf(before, form);
  const back = diffRules(form, later).filter(({ field, loosens }) => loosens && changed.has(field));
  return new Set(back.map(({ field }) => field));
}

/**
 * The later rules with what this version changes in them, where they would loosen it again or had left it as it was; what
 * else they bring stays, also in the same field: there the stricter of both holds. Null: they loosen none of it.
 */
export function carriedInto({ before, form }: Change, later: RuleSetForm): RuleSetForm | null {
  const back = undone({ before, form }, later);
  if (back.size === 0) return null;
  const theirs = fieldsOf(before, later);
  const merged: Record<string, unknown> = { ...later, windows: { ...later.windows } };
  for (const field of fieldsOf(before, form)) {
    if (theirs.has(field) && !back.has(field)) continue;
    const [head = '', day = ''] = field.split('.');
    const both = theirs.has(field);
    if (day) {
      const [ours, other] = [form, later].map(({ windows }) => windows[day as keyof typeof windows]);
      put(merged.windows as Record<string, unknown>, day, both ? bothOpen(ours, other) : ours);
    } else {
      const name = head as Exclude<keyof RuleSetForm, 'windows'>;
      put(merged, name, both ? stricterField(name, form, later) : form[name]);
    }
  }
  return merged as unknown as RuleSetForm;
}

interface Change {
  readonly before: RuleSetForm;
  readonly form: RuleSetForm;
}

function fieldsOf(before: RuleSetForm, after: RuleSetForm): Set<string> {
  return new Set(diffRules(before, after).map(({ field }) => field));
}

function put(into: Record<string, unknown>, key: string, value: unknown): void {
  if (value === undefined) delete into[key];
  else into[key] = value;
}

/** Those in force only after an instant, in their order; of two from the same instant on the one that was added last. */
export function comingAfter<T extends Coming>(approved: readonly T[], instant: number): T[] {
  const coming = new Map<number, T>();
  for (const version of [...approved].sort((a, b) => a.id - b.id))
    if (version.effectiveAt > instant) coming.set(version.effectiveAt, version);
  return [...coming.values()].sort((a, b) => a.effectiveAt - b.effectiveAt);
}
