import type { Request } from 'express';
import type { App } from '../../core/app.ts';
import { can } from '../../core/http/index.ts';
import { formatNumber } from '../../core/i18n/index.ts';
import { createRuleBook } from '../compliance/rulebook/rule-book.ts';
import { lostDemands, type LostDemands } from '../compliance/rulebook/rule-cover.ts';
import { lawfulCap, ruleSetNames, type RuleCatalogue, type RuleSet } from '../compliance/index.ts';
import { createScriptStore } from '../../crm/index.ts';
import { createDispositionStore } from '../dispositions/index.ts';
import { createNumberPoolStore } from '../number-pools/index.ts';
import { createCampaignFacts } from './campaign-facts.ts';
import type { CampaignDraft } from './campaign-store.ts';

const leastReason = 3;

/** Who may put other rules in the place of the law: what loosens is not for those alone who want to call. */
export const rulesChoosers = ['manager'] as const;

/** Do chosen rule sets stand in for others than before, and not only on top of them? */
export function replacesRules(
  before: string | null,
  after: string | null,
  catalogue: RuleCatalogue,
): boolean {
  if (after === null || after === before) return false;
  const [had, has] = [ruleSetNames(before), ruleSetNames(after)];
  const keeps = had.length > 0 && had.every((name) => has.includes(name));
  return !keeps || weakensRules(before, after, catalogue);
}

/**
 * What chosen rules may ask less of than those before, or than the law of any place where there were none, or some are
 * gone. Back to the law anybody may go.
 */
export function weakerDemands(
  before: string | null,
  after: string | null,
  catalogue: RuleCatalogue,
): LostDemands[] {
  if (after === null || after === before) return [];
  const setsOf = (names: string | null): RuleSet[] =>
    ruleSetNames(names).flatMap((name) => catalogue.get(name) ?? []);
  const had = ruleSetNames(before);
  const known = setsOf(before);
  // What a set asked for that is gone nobody can say any more: it counts as the law of any place.
  const allKnown = had.length > 0 && known.length === had.length;
  return lostDemands(allKnown ? known : [...new Set([...known, ...catalogue.placed])], setsOf(after));
}

/**
 * May a call pass that was blocked, or is a set chosen that is for calls other than sales, which leaves out national
 * lists, their age and consent? One person alone does not decide that.
 */
export function weakensRules(before: string | null, after: string | null, catalogue: RuleCatalogue): boolean {
  const had = ruleSetNames(before);
  const isOfOtherKind = (name: string) => !had.includes(name) && catalogue.get(name)?.form.kind !== undefined;
  return ruleSetNames(after).some(isOfOtherKind) || weakerDemands(before, after, catalogue).length > 0;
}

/** The rules that a campaign is saved with: those that weaken what it had wait for somebody else. */
export const rulesKept = (wanted: string | null, before: string | null, weakens: boolean): string | null =>
  weakens ? before : wanted;

/** What only the database knows of a campaign's form: fields that are wrong, in words. */
export function createCampaignChecks(app: App) {
  const book = createRuleBook(app);
  const facts = createCampaignFacts(app);
  const dispositions = createDispositionStore(app);
  const pools = createNumberPoolStore(app);
  const scripts = createScriptStore(app);

  return async (
    req: Request,
    { draft, ruleSetReason }: { draft: CampaignDraft; ruleSetReason: string },
    before: CampaignDraft | null,
  ): Promise<{ errors: Record<string, string>; replacesRules: boolean; weakens: boolean }> => {
    const { t, locale } = req.context;
    const catalogue = await book.at(app.clock.now());
    const errors: Record<string, string> = {};
    const gone = ruleSetNames(draft.ruleSet).find((name) => !catalogue.get(name));
    const replaces = replacesRules(before?.ruleSet ?? null, draft.ruleSet, catalogue);
    if (gone !== undefined) errors.ruleSets = t('campaigns:errors.ruleSetGone', { name: gone });
    else if (replaces && !can(req, ...rulesChoosers)) errors.ruleSets = t('campaigns:errors.ruleSetsManager');
    else if (replaces && ruleSetReason.length < leastReason)
      errors.ruleSetReason = t('campaigns:errors.ruleSetReason');
    const weakens = weakensRules(before?.ruleSet ?? null, draft.ruleSet, catalogue);
    // Of the rules it will have, and of those it has until somebody agrees.
    const kept = rulesKept(draft.ruleSet, before?.ruleSet ?? null, weakens);
    const cap = Math.min(lawfulCap(draft.ruleSet, catalogue), lawfulCap(kept, catalogue));
    if (draft.abandonCap > cap + 1e-9)
      errors.abandonCap = t('campaigns:errors.abandonCapLaw', {
        most: formatNumber(cap * 100, locale, { maximumFractionDigits: 2 }),
      });

    const unknown = (field: string, chosen: readonly number[], known: readonly number[]): void => {
      const ids = chosen.filter((id) => !known.includes(id));
      if (ids.length > 0) errors[field] = t(`campaigns:errors.${field}Gone`, { ids: ids.join(', ') });
    };
    const idsOf = (rows: readonly { id: number }[]): number[] => rows.map(({ id }) => id);
    if (draft.numberPoolId !== null && !(await pools.get(draft.numberPoolId)))
      errors.numberPoolId = t('campaigns:errors.numberPoolGone');
    if (draft.scriptId !== null && draft.scriptId !== before?.scriptId) {
      const script = await scripts.get(draft.scriptId);
      if (!script || script.version === 0 || script.archivedAt !== null)
        errors.scriptId = t('campaigns:errors.scriptGone');
    }
    unknown('trunkIds', draft.trunkIds, idsOf(await facts.trunks()));
    // Whoever was taken off work meanwhile is no mistake of whoever saves the form.
    unknown('agentIds', draft.agentIds, [...idsOf(await facts.agents()), ...(before?.agentIds ?? [])]);
    unknown('dispositionIds', draft.dispositionIds, idsOf(await dispositions.all()));
    return { errors, replacesRules: replaces, weakens };
  };
}
