import { createHash } from 'node:crypto';
import type { App } from '../../core/app.ts';
import { dayMs, formatLocal, parseDay } from '../../core/time/local-day.ts';
import { zoneDataVersion } from '../../core/time/zone-rules.ts';
import { createGateFacts } from './compliance-store.ts';
import type { GateFacts, KnownFacts } from './gate-facts.ts';
import {
  dialsByMachine,
  type Gate,
  type GatePath,
  type GateRequest,
  type Outlook,
  type Verdict,
} from './gate.ts';
import type { ReasonCode } from './reason.ts';
import { createLateCheck } from './late-check.ts';
import { loadCatalogue, placesOf, type RuleCatalogue } from './rules/catalogue.ts';
import { evaluate, type Decision } from './rules/evaluate.ts';
import type { Facts } from './rules/facts.ts';
import { compileRuleSet, type RuleSet } from './rules/rule-set.ts';
import type { ScrubIndex } from './scrubs/scrub-index.ts';
import { bearsOn } from './suspensions/suspension.ts';
import { createVerdictStore, type VerdictStore } from './verdict-store.ts';
import { isDialable } from './zones/number-zones.ts';
import { plausibleZones, rulesOfZones } from './zones/plausible-zones.ts';

export interface GateParts {
  readonly catalogue?: RuleCatalogue;
  readonly facts?: GateFacts;
  /** Official lists in memory, for a process that dials; the database's pages where not given. */
  readonly scrubs?: ScrubIndex;
  readonly verdicts?: Pick<VerdictStore, 'save'>;
  /** A database that has not answered by then counts as gone. */
  readonly answerWithinMs?: number;
}

const answerWithinMs = 3_000;
const longestVersion = 191;
/** A person hears silence meanwhile. */
const connectWithinMs = 500;

/** What ends a call that is answered already. */
const forbidding: ReadonlySet<ReasonCode> = new Set([
  'DNC_INTERNAL',
  'CONSENT_REVOKED',
  'DNC_NATIONAL',
  'CONSENT_MISSING',
  'EMERGENCY_SUPPRESSION',
]);

/** The gate of one process. Reads its rule sets once; throws when they cannot be used. */
export function createGate(app: Pick<App, 'db' | 'bus' | 'clock' | 'log'>, parts: GateParts = {}): Gate {
  const catalogue = parts.catalogue ?? loadCatalogue();
  const facts = parts.facts ?? createGateFacts(app, { scrubs: parts.scrubs });
  const verdicts = parts.verdicts ?? createVerdictStore(app);
  const patience = parts.answerWithinMs ?? answerWithinMs;
  const hoursOf = createHoursCache();
  const changedSince = createLateCheck(app);

  async function mayCallMany(requests: readonly GateRequest[]): Promise<Verdict[]> {
    if (requests.length === 0) return [];
    const now = app.clock.now();
    try {
      const known = await inTime(facts.of(requests, now), patience);
      const answers = requests.map((request, index) => ({
        request,
        verdict: decide(request, known[index] ?? null, now),
      }));
      // Without its evidence no answer stands: a call that cannot be shown to be lawful is not made.
      await inTime(verdicts.save(answers), patience);
      return answers.map(({ verdict }) => verdict);
    } catch (error) {
      app.log.error(
        { err: error, requests: requests.length },
        'gate closed: facts or evidence not available',
      );
      return requests.map(() => unavailable(now, { cause: 'database' }));
    }
  }

  function decide(request: GateRequest, known: KnownFacts | null, now: number): Verdict {
    if (!known) return unavailable(now, { cause: 'unknown campaign, lead or customer' });
    const automated = dialsByMachine(request.path);
    const law = lawFor(request, known, automated);
    if (typeof law === 'string') return unavailable(now, { cause: 'unknown rule set', ruleSet: law });
    const rules = known.campaign ? [...law, hoursOf(known.campaign)] : law;
    const given = givenFacts(request, known, rules, automated);
    const zones = plausibleZones(request.e164, known.addressRegion);
    const zoneRules = rulesOfZones(zones);
    const decision = evaluate(rules, zoneRules, given, now);
    return {
      ...decision,
      allowed: decision.decision === 'allow',
      outlook: outlookOf(decision),
      zones,
      ruleSet: rules.map(({ name }) => name).join('+'),
      ruleVersion: versionOf(rules),
      facts: {
        kind: given.kind,
        ruleSet: rules.map(({ name }) => name).join('+'),
        zones,
        local: Object.fromEntries(zoneRules.map((zone) => [zone.name, formatLocal(zone, now)])),
        zoneData: zoneDataVersion,
        addressRegion: known.addressRegion,
        consents: known.consents,
        consentLines: known.ledger.ids,
        nationalList: known.scrub.listed,
        scrubbedOn: known.scrub.scrubbedOn,
        scrubUncovered: known.scrub.uncovered,
        reassigned: given.reassigned ?? false,
        suspensions: suspensionsOn(request, known, rules).map(({ id }) => id),
        dnc: known.dnc && { id: known.dnc.id, campaignId: known.dnc.campaignId, addedAt: known.dnc.addedAt },
        attempts: known.attempts.length,
        numberAttempts: known.numberAttempts.length,
        conversationAt: known.conversationAt ?? null,
        refusedAt: known.refusedAt ?? null,
        lastAbandonedAt: known.lastAbandonedAt ?? null,
        abandonment: known.abandonment,
        lead: known.lead && { ...known.lead, maxAttempts: known.campaign?.maxAttempts ?? null },
      },
      at: now,
    };
  }

  /** The rule sets of the law, or the name of one that is not there. */
  function lawFor(request: GateRequest, known: KnownFacts, automated: boolean): readonly RuleSet[] | string {
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

  return {
    mayCallMany,
    async mayCall(request) {
      const [verdict] = await mayCallMany([request]);
      return verdict as Verdict;
    },
    async mayConnect(request) {
      try {
        if (!(await inTime(changedSince(request, app.clock.now()), connectWithinMs))) return true;
      } catch (error) {
        app.log.warn({ err: error, call: request.callId }, 'an answered call could not be looked at again');
        return true;
      }
      const [verdict] = await mayCallMany([{ ...request, stage: 'connect' }]);
      return !verdict || verdict.allowed || !forbidding.has(verdict.reasonCode);
    },
  };
}

/** A campaign's hours as one more rule set, compiled once for each version of them. */
function createHoursCache(): (campaign: NonNullable<KnownFacts['campaign']>) => RuleSet {
  const compiled = new Map<number, { key: string; rules: RuleSet }>();
  return (campaign) => {
    const key = `${campaign.abandonCap} ${JSON.stringify(campaign.hours)}`;
    const hit = compiled.get(campaign.id);
    if (hit?.key === key) return hit.rules;
    const rules = compileRuleSet(`campaign.${campaign.id}`, {
      windows: campaign.hours,
      abandon_cap: campaign.abandonCap,
      source: 'hours of the campaign',
      confidence: 'policy',
    });
    compiled.set(campaign.id, { key, rules });
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
  rules: readonly RuleSet[],
  automated: boolean,
): Facts {
  const special = rules.find(({ form }) => form.kind)?.form.kind;
  const usCall = rules.some(({ name }) => name.startsWith('us.'));
  const { consents, scrub, ledger } = known;
  const suspensions = suspensionsOn(request, known, rules);
  return {
    kind: special ?? kindOfPath[request.path],
    automated,
    numberValid: isDialable(request.e164),
    dncInternal: known.dnc !== null,
    dncNational: scrub.listed,
    dncScrubbedOn: scrub.scrubbedOn === null ? undefined : parseDay(scrub.scrubbedOn),
    dncUncovered: scrub.uncovered,
    lastTransactionOn: dayOf(ledger.transactionAt),
    lastInquiryOn: dayOf(ledger.inquiryAt),
    reassigned: reassigned(known),
    suspended: suspensions.some(({ everyone }) => everyone),
    emergencyActive: suspensions.length > 0,
    consent: consents.includes('revoked') ? 'revoked' : consents[0],
    extraConsents: consents.slice(1),
    requiresWrittenConsent: request.path === 'greeting' && usCall && !special,
    abandonment: known.abandonment ?? undefined,
    attemptsExhausted: attemptsExhausted(request, known),
    attempts: known.attempts,
    numberAttempts: known.numberAttempts,
    conversationAt: known.conversationAt,
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
function reassigned({ scrub, ledger, conversationAt, customerSince }: KnownFacts): boolean {
  if (scrub.reassignedOn === null) return false;
  const known = ledger.givenAt ?? conversationAt ?? customerSince;
  return known !== null && scrub.reassignedOn >= Math.floor(known / dayMs);
}

/** The day in UTC: where it is yesterday's, a relationship ends a day too early and never too late. */
function dayOf(at: number | null): number | undefined {
  return at === null ? undefined : Math.floor(at / dayMs);
}

function attemptsExhausted({ path }: GateRequest, { campaign, lead }: KnownFacts): boolean {
  if (!campaign || !lead || beyondAttemptCap.has(path)) return false;
  // A lead that is being dialled has this very attempt counted already.
  return lead.dialing ? lead.attempts > campaign.maxAttempts : lead.attempts >= campaign.maxAttempts;
}

const passing: ReadonlySet<ReasonCode> = new Set([
  'FACTS_UNAVAILABLE',
  'DNC_SCRUB_STALE',
  'EMERGENCY_SUPPRESSION',
  'ABANDON_RATE_EXCEEDED',
]);

function outlookOf({ decision, reasonCode, nextAllowedAt }: Decision): Outlook {
  if (decision === 'allow') return 'clear';
  if (nextAllowedAt !== null) return 'later';
  return passing.has(reasonCode) ? 'uncertain' : 'never';
}

function unavailable(at: number, facts: Record<string, unknown>): Verdict {
  return {
    decision: 'block',
    allowed: false,
    reasonCode: 'FACTS_UNAVAILABLE',
    nextAllowedAt: null,
    outlook: 'uncertain',
    zones: [],
    ruleSet: '',
    ruleVersion: '',
    facts,
    at,
  };
}

function versionOf(rules: readonly RuleSet[]): string {
  const text = rules.map(({ name, version }) => `${name}@${version}`).join('+');
  if (text.length <= longestVersion) return text;
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the database did not answer within ${ms} ms`)), ms);
  });
  work.catch(() => {}); // A late failure has been reported as a time-out already.
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
