import type { RuleSetForm } from '../rules/rule-set.ts';
import { diffRules } from './rule-diff.ts';
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
  const changed = new Set(diffRules(before, form).map(({ field }) => field));
  const undoes = (later: T) =>
    diffRules(form, later.form).some(({ field, loosens }) => loosens && changed.has(field));
  return comingAfter(approved, effectiveAt).find(undoes) ?? null;
}

/** Those in force only after an instant, in their order; of two from the same instant on the one that was added last. */
export function comingAfter<T extends Coming>(approved: readonly T[], instant: number): T[] {
  const coming = new Map<number, T>();
  for (const version of [...approved].sort((a, b) => a.id - b.id))
    if (version.effectiveAt > instant) coming.set(version.effectiveAt, version);
  return [...coming.values()].sort((a, b) => a.effectiveAt - b.effectiveAt);
}
