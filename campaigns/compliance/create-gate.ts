import { createHash } from 'node:crypto';
import type { App } from '../../core/app.ts';
import { dayMs, formatLocal } from '../../core/time/local-day.ts';
import { zoneDataVersion } from '../../core/time/zone-rules.ts';
import { defaultAbandonWindowMs } from './abandonment.ts';
import { answeredWithin, createPatience, tellWhenSlow, TooSlow } from './answered-within.ts';
import { createGateFacts } from './compliance-store.ts';
import type { GateFacts, KnownFacts } from './gate-facts.ts';
import type { Gate, GateRequest, Verdict } from './gate.ts';
import { createJudge, type Judged } from './judge.ts';
import type { BlockReason, ReasonCode } from './reason.ts';
import { connectWithinMs, createLateCheck } from './late-check.ts';
import { isByHand, overrideFor, type Override } from './overrides/override.ts';
import { outlookOf, passing } from './outlook.ts';
import { createOverrideStore } from './overrides/override-store.ts';
import { createRuleBook, fixedRules, type RuleBook } from './rulebook/rule-book.ts';
import type { RuleCatalogue } from './rules/catalogue.ts';
import { allGrounds, evaluate, type Decision } from './rules/evaluate.ts';
import { holdsUntil } from './rules/holds-until.ts';
import type { RuleSet } from './rules/rule-set.ts';
import type { ScrubIndex } from './scrubs/scrub-index.ts';
import { createVerdictStore, type VerdictStore } from './verdict-store.ts';

export interface GateParts {
  readonly catalogue?: RuleCatalogue;
  readonly facts?: GateFacts;
  /** Official lists in memory, for a process that dials; the database's pages where not given. */
  readonly scrubs?: ScrubIndex;
  readonly verdicts?: Pick<VerdictStore, 'save'>;
  /** Answers what would be, for looking ahead: nothing is kept and no override is used up. */
  readonly dry?: boolean;
  /** A database that has not answered by then counts as gone. */
  readonly answerWithinMs?: number;
}

const answerWithinMs = 3_000;
const longestVersion = 191;

/** What ends a call that is answered already. */
const forbidding: ReadonlySet<ReasonCode> = new Set([
  'DNC_INTERNAL',
  'CONSENT_REVOKED',
  'DNC_NATIONAL',
  'CONSENT_MISSING',
  'EMERGENCY_SUPPRESSION',
]);

/** The gate of one process. Throws when the shipped rule sets cannot be used. */
export function createGate(app: Pick<App, 'db' | 'bus' | 'clock' | 'log'>, parts: GateParts = {}): Gate {
  const rules: RuleBook = parts.catalogue ? fixedRules(parts.catalogue) : createRuleBook(app);
  const judge = createJudge();
  const overrides = createOverrideStore(app);
  const facts = parts.facts ?? createGateFacts(app, { scrubs: parts.scrubs });
  const verdicts = parts.dry ? { save: async () => {} } : (parts.verdicts ?? createVerdictStore(app));
  const patience = parts.answerWithinMs ?? answerWithinMs;
  const changedSince = createLateCheck(app);

  async function mayCallMany(requests: readonly GateRequest[]): Promise<Verdict[]> {
    if (requests.length === 0) return [];
    const now = app.clock.now();
    const { within, stop } = createPatience(patience);
    try {
      const catalogue = await within(rules.at(now));
      const known = await within(facts.of(requests, now, catalogue));
      const answers = requests.map((request, index) => ({
        request,
        verdict: decide(request, known[index] ?? null, now, catalogue),
      }));
      if (!parts.dry) await within(takeOverrides(answers, now));
      // Without its evidence no answer stands: a call that cannot be shown to be lawful is not made.
      await within(verdicts.save(answers));
      return answers.map(({ verdict }) => verdict);
    } catch (error) {
      app.log.error(
        { err: error, requests: requests.length },
        'gate closed: facts or evidence not available',
      );
      const cause = error instanceof TooSlow ? 'database-slow' : 'database';
      return requests.map(() => unavailable(now, { cause }));
    } finally {
      stop();
    }
  }

  function decide(
    request: GateRequest,
    known: KnownFacts | null,
    now: number,
    catalogue: RuleCatalogue,
  ): Verdict {
    if (!known) return unavailable(now, { cause: 'unknown campaign, lead or customer' });
    const judged = judge(request, known, catalogue);
    if ('missing' in judged) return unavailable(now, { cause: 'unknown rule set', ruleSet: judged.missing });
    const { rules, given, zones, zoneRules, suspensions } = judged;
    const decision = evaluate(rules, zoneRules, given, now);
    const grounds = isByHand(request) ? groundsOf(decision, judged, now) : [];
    const override = overrideFor(request, known, grounds);
    const allowed = decision.decision === 'allow' || override !== null;
    return {
      ...(override ? { decision: 'allow', reasonCode: 'OK', nextAllowedAt: null } : decision),
      allowed,
      outlook: override ? 'clear' : outlookOf(decision),
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
        ...(known.partner && { partner: known.partner }),
        suspensions: suspensions.map(({ id }) => id),
        ...(grounds.length > 1 && { grounds }),
        ...(override && {
          override: { id: override.id, by: override.grantedBy, instead: decision.reasonCode },
        }),
        dnc: known.dnc && { id: known.dnc.id, campaignId: known.dnc.campaignId, addedAt: known.dnc.addedAt },
        lookBackMs: catalogue.lookBackMs,
        attempts: known.attempts.length,
        numberAttempts: known.numberAttempts.length,
        conversationAt: known.conversationAt ?? null,
        refusedAt: known.refusedAt ?? null,
        lastAbandonedAt: known.lastAbandonedAt ?? null,
        abandonment: known.abandonment,
        ...lawAbandonment(rules, known),
        lead: known.lead && { ...known.lead, maxAttempts: known.campaign?.maxAttempts ?? null },
      },
      at: now,
      goodUntil: allowed ? goodUntil(judged, known, override, now) : now,
    };
  }

  function goodUntil(
    { rules: ruleSets, zoneRules }: Judged,
    { ledger }: KnownFacts,
    override: Override | null,
    now: number,
  ): number {
    const clock = holdsUntil(ruleSets, zoneRules, now);
    const others = [rules.changesAt(now), ledger.changesAt, override?.expiresAt ?? null];
    return Math.min(clock, ...others.filter((at) => at !== null));
  }

  /** An override lets one call be dialled. Of two that want it at once one gets it, and the other is blocked. */
  async function takeOverrides(
    answers: { readonly request: GateRequest; verdict: Verdict }[],
    now: number,
  ): Promise<void> {
    for (const answer of answers) {
      const { request, verdict } = answer;
      const { override } = verdict.facts as { override?: { id: number; instead: ReasonCode } };
      if (!override || request.stage !== 'dial') continue;
      const use = { id: override.id, callId: request.callId ?? null, reasonCode: override.instead, now };
      if (await overrides.use(use)) continue;
      answer.verdict = {
        ...verdict,
        ...{ decision: 'block', allowed: false, reasonCode: override.instead, outlook: 'uncertain' },
        goodUntil: now,
      };
    }
  }

  return {
    mayCallMany,
    async mayCall(request) {
      const [verdict] = await mayCallMany([request]);
      return verdict as Verdict;
    },
    async mayConnect(request, slow = () => {}) {
      try {
        const changed = tellWhenSlow(changedSince(request, app.clock.now()), connectWithinMs, slow);
        if (!(await answeredWithin(changed, patience))) return 'yes';
      } catch (error) {
        app.log.warn({ err: error, call: request.callId }, 'an answered call could not be looked at again');
        return 'unknown';
      }
      const [verdict] = await mayCallMany([{ ...request, stage: 'connect' }]);
      if (!verdict || verdict.reasonCode === 'FACTS_UNAVAILABLE') return 'unknown';
      return verdict.allowed || !forbidding.has(verdict.reasonCode) ? 'yes' : 'no';
    },
  };
}

/** What will stand for good once hours and counts would let the call pass stands beyond them as well. */
function groundsOf(
  { decision, standsThen }: Decision,
  { rules, zoneRules, given }: Judged,
  now: number,
): BlockReason[] {
  if (decision === 'allow') return [];
  const then = standsThen && !passing.has(standsThen) ? [standsThen] : [];
  return [...allGrounds(rules, zoneRules, given, now), ...then];
}

/** Over the usual window of the law, and over those of rules that have another, by its days. */
function lawAbandonment(rules: readonly RuleSet[], { lawAbandonments }: KnownFacts) {
  const others = rules.flatMap(({ abandonWindowMs }) => {
    const counts = lawAbandonments?.get(abandonWindowMs);
    return counts && abandonWindowMs !== defaultAbandonWindowMs ? [[abandonWindowMs / dayMs, counts]] : [];
  });
  return {
    lawAbandonment: lawAbandonments?.get(defaultAbandonWindowMs) ?? null,
    ...(others.length > 0 && { lawAbandonmentByDays: Object.fromEntries(others) as object }),
  };
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
    goodUntil: at,
  };
}

function versionOf(rules: readonly RuleSet[]): string {
  const text = rules.map(({ name, version }) => `${name}@${version}`).join('+');
  if (text.length <= longestVersion) return text;
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
