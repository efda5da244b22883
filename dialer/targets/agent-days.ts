/** One row of `agent_events`, as far as a day by campaign needs it. */
export interface DayStep {
  at: number;
  from: string | null;
  to: string;
  callId: string | null;
  campaignId: number | null;
}

export interface DayByCampaign {
  /** Of each campaign: calls with a customer on the line, and time spent on their wrap-ups. */
  campaigns: Map<number, { calls: number; wrapupMs: number }>;
  talkMs: number;
  workMs: number;
}

/**
 * Adds an agent's day up from `dayStart` to `now`. `before` is the state that the agent was in when it began. Steps come
 * in order of time.
 */
export function foldByCampaign(
  steps: readonly DayStep[],
  before: string | null,
  dayStart: number,
  now: number,
): DayByCampaign {
  const calls = new Map<number, Set<string | null>>();
  const wrapups = new Map<number, number>();
  let [talkMs, workMs] = [0, 0];
  let state = before ?? 'signed-out';
  let campaignId: number | null = null;
  let since = dayStart;
  const spend = (until: number) => {
    const ms = Math.max(0, until - since);
    since = Math.max(since, until);
    if (state === 'signed-out' || state === 'paused') return;
    workMs += ms;
    if (state === 'on-call') talkMs += ms;
    if (state === 'wrapup' && campaignId !== null)
      wrapups.set(campaignId, (wrapups.get(campaignId) ?? 0) + ms);
  };
  for (const step of steps) {
    if (step.at > now) break;
    spend(step.at);
    campaignId = step.campaignId ?? (step.to === state ? campaignId : null);
    if (step.to === 'on-call' && state !== 'on-call' && campaignId !== null)
      calls.set(campaignId, (calls.get(campaignId) ?? new Set()).add(step.callId));
    state = step.to;
  }
  spend(now);
  const ids = new Set([...calls.keys(), ...wrapups.keys()]);
  const campaigns = new Map(
    [...ids].map((id) => [id, { calls: calls.get(id)?.size ?? 0, wrapupMs: wrapups.get(id) ?? 0 }]),
  );
  return { campaigns, talkMs, workMs };
}
