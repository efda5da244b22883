import type { PacingHistoryStore } from '../calls/pacing-history-store.ts';
import type { Pacer, PacingEvent, PastAnswers } from '../pacing/index.ts';
import { RecordedCalls, recordedAgentState } from './pacing-events.ts';

const hourMs = 3_600_000;
/** What is older has been forgotten by everything but the account. */
const longestMs = 24 * hourMs;
const mostEvents = 200_000;

export interface PacedCampaign {
  readonly id: number;
  readonly abandonWindowMs: number;
  readonly agentIds: readonly number[];
}

/**
 * A pacer that knows what has happened: the events of the last hours are told again in their order, and of what lies
 * before, how many answers there were. Decides as one that has been there all the time.
 */
export async function pacerWithHistory(
  store: PacingHistoryStore,
  campaign: PacedCampaign,
  now: number,
  make: (past: readonly PastAnswers[]) => Pacer,
): Promise<Pacer> {
  const windowFrom = now - campaign.abandonWindowMs;
  const earliest = now - Math.min(campaign.abandonWindowMs, longestMs);
  const from = floorHour(await store.beginning(campaign.id, earliest, mostEvents));
  const pacer = make(await store.answers(campaign.id, floorHour(windowFrom), from));
  const told = new Map<number, string>();
  const agents: PacingEvent[] = [];
  for (const step of await store.agentSteps(campaign.agentIds, from)) {
    const state = recordedAgentState(step, campaign.id);
    if (state === null || (told.get(step.userId) ?? 'away') === state) continue;
    told.set(step.userId, state);
    agents.push({ type: 'agent', at: step.at, agentId: String(step.userId), state });
  }
  const calls = new RecordedCalls();
  let next = 0;
  for await (const page of store.callSteps(campaign.id, from))
    for (const step of page) {
      // What happens to a call and its agent in one instant is told call first.
      while (next < agents.length && agents[next]!.at < step.at) pacer.observe(agents[next++]!);
      for (const event of calls.events(step)) pacer.observe(event);
    }
  while (next < agents.length) pacer.observe(agents[next++]!);
  return pacer;
}

/** The account as the database has it, and nothing else: for a pacer that its history has made fail. */
export async function pacerWithAccount(
  store: PacingHistoryStore,
  campaign: PacedCampaign,
  now: number,
  make: (past: readonly PastAnswers[]) => Pacer,
): Promise<Pacer> {
  return make(await store.answers(campaign.id, floorHour(now - campaign.abandonWindowMs), now));
}

const floorHour = (at: number): number => at - (at % hourMs);
