import { z } from 'zod';
import { parseDay } from '../../core/time/local-day.ts';
import { evaluate } from './rules/evaluate.ts';
import type { Facts } from './rules/facts.ts';
import { compileRuleSet, type RuleSet } from './rules/rule-set.ts';
import { isDialable } from './zones/number-zones.ts';
import { plausibleZones, rulesOfZones } from './zones/plausible-zones.ts';

const instant = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
    'must be an instant with its offset, as 2026-11-23T13:00:00Z',
  )
  .transform((text, context) => {
    const ms = Date.parse(text);
    if (Number.isNaN(ms)) context.addIssue('must be an instant with its offset, as 2026-11-23T13:00:00Z');
    return ms;
  });
const day = z.string().transform((text, context) => {
  try {
    return parseDay(text);
  } catch {
    context.addIssue('must be a calendar date YYYY-MM-DD');
    return z.NEVER;
  }
});
const count = z.number().int().min(0);

const contextForm = z.looseObject({
  dnc_internal: z.boolean().optional(),
  dnc_requested_at: instant.optional(),
  dnc_national: z.boolean().optional(),
  dnc_scrubbed_on: day.optional(),
  consent: z.string().nullish(),
  extra_consents: z.array(z.string()).optional(),
  requires_consent: z.boolean().optional(),
  requires_pewc: z.boolean().optional(),
  line_type: z.string().optional(),
  rnd: z.string().optional(),
  emergency_active: z.boolean().optional(),
  abandon_30d: z
    .tuple([count, count])
    .refine(([abandoned, live]) => abandoned <= live, 'must be [abandoned, live answers]')
    .optional(),
  carrier_blocked_region: z.boolean().optional(),
  last_transaction_on: day.optional(),
  last_inquiry_on: day.optional(),
  attempts: z.array(instant).optional(),
  conversation_at: instant.optional(),
  refused_at: instant.optional(),
  last_abandoned_at: instant.optional(),
});

const vectorForm = z.looseObject({
  id: z.string().min(1),
  number_e164: z.string(),
  address_region: z.string().nullish(),
  campaign_kind: z.string(),
  rule_set: z.string().min(1),
  instant_utc: instant,
  context: contextForm.optional(),
});
type Vector = z.infer<typeof vectorForm>;

const fileForm = z.looseObject({
  rule_sets: z.record(z.string(), z.unknown()),
  vectors: z.array(z.unknown()),
});

/** One line of the contract. */
export interface ReplayedVector {
  readonly id: string;
  readonly decision: 'allow' | 'block';
  readonly reason_code: string;
  readonly next_allowed_utc: string | null;
  readonly zones: readonly string[];
}

export type ReplayLine =
  | { readonly ok: true; readonly result: ReplayedVector; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly error: string };

/** The file as a whole cannot be used. */
export class ReplayFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReplayFileError';
  }
}

/**
 * Evaluates each vector of a file of rule sets and vectors. What a vector says it expects is not looked at.
 * @throws ReplayFileError when the text is no such file; a bad vector or rule set is a line with `ok: false`.
 */
export function* replay(text: string): Generator<ReplayLine> {
  const file = readFile(text);
  const ruleSets = new Map<string, RuleSet | string>();
  for (const [name, form] of Object.entries(file.rule_sets)) {
    try {
      ruleSets.set(name, compileRuleSet(name, form));
    } catch (error) {
      ruleSets.set(name, explain(error));
    }
  }
  for (const [index, written] of file.vectors.entries()) {
    const parsed = vectorForm.safeParse(written);
    const id = (written as { id?: unknown } | null)?.id;
    const label = typeof id === 'string' ? `vector ${id}` : `vector number ${index + 1}`;
    if (!parsed.success) {
      yield { ok: false, error: `${label}: ${explain(parsed.error)}` };
      continue;
    }
    const rules = rulesFor(parsed.data.rule_set, ruleSets);
    if (typeof rules === 'string') yield { ok: false, error: `${label}: ${rules}` };
    else
      yield { ok: true, result: replayVector(parsed.data, rules), warnings: warningsOf(parsed.data, label) };
  }
}

function readFile(text: string): z.infer<typeof fileForm> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ReplayFileError(`is not JSON: ${(error as Error).message}`);
  }
  const parsed = fileForm.safeParse(json);
  if (!parsed.success) throw new ReplayFileError(`must hold rule_sets and vectors: ${explain(parsed.error)}`);
  return parsed.data;
}

function rulesFor(names: string, ruleSets: ReadonlyMap<string, RuleSet | string>): RuleSet[] | string {
  const found: RuleSet[] = [];
  for (const name of names.split('+').map((part) => part.trim())) {
    const rules = ruleSets.get(name);
    if (rules === undefined) return `rule set "${name}" is not in the file`;
    if (typeof rules === 'string') return `rule set "${name}" cannot be used: ${rules}`;
    found.push(rules);
  }
  return found;
}

function replayVector(vector: Vector, rules: readonly RuleSet[]): ReplayedVector {
  const zones = plausibleZones(vector.number_e164, vector.address_region);
  const decision = evaluate(rules, rulesOfZones(zones), factsOf(vector), vector.instant_utc);
  return {
    id: vector.id,
    decision: decision.decision,
    reason_code: decision.reasonCode,
    next_allowed_utc: decision.nextAllowedAt === null ? null : isoSeconds(decision.nextAllowedAt),
    zones,
  };
}

function factsOf({ number_e164, campaign_kind, context = {} }: Vector): Facts {
  const [abandoned, live] = context.abandon_30d ?? [];
  return {
    kind: campaign_kind,
    numberValid: isDialable(number_e164),
    dncInternal: context.dnc_internal,
    dncNational: context.dnc_national,
    dncScrubbedOn: context.dnc_scrubbed_on,
    consent: context.consent ?? undefined,
    extraConsents: context.extra_consents,
    requiresConsent: context.requires_consent,
    requiresWrittenConsent: context.requires_pewc,
    reassigned: context.rnd === 'yes',
    emergencyActive: context.emergency_active,
    abandonment:
      abandoned === undefined || live === undefined ? undefined : { abandoned, connected: live - abandoned },
    destinationBlocked: context.carrier_blocked_region,
    lastTransactionOn: context.last_transaction_on,
    lastInquiryOn: context.last_inquiry_on,
    attempts: context.attempts,
    conversationAt: context.conversation_at,
    refusedAt: context.refused_at,
    lastAbandonedAt: context.last_abandoned_at,
  };
}

function warningsOf({ context = {} }: Vector, label: string): string[] {
  const unknown = Object.keys(context).filter((key) => !(key in contextForm.shape));
  return unknown.map((key) => `${label}: context "${key}" is unknown and was not considered`);
}

function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

function explain(error: unknown): string {
  if (!(error instanceof z.ZodError)) return error instanceof Error ? error.message : String(error);
  return error.issues
    .map(({ path, message }) => {
      const words = message.endsWith('received undefined') ? 'is missing' : message;
      return `${path.join('.') || 'value'} ${words}`;
    })
    .join('; ');
}
