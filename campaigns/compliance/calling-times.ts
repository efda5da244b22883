import type { App } from '../../core/app.ts';
import type { Campaign } from '../campaigns/index.ts';
import { closedBecause, nextOpening } from './rules/windows.ts';
import { compileRuleSet, type RuleSet } from './rules/rule-set.ts';
import type { RuleCatalogue } from './rules/catalogue.ts';
import { createRuleBook } from './rulebook/rule-book.ts';
import { plausibleZones, rulesOfZones } from './zones/plausible-zones.ts';

export interface CallingTime {
  readonly open: boolean;
  /** The first instant from then on that is open everywhere the customer may be; null when none is near. */
  readonly opensAt: number | null;
}

export interface CallingTimes {
  /** Whether law and campaign let this number be called at that instant, by the clock alone. */
  at(
    campaign: TimedCampaign,
    e164: string,
    addressRegion: string | null,
    instant: number,
  ): Promise<CallingTime>;
}

export type TimedCampaign = Pick<Campaign, 'id' | 'hours' | 'ruleSet' | 'abandonCap'>;

const searchMs = 14 * 86_400_000;

/**
 * Opening times ahead of the call, for a promise that is made now. The gate has the last word when the time has come:
 * what else may stand against a call then is not known yet.
 */
export function createCallingTimes(app: Pick<App, 'db' | 'bus'>): CallingTimes {
  const book = createRuleBook(app);
  return {
    async at(campaign, e164, addressRegion, instant) {
      const catalogue = await book.at(instant);
      const rules = rulesOf(catalogue, campaign, e164, addressRegion);
      const zones = rulesOfZones(plausibleZones(e164, addressRegion));
      if (zones.length === 0) return { open: false, opensAt: null };
      const pairs = rules.flatMap((rule) => zones.map((zone) => [rule, zone] as const));
      const shut = (at: number) => pairs.filter(([rule, zone]) => closedBecause(rule, zone, at) !== null);
      const limit = instant + searchMs;
      let at = instant;
      for (let closed = shut(at); closed.length > 0; closed = shut(at)) {
        const opens = Math.max(...closed.map(([rule, zone]) => nextOpening(rule, zone, at, limit)));
        if (opens === Infinity || opens <= at) return { open: false, opensAt: null };
        at = opens;
      }
      return { open: at === instant, opensAt: at };
    },
  };
}

function rulesOf(
  catalogue: RuleCatalogue,
  campaign: TimedCampaign,
  e164: string,
  addressRegion: string | null,
): RuleSet[] {
  const named = campaign.ruleSet?.split('+').map((name) => catalogue.get(name.trim()));
  const law = named?.every((rules) => rules !== undefined)
    ? named
    : catalogue.choose(e164, addressRegion, false);
  const own = compileRuleSet(`campaign.${campaign.id}`, {
    windows: campaign.hours,
    abandon_cap: campaign.abandonCap,
    source: 'hours of the campaign',
    confidence: 'policy',
  });
  return [...law, own];
}
