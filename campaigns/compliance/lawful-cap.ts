import type { App } from '../../core/app.ts';
import type { GateCampaign } from './gate-facts.ts';
import { createRuleBook } from './rulebook/rule-book.ts';
import type { RuleCatalogue } from './rules/catalogue.ts';

/** Names that a stored rule set is joined of. */
export const ruleSetNames = (joined: string | null): string[] =>
  (joined ?? '')
    .split('+')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** The largest share that the law lets a campaign abandon: of the sets it names, or of any there is. */
export function lawfulCap(ruleSet: string | null, catalogue: RuleCatalogue): number {
  const caps = (ruleSet === null ? catalogue.names : ruleSetNames(ruleSet)).flatMap((name) => {
    const set = catalogue.get(name);
    return set && set.form.confidence !== 'synthetic' ? set.abandonCap : [];
  });
  if (caps.length === 0) return 1;
  return ruleSet === null ? Math.max(...caps) : Math.min(...caps);
}

/** What the law in force lets campaigns abandon: a rule set may have been tightened since a campaign was saved. */
export function createLawfulCaps(app: Pick<App, 'db' | 'bus' | 'clock'>) {
  const book = createRuleBook(app);
  const at = async () => book.at(app.clock.now());
  return {
    of: async ({ ruleSet }: Pick<GateCampaign, 'ruleSet'>): Promise<number> => lawfulCap(ruleSet, await at()),
    /** The cap that binds a campaign: its own, or the law's where that is lower. */
    binding: async ({ ruleSet, abandonCap }: Pick<GateCampaign, 'ruleSet' | 'abandonCap'>): Promise<number> =>
      Math.min(abandonCap, lawfulCap(ruleSet, await at())),
  };
}
