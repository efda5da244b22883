import { contractConsent, type RuleSet } from '../rules/rule-set.ts';
import { covers, diffRules } from './rule-diff.ts';

/** What rules demand, as far as it is compared as one. */
export const demands = [
  'kind',
  'hours',
  'frequency',
  'consent',
  'lists',
  'relationship',
  'abandonment',
] as const;
export type Demand = (typeof demands)[number];

export interface LostDemands {
  /** Rules that are demanded so far. */
  readonly name: string;
  readonly lost: readonly Demand[];
}

/** Fields that stand or fall together: hours of one set with the waivers of another are neither. */
const fieldsOf: Partial<Record<Demand, RegExp>> = {
  hours: /^(windows\..*|holidays|calendar|holiday_windows|preholiday_windows|makeup_workdays|waived_by)$/,
  consent: /^consent_/,
  lists: /^dnc_scrub_/,
  abandonment: /^abandon_/,
};

/**
 * What rules `had` ask for and `has` may not: a call that those together block might pass these. Where it cannot be said
 * for certain that one of the others asks for as much, it counts as lost.
 */
export function lostDemands(had: readonly RuleSet[], has: readonly RuleSet[]): LostDemands[] {
  const others = has.filter(
    ({ form, name }) => form.kind !== undefined && !had.some((old) => old.name === name),
  );
  const ofOtherKind = others.length > 0;
  return had.flatMap((old) => {
    const lost = demands.filter((demand) =>
      demand === 'kind' ? ofOtherKind && old.form.kind === undefined : !isMet(demand, old, has),
    );
    return lost.length > 0 ? [{ name: old.name, lost }] : [];
  });
}

function isMet(demand: Demand, old: RuleSet, has: readonly RuleSet[]): boolean {
  if (has.some(({ name }) => name === old.name)) return true;
  if (demand === 'frequency') return old.frequency.every((rule) => has.some((one) => one.frequency.some((other) => covers(other, rule)))); // prettier-ignore
  // With rules of the United States permission has to be in writing wherever the number is.
  if (demand === 'consent' && old.ofUs && !has.some(({ ofUs }) => ofUs)) return false;
  // Kinds of consent that count without being asked for are a matter of the lists.
  if (demand === 'consent' && old.consentRequiredFrom === null) return has.length > 0;
  if (demand === 'lists' && !has.some((one) => withstandsContract(one, old))) return false;
  if (demand === 'relationship') return has.some((one) => isAsStrict(one, old));
  const fields = fieldsOf[demand]!;
  return has.some(({ form }) =>
    diffRules(old.form, form).every(({ field, loosens }) => !loosens || !fields.test(field)),
  );
}

/** Does a contract lift the national list by one set only where it does by the other? */
function withstandsContract(one: RuleSet, old: RuleSet): boolean {
  if (old.businessRelationship === 'any' || old.consentOk.includes(contractConsent)) return true;
  return one.businessRelationship !== 'any' && !one.consentOk.includes(contractConsent);
}

/** Of what lets a listed number be called because of a purchase: null lets none, `any` leaves it to the other sets. */
function isAsStrict({ businessRelationship: one }: RuleSet, { businessRelationship: old }: RuleSet): boolean {
  if (one === null || old === 'any') return true;
  if (one === 'any' || old === null) return false;
  return one.transactionMonths <= old.transactionMonths && one.inquiryMonths <= old.inquiryMonths;
}
