import type { GateRequest } from '../gate.ts';
import type { Judge, Judged } from '../judge.ts';
import { isForGood, outlookOf } from '../outlook.ts';
import type { ReasonCode } from '../reason.ts';
import type { RuleCatalogue } from '../rules/catalogue.ts';
import { blockReason, evaluate, type Decision } from '../rules/evaluate.ts';
import type { AskedNumber } from './look-ahead.ts';

/** A number of a lead, ready to be asked about at any instant; without rules no answer can be had. */
export interface LeadNumber {
  readonly request: GateRequest;
  readonly judged: Judged | null;
}

export interface ChosenNumber extends LeadNumber {
  readonly decision: Decision;
}

const unknown: Decision = { decision: 'block', reasonCode: 'FACTS_UNAVAILABLE', nextAllowedAt: null };

export function judgedNumbers(
  numbers: readonly AskedNumber[],
  judge: Judge,
  catalogue: RuleCatalogue,
): LeadNumber[] {
  return numbers.map(({ request, known }) => {
    const judged = judge(request, known, catalogue);
    return { request, judged: 'missing' in judged ? null : judged };
  });
}

/** The number that the dialer would take: the first that may be called at some time, else the first of all. */
export function chosenAt(numbers: readonly LeadNumber[], at: number): ChosenNumber {
  let first: ChosenNumber | null = null;
  for (const number of numbers) {
    const { judged } = number;
    const decision = judged ? evaluate(judged.rules, judged.zoneRules, judged.given, at) : unknown;
    if (outlookOf(decision) !== 'never') return { ...number, decision };
    first ??= { ...number, decision };
  }
  return first!;
}

/** What stands against calling the lead at an instant, by whichever number the dialer would take then. */
export function reasonAt(numbers: readonly LeadNumber[], at: number): ReasonCode {
  let first: ReasonCode | null = null;
  for (const { judged } of numbers) {
    const reason = judged
      ? (blockReason(judged.rules, judged.zoneRules, judged.given, at) ?? 'OK')
      : 'FACTS_UNAVAILABLE';
    if (!isForGood(reason)) return reason;
    first ??= reason;
  }
  return first!;
}
