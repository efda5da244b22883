/**
 * The law's abandonment formula, for gate, pacer and reports alike.
 * Source: 47 CFR 64.1200(a)(7), 16 CFR 310.4(b)(4): at most 3 % of live-answered calls, over 30 days, a campaign.
 */
export interface Abandonment {
  readonly abandoned: number;
  /** Live persons who were connected to an agent within the grace. */
  readonly connected: number;
  /** People hung up on as machines, by estimate: abandoned ones where the rules ask that they are. Not given: none, or not known. */
  readonly hungUpOn?: number;
}

/** As rules count that ask for an estimate of people taken for machines: among the abandoned, and so among the live answers. */
export function withHungUpOn({ abandoned, connected, hungUpOn = 0 }: Abandonment): Abandonment {
  return { abandoned: abandoned + hungUpOn, connected };
}

/** One live answer. Times are epoch milliseconds. */
export interface LiveAnswer {
  /** Since when the person has waited: the answer, or the end of detection where that listens first. */
  readonly liveAt: number;
  /** How long an agent may take: two seconds by the rules named above. */
  readonly graceMs: number;
}

/** An agent who joins at `at` comes too late: the call is an abandoned one, though the two may still talk. */
export function joinsTooLate({ liveAt, graceMs }: LiveAnswer, at: number): boolean {
  return at - liveAt > graceMs;
}

/**
 * Whether a live answer that met no agent, and ends at `at`, was abandoned. Whoever hangs up before the grace has run out
 * was not: no agent was due yet, and Ofcom counts only what the caller ends ("persistent misuse", 2016, A1). Such a call
 * is on neither side of the rate, so that it cannot lower it.
 */
export function abandonedByEnding(
  answer: LiveAnswer,
  at: number,
  by: 'agent' | 'customer' | 'system',
): boolean {
  return by !== 'customer' || joinsTooLate(answer, at);
}

export const defaultAbandonCap = 0.03;
export const defaultAbandonWindowMs = 30 * 86_400_000;

/** abandoned ÷ (abandoned + connected); 0 before the first live answer. */
export function abandonRate({ abandoned, connected }: Abandonment): number {
  const live = abandoned + connected;
  return live === 0 ? 0 : abandoned / live;
}

/** True above the cap; a rate that equals it is still lawful. Counts are compared, so that no rounding decides. */
export function abandonCapExceeded(counts: Abandonment, cap = defaultAbandonCap): boolean {
  const live = counts.abandoned + counts.connected;
  return counts.abandoned - cap * live > 1e-6;
}

/** How many more live answers may be abandoned, if all later ones are connected, before the cap is passed. */
export function abandonBudget(counts: Abandonment, cap = defaultAbandonCap): number {
  if (cap >= 1) return Infinity;
  const room = (cap * (counts.abandoned + counts.connected) - counts.abandoned) / (1 - cap);
  return Math.max(0, Math.floor(room + 1e-9));
}

/** Counts over a rolling window from instants of single calls: those at or before `now - windowMs` are out. */
export function abandonmentInWindow(
  calls: Iterable<{ at: number; abandoned: boolean }>,
  now: number,
  windowMs = defaultAbandonWindowMs,
): Abandonment {
  let abandoned = 0;
  let connected = 0;
  for (const call of calls) {
    if (call.at <= now - windowMs || call.at > now) continue;
    if (call.abandoned) abandoned += 1;
    else connected += 1;
  }
  return { abandoned, connected };
}
