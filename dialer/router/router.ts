/** An agent as the router sees them. */
export interface RouterCandidate {
  readonly userId: number;
  /** Free of calls since, epoch milliseconds. */
  readonly idleSince: number;
}

export interface RouterRequest {
  /** Who talked with this customer last, if that is wanted. */
  readonly lastAgent?: number | null;
  /** Who has just lost this call. */
  readonly except?: ReadonlySet<number>;
}

/**
 * Which agent gets a call: the one who knows the customer, else the one who has been idle longest; the lower id where
 * both are equal, so that the choice is the same each time. Pure; outbound answers and inbound calls both ask here.
 */
export function chooseAgent<T extends RouterCandidate>(
  candidates: Iterable<T>,
  request: RouterRequest = {},
): T | null {
  let best: T | null = null;
  for (const candidate of candidates) {
    if (request.except?.has(candidate.userId)) continue;
    if (candidate.userId === request.lastAgent) return candidate;
    if (!best || byIdle(candidate, best) < 0) best = candidate;
  }
  return best;
}

/** A waiting call, as the router sees it when an agent becomes free. */
export interface WaitingCall {
  readonly callId: string;
  readonly waitingSince: number;
  /** The campaign's priority: 1 is served first. */
  readonly priority: number;
  /** A machine, as far as anybody knows: behind everybody who is there. */
  readonly isCheck?: boolean;
}

/** Which waiting call a free agent gets: a person before a check, the highest priority, then the longest waiting. */
export function chooseCall<T extends WaitingCall>(calls: Iterable<T>): T | null {
  let best: T | null = null;
  for (const call of calls) if (!best || byTurn(call, best) < 0) best = call;
  return best;
}

function byTurn(a: WaitingCall, b: WaitingCall): number {
  const checks = Number(a.isCheck ?? false) - Number(b.isCheck ?? false);
  return checks || a.priority - b.priority || a.waitingSince - b.waitingSince;
}

function byIdle(a: RouterCandidate, b: RouterCandidate): number {
  return a.idleSince - b.idleSince || a.userId - b.userId;
}
