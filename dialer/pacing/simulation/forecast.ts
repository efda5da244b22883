import { outlookOf, type Outlook, type Played } from './outlook.ts';
import { callsNeeded, play } from './play.ts';
import type { Scenario } from './scenario.ts';
import { recommendedOf, type StaffingGoal } from './recommend.ts';

/** What is to be worked out: how it is, how it would be, and other head counts. Plain data, for a worker thread. */
export interface ForecastTask {
  present: Scenario;
  /** Null: nothing is changed. */
  changed: Scenario | null;
  /** Head counts to compare; agents planned are scaled to them. */
  heads: readonly number[];
  goal: StaffingGoal;
  runs: number;
  /** Days played for each head count. */
  staffingRuns: number;
  seed: number;
  spanSeconds: number;
}

export interface StaffingChoice {
  agents: number;
  outlook: Outlook;
}

export interface ForecastResult {
  present: Outlook;
  changed: Outlook | null;
  staffing: StaffingChoice[];
  /** The head count to take; null where none can be named. */
  recommended: number | null;
}

/** How far a forecast is. */
export interface ForecastStep {
  /** 0 to 1. */
  share: number;
  /** What the days played so far say; null while they are too few for a band. */
  soFar(): ForecastResult | null;
}

/** One way of dialling, and the days of it that have been played. */
interface Way {
  scenario: Scenario;
  count: number;
  needed: number[];
  plays: Played[];
}

/** With fewer days played of any way there is nothing to show yet. */
const LEAST_PLAYS = 2;

/**
 * Plays everything, a day of each way in turn, so that figures are there soon and bands narrow from then on; tells after each
 * day how far it is. Same task, same result.
 */
export function* forecast(task: ForecastTask): Generator<ForecastStep, ForecastResult> {
  const { changed, heads, runs, staffingRuns } = task;
  const wayOf = (scenario: Scenario, count: number): Way => ({
    scenario,
    count,
    needed: scenario.list ? callsNeeded(scenario, scenario.list) : [],
    plays: [],
  });
  const present = wayOf(task.present, runs);
  const typed = changed && wayOf(changed, runs);
  const staffed = heads.map((agents) => wayOf(withAgents(changed ?? task.present, agents), staffingRuns));
  const ways = [present, ...(typed ? [typed] : []), ...staffed];
  const days = ways.reduce((sum, way) => sum + way.count, 0);
  const soFar = (): ForecastResult | null =>
    ways.every(({ plays, count }) => plays.length >= Math.min(count, LEAST_PLAYS)) ? result() : null;
  let done = 0;
  for (let run = 0; done < days; run++)
    for (const { scenario, count, needed, plays } of ways) {
      if (run >= count) continue;
      plays.push(play(scenario, task.seed + run, task.spanSeconds, needed));
      yield { share: ++done / days, soFar };
    }
  return result();

  function result(): ForecastResult {
    const outlook = ({ scenario, plays }: Way): Outlook =>
      outlookOf(plays, scenario.start, scenario.seconds, task.spanSeconds);
    const staffing = staffed.map((way, index) => ({
      agents: heads[index]!,
      outlook: { ...outlook(way), spans: [] },
    }));
    return {
      present: outlook(present),
      changed: typed && outlook(typed),
      staffing,
      recommended: recommendedOf(staffing, (changed ?? task.present).settings.abandonCap, task.goal),
    };
  }
}

export const mostAgents = ({ staffing }: Scenario): number =>
  Math.max(0, ...staffing.map(({ agents }) => agents));

/** The same plan with another head count at its fullest hour. */
export function withAgents(scenario: Scenario, agents: number): Scenario {
  const most = mostAgents(scenario);
  return {
    ...scenario,
    staffing:
      most === 0
        ? [{ at: 0, agents }]
        : scenario.staffing.map((step) => ({
            at: step.at,
            agents: Math.round((step.agents * agents) / most),
          })),
  };
}

/** Head counts around the planned one, about a tenth to a fifth apart. */
export function headsAround(agents: number): number[] {
  const heads = [0.5, 0.7, 0.85, 1, 1.2, 1.5, 2].map((factor) => Math.max(1, Math.round(agents * factor)));
  return [...new Set(heads)].sort((a, b) => a - b);
}

/** Agent-hours that the machine plays in a second, at least; by this the number of days is chosen. */
const AGENT_HOURS_A_SECOND = 250;
const SECONDS_WANTED = 10;

/** How many days to play, so that the answer is there in seconds and bands still mean something. */
export function runsFor(
  scenario: Scenario,
  heads: readonly number[],
  plays: number,
): { runs: number; staffingRuns: number } {
  const hours = scenario.seconds / 3600;
  const room = (AGENT_HOURS_A_SECOND * SECONDS_WANTED) / Math.max(0.1, hours);
  const once = Math.max(1, mostAgents(scenario)) * plays;
  const staffed = heads.reduce((sum, agents) => sum + agents, 0);
  const runs = Math.max(8, Math.min(20, Math.floor((0.5 * room) / once)));
  const staffingRuns = Math.max(4, Math.min(8, Math.floor((0.5 * room) / Math.max(1, staffed))));
  return { runs, staffingRuns };
}
