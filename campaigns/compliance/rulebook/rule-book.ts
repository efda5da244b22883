import type { App } from '../../../core/app.ts';
import { createCalendars, type CalendarBook } from '../../../core/calendar/index.ts';
import { loadCatalogue, type RuleCatalogue } from '../rules/catalogue.ts';
import { compileRuleSet, type RuleSet } from '../rules/rule-set.ts';
import type { RuleVersion } from './rule-version.ts';
import { createRuleVersionStore } from './rule-version-store.ts';

/** The rule sets that hold at an instant: the shipped ones, and what the firm has made of them since. */
export interface RuleBook {
  /** Rejects when the database does not answer, or holds rules that cannot be read: the gate is closed then. */
  at(instant: number): Promise<RuleCatalogue>;
  /** When other rules come into force after that instant, as `at` last read them; null: none are decided. */
  changesAt(instant: number): number | null;
}

export function fixedRules(catalogue: RuleCatalogue): RuleBook {
  return { at: async () => catalogue, changesAt: () => null };
}

/** Whether something was decided is asked each time; rules and calendars are read and compiled only when it was. */
export function createRuleBook(app: Pick<App, 'db' | 'bus'>): RuleBook {
  const store = createRuleVersionStore(app);
  const calendars = createCalendars(app);
  let known: { stamp: string; versions: readonly RuleVersion[] } = { stamp: '', versions: [] };
  let made: { key: string; calendars: CalendarBook; catalogue: RuleCatalogue } | null = null;

  return {
    async at(instant) {
      const [stamp, book] = await Promise.all([store.stamp(), calendars.now()]);
      if (stamp !== known.stamp) known = { stamp, versions: await store.approved() };
      const holding = holdingAt(known.versions, instant);
      const key = [...holding.values()].map(({ id }) => id).join();
      if (key !== made?.key || book !== made.calendars)
        made = { key, calendars: book, catalogue: catalogueOf(holding, book) };
      return made.catalogue;
    },
    changesAt: (instant) =>
      known.versions.find(({ effectiveAt }) => effectiveAt > instant)?.effectiveAt ?? null,
  };
}

/** The shipped sets with these versions in their places. */
export function catalogueOf(
  versions: ReadonlyMap<string, Pick<RuleVersion, 'form'>>,
  calendars: CalendarBook,
): RuleCatalogue {
  const sets = new Map<string, RuleSet>();
  for (const [name, { form }] of versions) sets.set(name, compileRuleSet(name, form, calendars));
  return loadCatalogue(undefined, sets, calendars);
}

/** Of each name the version that came into force last. */
export function holdingAt(versions: readonly RuleVersion[], instant: number): Map<string, RuleVersion> {
  const holding = new Map<string, RuleVersion>();
  for (const version of versions) if (version.effectiveAt <= instant) holding.set(version.name, version);
  return holding;
}
