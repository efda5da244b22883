/** An agent's own day, for the agent. */
export interface OwnFigures {
  /** Calls in which agent and customer were connected. */
  calls: number;
  talkMs: number;
  wrapupMs: number;
  pauseMs: number;
  readyMs: number;
  /** Time since the first sign-in of the day that was not signed out. */
  signedInMs: number;
  sales: number;
}

/** One row of `agent_events`, as far as figures need it. */
export interface AgentStep {
  at: number;
  from: string | null;
  to: string;
  callId: string | null;
}

/**
 * Adds up time by state from `dayStart` to `now`. `before` is the state the agent was in when the day began. Steps
 * come in order of time.
 */
export function foldDay(
  steps: readonly AgentStep[],
  before: string | null,
  dayStart: number,
  now: number,
): Omit<OwnFigures, 'sales'> {
  const time = new Map<string, number>();
  let state = before ?? 'signed-out';
  let since = dayStart;
  const calls = new Set<string | null>();
  const spend = (until: number) => {
    time.set(state, (time.get(state) ?? 0) + Math.max(0, until - since));
    since = Math.max(since, until);
  };
  for (const step of steps) {
    if (step.at > now) break;
    spend(step.at);
    // Who parks a customer and takes them up again has had one call.
    if (step.to === 'on-call' && state !== 'on-call') calls.add(step.callId);
    state = step.to;
  }
  spend(now);
  const of = (name: string) => time.get(name) ?? 0;
  const signedInMs = [...time].reduce((sum, [name, ms]) => (name === 'signed-out' ? sum : sum + ms), 0);
  return {
    calls: calls.size,
    talkMs: of('on-call'),
    wrapupMs: of('wrapup'),
    pauseMs: of('paused'),
    readyMs: of('ready') + of('reserved'),
    signedInMs,
  };
}
