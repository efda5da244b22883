import { byPrecedence, type BlockReason } from '../reason.ts';
import { evaluate } from '../rules/evaluate.ts';
import type { RuleSet } from '../rules/rule-set.ts';
import { plausibleZones, rulesOfZones } from '../zones/plausible-zones.ts';
import { readFacts, readInstant } from './replay-facts.ts';
import { explain, isObject, readRuleSet, type Warn } from './replay-rules.ts';

/** One line of the contract. */
export interface ReplayedVector {
  readonly id: string | number;
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

/** A rule set of the file, or why it cannot be used; with what was left out of it. */
interface ReadRules {
  readonly rules: RuleSet | string;
  /** Not told yet. */
  readonly warnings: string[];
}

/**
 * Evaluates each vector of a file of rule sets and vectors. What a vector says it expects is not looked at. What is not
 * understood never leads to a call: it is told, and blocks where the decision rests on it.
 * @throws ReplayFileError when the text is no such file; a vector without an id is a line with `ok: false`.
 */
export function* replay(text: string): Generator<ReplayLine> {
  const { ruleSets: written, vectors } = readFile(text);
  const ruleSets = new Map(Object.entries(written).map(([name, form]) => [name, readRules(name, form)]));
  for (const [index, vector] of vectors.entries()) {
    const id = isObject(vector) ? vector.id : undefined;
    if (!isObject(vector) || ((typeof id !== 'string' || id === '') && typeof id !== 'number')) {
      yield { ok: false, error: `vector number ${index + 1}: id is missing` };
      continue;
    }
    const warnings: string[] = [];
    const result = replayVector(vector as Vector, ruleSets, (words) => warnings.push(`vector ${id}: ${words}`)); // prettier-ignore
    yield { ok: true, result, warnings };
  }
}

type Vector = Record<string, unknown> & { readonly id: string | number };

function readFile(text: string): { ruleSets: Record<string, unknown>; vectors: readonly unknown[] } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ReplayFileError(`is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(json) || !isObject(json.rule_sets) || !Array.isArray(json.vectors))
    throw new ReplayFileError('must hold rule_sets and vectors');
  return { ruleSets: json.rule_sets, vectors: json.vectors };
}

function readRules(name: string, form: unknown): ReadRules {
  const warnings: string[] = [];
  try {
    const rules = readRuleSet(name, form, (words) => warnings.push(`of rule set "${name}" ${words}`));
    return { rules, warnings };
  } catch (error) {
    return { rules: `rule set "${name}" cannot be used: ${explain(error)}`, warnings };
  }
}

/** Those that can be used, and whether all can. */
function rulesFor(
  names: unknown,
  ruleSets: ReadonlyMap<string, ReadRules>,
  warn: Warn,
): { rules: RuleSet[]; isWhole: boolean } {
  const written = typeof names === 'string' ? names.split('+').map((name) => name.trim()) : [];
  if (written.length === 0) warn('rule_set is missing');
  const rules: RuleSet[] = [];
  for (const name of written) {
    const found = ruleSets.get(name);
    found?.warnings.splice(0).forEach(warn);
    if (!found) warn(`rule set "${name}" is not in the file`);
    else if (typeof found.rules === 'string') warn(found.rules);
    else rules.push(found.rules);
  }
  return { rules, isWhole: written.length > 0 && rules.length === written.length };
}

function replayVector(vector: Vector, ruleSets: ReadonlyMap<string, ReadRules>, warn: Warn): ReplayedVector {
  const { rules, isWhole } = rulesFor(vector.rule_set, ruleSets, warn);
  const zones = readZones(vector, warn);
  const instant = readInstant(vector.instant_utc);
  if (instant === null) warn('instant_utc must be an instant with its offset, as 2026-11-23T13:00:00Z');
  const at = instant ?? 0;
  const zoneRules = rulesOfZones(zones);
  const isRead = vector.context == null || isObject(vector.context);
  if (!isRead) warn('context is not an object: nothing is known of the call');
  const context = isObject(vector.context) ? vector.context : {};
  const facts = readFacts(vector.number_e164, vector.campaign_kind, context, { zones: zoneRules, rules, at }, warn); // prettier-ignore
  const { decision, reasonCode, nextAllowedAt, opensAt } = evaluate(rules, zoneRules, facts, at);
  if (!isWhole || instant === null || !isRead) return { id: vector.id, ...unknown(reasonCode), zones };
  const next = nextAllowedAt ?? opensAt ?? null;
  return {
    id: vector.id,
    decision,
    reason_code: reasonCode,
    next_allowed_utc: next === null ? null : isoSeconds(next),
    zones,
  };
}

/** Stands whatever the rules are that cannot be read, and whenever the call is. */
function unknown(reason: string) {
  const certain = reason !== 'OK' && byPrecedence(reason as BlockReason, 'CONSENT_REVOKED') <= 0;
  const code = certain ? reason : 'FACTS_UNAVAILABLE';
  return { decision: 'block' as const, reason_code: code, next_allowed_utc: null };
}

function readZones({ number_e164: number, address_region: address }: Vector, warn: Warn): readonly string[] {
  const e164 = typeof number === 'string' ? number : '';
  if (e164 === '') warn('number_e164 is missing');
  if (address == null || typeof address === 'string') return plausibleZones(e164, address);
  warn('address_region is no text: nobody can say in which zone the call is');
  return [];
}

function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
