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
  // Agents are lent to who has leads: without any, that nobody is here is no reason.
  if (facts.agents === 0) because = limits.leads === 0 ? 'no-leads' : 'no-agents';
  if (code === 'budget-spent') facts.limit = 'budget';
  const bind = (room: number | undefined, limit: Limit, why: PacingReason): void => {
    if (room === undefined || Number.isNaN(room) || launch <= Math.max(0, room)) return;
    launch = Math.max(0, Math.floor(room));
    facts.limit = limit;
    because = why;
  };
  const perAgent = Math.floor(settings.maxLinesPerAgent * facts.agents);
  bind(perAgent - facts.ringing - facts.waiting, 'lines-per-agent', 'lines-per-agent');
  bind(limits.lines, 'lines', 'no-lines');
  bind(limits.leads, 'leads', 'no-leads');
  const fellBack = code === 'budget-spent' || code === 'no-gain';
  const mode = fellBack ? 'progressive' : settings.mode;
  return { launch, mode, code: because, reason: explain(because, launch, facts), facts };
}
