import {
  blockReason,
  loadCatalogue,
  isDialable,
  plausibleZones,
  rulesOfZones,
  type Facts,
  type RuleSet,
} from '../../compliance/index.ts';
import type { CustomerFields } from '../../../crm/index.ts';

/** What the law says of the number for all times, as the gate will; what the database knows comes later. */
export type Bar = 'no-zone' | 'no-consent' | null;

export interface CallableRules {
  /** The campaign's own choice of rule sets; null: by number and address. */
  readonly ruleSet: string | null;
  /** Whether a machine dials before an agent is at hand. */
  readonly automated: boolean;
  readonly at: number;
}

/** Rules that bear on every row of a file, loaded once. `consents`: kinds on record, or `revoked`. */
export function createCallableCheck({ ruleSet, automated, at }: CallableRules) {
  const catalogue = loadCatalogue();
  const named = ruleSet
    ?.split('+')
    .map((name) => catalogue.get(name.trim()))
    .filter((rules): rules is RuleSet => rules !== undefined);
  return ({ phones, addressRegion }: CustomerFields, consents: readonly string[]): Bar => {
    const e164 = phones[0]!.e164;
    const zones = plausibleZones(e164, addressRegion);
    if (zones.length === 0 || !isDialable(e164)) return 'no-zone';
    const facts: Facts = {
      kind: automated ? 'predictive_telemarketing' : 'live_telemarketing',
      automated,
      numberValid: true,
      consent: consents.includes('revoked') ? 'revoked' : consents[0],
      extraConsents: consents.slice(1),
    };
    const rules = named ?? catalogue.choose(e164, addressRegion, automated);
    const reason = blockReason(rules, rulesOfZones(zones), facts, at);
    if (reason === 'CONSENT_MISSING' || reason === 'CONSENT_REVOKED') return 'no-consent';
    return reason === 'ZONE_UNRESOLVED' ? 'no-zone' : null;
  };
}
