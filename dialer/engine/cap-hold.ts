import type { PacingDecision } from '../pacing/index.ts';

/** So long one line for each free agent, until the gate is asked again whether more are lawful. */
export const capHoldMs = 60_000;

/**
 * What may be done of a decision when too many calls of the campaign were abandoned: not one more may be dialled ahead
 * of a free agent. With one, calls go on, as progressive ones.
 */
export function heldToCap(decision: PacingDecision): PacingDecision {
  if (decision.mode === 'progressive') return decision;
  const { facts } = decision;
  const steady = Math.max(0, facts.idle - facts.waiting - facts.ringing);
  return {
    ...decision,
    launch: Math.min(decision.launch, steady),
    mode: 'progressive',
    code: 'budget-spent',
    facts: { ...facts, limit: 'budget' },
  };
}
