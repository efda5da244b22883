import { explain } from './explain.ts';
import type { PacingDecision, PacingFacts, PacingLimits, PacingReason, PacingSettings } from './types.ts';

type Limit = NonNullable<PacingFacts['limit']>;

/** Puts the settings' and the caller's limits on what pacing asks for, and says which of them bound. */
export function limited(
  settings: PacingSettings,
  wanted: number,
  code: PacingReason,
  facts: PacingFacts,
  limits: PacingLimits,
): PacingDecision {
  let launch = Math.max(0, Math.floor(wanted));
  let because: PacingReason = launch === 0 && code === 'pacing' ? 'enough-ringing' : code;
  if (facts.agents === 0) because = 'no-agents';
  if (code === 'budget-spent') facts.limit = 'budget';
  const atMost = (count: number | undefined, limit: Limit, why: PacingReason): void => {
    if (count === undefined || Number.isNaN(count)) return;
    const room = Math.max(0, Math.floor(count));
    if (launch <= room) return;
    launch = room;
    facts.limit = limit;
    because = why;
  };
  const lines = Math.floor(settings.maxLinesPerAgent * facts.agents);
  atMost(lines - facts.ringing - facts.waiting, 'lines-per-agent', 'lines-per-agent');
  atMost(limits.lines, 'lines', 'no-lines');
  atMost(limits.leads, 'leads', 'no-leads');
  const fellBack = code === 'budget-spent' || code === 'no-gain';
  const mode = fellBack ? 'progressive' : settings.mode;
  return { launch, mode, code: because, reason: explain(because, launch, facts), facts };
}
