import type { App } from '../../core/app.ts';
import type { GateCampaign } from './gate-facts.ts';
import { createRuleBook } from './rulebook/rule-book.ts';
import type { RuleCatalogue } from './rules/catalogue.ts';
import type { RuleSet } from './rules/rule-set.ts';

/** Names that a stored rule set is joined of. */
export const ruleSetNames = (joined: string | null): string[] =>
  (joined ?? '')
    .split('+')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** Sets that a campaign names, those made to try rules out left aside. */
function setsOf(names: readonly string[], catalogue: RuleCatalogue): RuleSet[] {
  return names.flatMap((name) => {
    const set = catalogue.get(name);
    return set && set.form.confidence !== 'synthetic' ? set : [];
  });
}

/** The largest share that the law lets a campaign abandon: of the sets it names, or of any there is. */
export function lawfulCap(ruleSet: string | null, catalogue: RuleCatalogue): number {
  const names = ruleSet === null ? catalogue.names : ruleSetNames(ruleSet);
  const caps = setsOf(names, catalogue).map(({ abandonCap }) => abandonCap);
  if (caps.length === 0) return 1;
  return ruleSet === null ? Math.max(...caps) : Math.min(...caps);
}

/** Over which windows the law counts, in ms, the longest first: of the sets that are named, or of any there is. */
export function lawWindows(ruleSet: string | null, catalogue: RuleCatalogue): readonly number[] {
  if (ruleSet === null) return catalogue.abandonWindows;
  const windows = ruleSetNames(ruleSet).flatMap((name) => catalogue.get(name)?.abandonWindowMs ?? []);
  return [...new Set(windows)].sort((a, b) => b - a);
}

/** Whether the law that a campaign is called by has people count who were hung up on as machines: of the sets it names, or of its country. */
export function lawCountsHungUpOn(
  { ruleSet, defaultCountry }: { readonly ruleSet: string | null; readonly defaultCountry: string },
  catalogue: RuleCatalogue,
): boolean {
  const sets =
    ruleSet === null
      ? catalogue.ofCountry(defaultCountry)
      : ruleSetNames(ruleSet).flatMap((name) => catalogue.get(name) ?? []);
  return sets.some(({ countsHungUpOn }) => countsHungUpOn);
}

/** Whether any set that may bear on a campaign's calls counts them: of those it names, or of all that bear somewhere. */
export function mayCountHungUpOn(
  ruleSet: string | null,
  { get, placed }: Pick<RuleCatalogue, 'get' | 'placed'>,
): boolean {
  const sets = ruleSet ? ruleSetNames(ruleSet).map(get) : placed;
  return sets.some((set) => set?.countsHungUpOn);
}

export type Capped = Pick<GateCampaign, 'ruleSet' | 'abandonCap' | 'abandonWindowMs'>;

/** What the law in force lets campaigns abandon: a rule set may have been tightened since a campaign was saved. */
export function createLawfulCaps(app: Pick<App, 'db' | 'bus' | 'clock'>) {
  const book = createRuleBook(app);
  const at = async () => book.at(app.clock.now());
  return {
    of: async ({ ruleSet }: Pick<GateCampaign, 'ruleSet'>): Promise<number> => lawfulCap(ruleSet, await at()),
    countHungUpOn: async (campaign: Parameters<typeof lawCountsHungUpOn>[0]): Promise<boolean> =>
      lawCountsHungUpOn(campaign, await at()),
    /**
     * The cap that binds a campaign and the window it is counted over: its own, or the law's where that is lower or
     * shorter. A share that is kept over each of the shorter windows is kept over the longer ones too.
     */
    async binding({ ruleSet, abandonCap, abandonWindowMs }: Capped): Promise<Omit<Capped, 'ruleSet'>> {
      const catalogue = await at();
      const windows = setsOf(ruleSetNames(ruleSet), catalogue).map((set) => set.abandonWindowMs);
      return {
        abandonCap: Math.min(abandonCap, lawfulCap(ruleSet, catalogue)),
        abandonWindowMs: Math.min(abandonWindowMs, ...windows),
      };
    },
  };
}
