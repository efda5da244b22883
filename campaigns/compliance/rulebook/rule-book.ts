import type { App } from '../../../core/app.ts';
import { loadCatalogue, type RuleCatalogue } from '../rules/catalogue.ts';
import { compileRuleSet, type RuleSet } from '../rules/rule-set.ts';
import type { RuleVersion } from './rule-version.ts';
import { createRuleVersionStore } from './rule-version-store.ts';

/** The rule sets that hold at an instant: the shipped ones, and what the firm has made of them since. */
export interface RuleBook {
  /** Rejects when the database does not answer, or holds rules that cannot be read: the gate is closed then. */
  at(instant: number): Promise<RuleCatalogue>;
}

export function fixedRules(catalogue: RuleCatalogue): RuleBook {
  return { at: async () => catalogue };
}

/** Whether something was decided is asked each time; rules are read and compiled only when it was. */
export function createRuleBook(app: Pick<App, 'db' | 'bus'>): RuleBook {
  const store = createRuleVersionStore(app);
  const shipped = loadCatalogue();
  let known: { stamp: string; versions: readonly RuleVersion[] } = { stamp: '', versions: [] };
  let made: { key: string; catalogue: RuleCatalogue } = { key: '', catalogue: shipped };
  const compiled = new Map<number, RuleSet>();

  return {
    async at(instant) {
      const stamp = await store.stamp();
      if (stamp !== known.stamp) known = { stamp, versions: await store.approved() };
      const holding = holdingAt(known.versions, instant);
      const key = [...holding.values()].map(({ id }) => id).join();
      if (key !== made.key) made = { key, catalogue: withEdits(holding) };
      return made.catalogue;
    },
  };

  function withEdits(holding: ReadonlyMap<string, RuleVersion>): RuleCatalogue {
    if (holding.size === 0) return shipped;
    const sets = new Map<string, RuleSet>();
    for (const [name, { id, form }] of holding) {
      const rules = compiled.get(id) ?? compileRuleSet(name, form);
      compiled.set(id, rules);
      sets.set(name, rules);
    }
    return loadCatalogue(undefined, sets);
  }
}

/** Of each name the version that came into force last. */
export function holdingAt(versions: readonly RuleVersion[], instant: number): Map<string, RuleVersion> {
  const holding = new Map<string, RuleVersion>();
  for (const version of versions) if (version.effectiveAt <= instant) holding.set(version.name, version);
  return holding;
}
