import {
  blockReason,
  compileRuleSet,
  loadCatalogue,
  isDialable,
  isInUs,
  placesOf,
  plausibleZones,
  rulesOfZones,
  type Facts,
  type RuleSet,
  type RuleSetForm,
} from '../../compliance/index.ts';
import { earliestDay } from '../../../core/time/local-day.ts';
import type { ZoneRules } from '../../../core/time/zone-rules.ts';

/** What the law says of the number for all times, as the gate will; what the database knows comes later. */
export type Bar = 'no-zone' | 'no-consent' | 'dnc' | null;

/** What is on record of one number and its customer, beside consents. */
export interface OnRecord {
  /** On a national list in force. */
  readonly listed: boolean;
  readonly transactionAt: number | null;
  readonly inquiryAt: number | null;
  readonly optInWritten: boolean;
}

export interface CallableRules {
  /** The campaign's own choice of rule sets; null: by number and address. */
  readonly ruleSet: string | null;
  /** Whether a machine dials before an agent is at hand. */
  readonly automated: boolean;
  readonly at: number;
  /** Sets that the firm has written or changed and that hold then, by name; a worker thread gets them too. */
  readonly edited?: readonly (readonly [name: string, form: RuleSetForm])[];
}

const dayOf = (at: number | null | undefined, zones: readonly ZoneRules[]): number | undefined =>
  at == null ? undefined : earliestDay(zones, at);

type RuleSets = readonly RuleSet[];

/** Rules that bear on every row of a file, loaded once. `consents`: kinds on record, or `revoked`. */
export function createCallableCheck({ ruleSet, automated, at, edited = [] }: CallableRules) {
  const sets = edited.map(([name, form]) => [name, compileRuleSet(name, form)] as const);
  const catalogue = loadCatalogue(undefined, new Map(sets));
  const named = ruleSet
    ?.split('+')
    .map((name) => catalogue.get(name.trim()))
    .filter((rules): rules is RuleSet => rules !== undefined);
  // Zones are the same array again and again: what the law says of them is found out once.
  const found = new Map<RuleSets, Map<readonly string[], Map<string, Bar>>>();
  return (
    e164: string,
    addressRegion: string | null,
    consents: readonly string[],
    record: OnRecord | null = null,
  ): Bar => {
    const zones = plausibleZones(e164, addressRegion);
    if (zones.length === 0 || !isDialable(e164)) return 'no-zone';
    const rules = named ?? catalogue.choose(e164, addressRegion, automated);
    if (record) {
      const inUs = [...placesOf(e164, addressRegion)].some(isInUs);
      return barOf(rules, zones, consents, { ...record, inUs });
    }
    const key = consents.join();
    const known = answersOf(rules, zones);
    let bar = known.get(key);
    if (bar === undefined) known.set(key, (bar = barOf(rules, zones, consents, null)));
    return bar;
  };

  function answersOf(rules: RuleSets, zones: readonly string[]): Map<string, Bar> {
    const byZones = found.get(rules) ?? new Map<readonly string[], Map<string, Bar>>();
    found.set(rules, byZones);
    const answers = byZones.get(zones) ?? new Map<string, Bar>();
    byZones.set(zones, answers);
    return answers;
  }

  function barOf(
    rules: RuleSets,
    zones: readonly string[],
    consents: readonly string[],
    record: (OnRecord & { readonly inUs: boolean }) | null,
  ): Bar {
    const zoneRules = rulesOfZones(zones);
    const facts: Facts = {
      kind: automated ? 'predictive_telemarketing' : 'live_telemarketing',
      automated,
      numberValid: true,
      dncNational: record?.listed ?? false,
      // How old the lists are is a matter of the day of the call, not of the row.
      dncScrubbedOn: earliestDay(zoneRules, at),
      lastTransactionOn: dayOf(record?.transactionAt, zoneRules),
      lastInquiryOn: dayOf(record?.inquiryAt, zoneRules),
      consent: consents.includes('revoked') ? 'revoked' : consents[0],
      extraConsents: consents.slice(1),
      optInWritten: record?.optInWritten,
      inUs: record?.inUs,
    };
    const reason = blockReason(rules, zoneRules, facts, at);
    if (reason === 'DNC_NATIONAL') return 'dnc';
    if (reason === 'CONSENT_MISSING' || reason === 'CONSENT_REVOKED') return 'no-consent';
    return reason === 'ZONE_UNRESOLVED' ? 'no-zone' : null;
  }
}
