import { earliestDay, parseDay } from '../../core/time/local-day.ts';
import type { ZoneRules } from '../../core/time/zone-rules.ts';
import { defaultAbandonWindowMs } from './abandonment.ts';
import type { KnownFacts } from './gate-facts.ts';
import { dialledAs, dialsByMachine, type GatePath, type GateRequest } from './gate.ts';
import { placesOf, type RuleCatalogue } from './rules/catalogue.ts';
import type { Facts } from './rules/facts.ts';
import { compileRuleSet, isInUs, type RuleSet } from './rules/rule-set.ts';
import { bearsOn, type Suspension } from './suspensions/suspension.ts';
import { isDialable } from './zones/number-zones.ts';
import { plausibleZones, rulesOfZones } from './zones/plausible-zones.ts';

/** Everything `evaluate` needs for one call, at whatever instant. */
export interface Judged {
  readonly rules: readonly RuleSet[];
  readonly given: Facts;
  readonly zones: readonly string[];
  readonly zoneRules: readonly ZoneRules[];
  /** Those in force that bear on the call. */
  readonly suspensions: readonly Suspension[];
}

export type Judge = (
  request: GateRequest,
  known: KnownFacts,
  catalogue: RuleCatalogue,
) => Judged | { readonly missing: string };

/** Brings what is known of a call into the form that rules look at; `missing` is a rule set that is not there. */
export function createJudge(): Judge {
  const hoursOf = createHoursCache();
  return (asked, known, catalogue) => {
    const request = { ...asked, path: dialledAs(asked.path, known.campaign) };
    const automated = dialsByMachine(request.path);
    const law = lawFor(request, known, automated, catalogue);
    if (typeof law === 'string') return { missing: law };
    const counts = law.some(({ countsHungUpOn }) => countsHungUpOn);
    const rules = known.campaign ? [...law, hoursOf(known.campaign, counts)] : law;
    const zones = plausibleZones(request.e164, known.addressRegion);
    const zoneRules = rulesOfZones(zones);
    const suspensions = suspensionsOn(request, known, rules);
    return {
      ...{ rules, zones, suspensions, zoneRules },
      given: givenFacts(request, known, { ...{ rules, automated, suspensions }, zoneRules }),
    };
  };
}

/** The rule sets of the law, or the name of one that is not there. */
function lawFor(
  request: GateRequest,
  known: KnownFacts,
  automated: boolean,
  catalogue: RuleCatalogue,
): readonly RuleSet[] | string {
  const named = known.campaign?.ruleSet;
  if (!named) return catalogue.choose(request.e164, known.addressRegion, automated);
  const rules: RuleSet[] = [];
  for (const name of named.split('+').map((part) => part.trim())) {
    const found = catalogue.get(name);
    if (!found) return name;
    rules.push(found);
  }
  return rules;
}

/** A campaign's hours and cap as one more rule set, compiled once for each version of them; its cap counts as the law does. */
function createHoursCache(): (
  campaign: NonNullable<KnownFacts['campaign']>,
  countsHungUpOn: boolean,
) => RuleSet {
  const compiled = new Map<string, { key: string; rules: RuleSet }>();
  return (campaign, countsHungUpOn) => {
    const which = `${campaign.id} ${countsHungUpOn}`;
    const key = `${campaign.abandonCap} ${JSON.stringify(campaign.hours)}`;
    const hit = compiled.get(which);
    if (hit?.key === key) return hit.rules;
    const rules = compileRuleSet(`campaign.${campaign.id}`, {
      windows: campaign.hours,
      abandon_cap: campaign.abandonCap,
      ...(countsHungUpOn && { abandon_counts_amd_errors: true }),
      source: 'hours of the campaign',
      confidence: 'policy',
    });
    compiled.set(which, { key, rules });
    return rules;
  };
}

const kindOfPath: Record<GatePath, string> = {
  predictive: 'predictive_telemarketing',
  power: 'power_telemarketing',
  greeting: 'prerecorded_telemarketing',
  progressive: 'live_telemarketing',
  preview: 'live_telemarketing',
  manual: 'live_telemarketing',
  callback: 'live_telemarketing',
  transfer: 'live_telemarketing',
  api: 'live_telemarketing',
};

/** The attempt cap binds whoever dials by list; a promise made to the customer and a person's own choice it does not. */
const beyondAttemptCap: ReadonlySet<GatePath> = new Set(['callback', 'manual', 'transfer']);

function givenFacts(
  request: GateRequest,
  known: KnownFacts,
  {
    rules,
    automated,
    suspensions,
    zoneRules,
  }: Pick<Judged, 'rules' | 'suspensions' | 'zoneRules'> & { automated: boolean },
): Facts {
  const special = known.campaign?.ruleSet ? rules.find(({ form }) => form.kind)?.form.kind : undefined;
  const inUs = [...placesOf(request.e164, known.addressRegion)].some(isInUs);
  const usCall = inUs || rules.some(({ ofUs }) => ofUs);
  const { consents, scrub, ledger } = known;
  const isRecorded = request.path === 'greeting';
  const needsWriting = isRecorded && usCall && !special;
  return {
    // To hand a customer on to somebody of the house sells that one nothing.
    kind: special ?? (known.partner ? 'service_call' : kindOfPath[request.path]),
    automated,
    inUs,
    numberValid: isDialable(request.e164),
    dncInternal: known.dnc !== null,
    dncNational: scrub.listed,
    dncScrubbedOn: scrub.scrubbedOn === null ? undefined : parseDay(scrub.scrubbedOn),
    dncUncovered: scrub.uncovered,
    lastTransactionOn: dayOf(ledger.transactionAt, zoneRules),
    lastInquiryOn: dayOf(ledger.inquiryAt, zoneRules),
    reassigned: reassigned(known, zoneRules),
    suspended: suspensions.some(({ everyone }) => everyone),
    emergencyActive: suspensions.length > 0,
    consent: consents.includes('revoked') ? 'revoked' : consents[0],
    extraConsents: consents.slice(1),
    optInWritten: ledger.optInWritten,
    requiresWrittenConsent: needsWriting,
    requiresOptIn: isRecorded && !needsWriting,
    abandonment: known.lawAbandonments?.get(defaultAbandonWindowMs) ?? known.abandonment ?? undefined,
    lawAbandonments: known.lawAbandonments ?? undefined,
    campaignAbandonment: known.abandonment ?? undefined,
    attemptsExhausted: attemptsExhausted(request, known),
    // One number takes everybody who is handed on to it: caps on how often a person is called do not bear on it.
    ...(known.partner
      ? { attempts: [], numberAttempts: [] }
      : {
          attempts: known.attempts,
          numberAttempts: known.numberAttempts,
          conversationAt: known.conversationAt,
        }),
    refusedAt: known.refusedAt,
    lastAbandonedAt: known.lastAbandonedAt,
  };
}

function suspensionsOn({ e164 }: GateRequest, known: KnownFacts, rules: readonly RuleSet[]) {
  if (known.suspensions.length === 0) return [];
  const { addressRegion } = known;
  const places = placesOf(e164, addressRegion);
  const ruleSets = rules.map(({ name }) => name);
  return known.suspensions.filter((one) => bearsOn(one, { places, addressRegion, ruleSets }));
}

/** Given back since the last thing that shows whose number it is: a consent, a talk, or the customer's first day. */
function reassigned(
  { scrub, ledger, conversationAt, customerSince }: KnownFacts,
  zones: readonly ZoneRules[],
): boolean {
  if (scrub.reassignedOn === null) return false;
  const known = ledger.givenAt ?? conversationAt ?? customerSince;
  return known !== null && scrub.reassignedOn >= earliestDay(zones, known);
}

const dayOf = (at: number | null, zones: readonly ZoneRules[]): number | undefined =>
  at === null ? undefined : earliestDay(zones, at);

function attemptsExhausted({ path }: GateRequest, { campaign, lead }: KnownFacts): boolean {
  if (!campaign || !lead || lead.promised || beyondAttemptCap.has(path)) return false;
  // A lead that is being dialled has this very attempt counted already.
  return lead.dialing ? lead.attempts > campaign.maxAttempts : lead.attempts >= campaign.maxAttempts;
}
