import {
  headsAround,
  runsFor,
  type ForecastTask,
  type LeadList,
  type Scenario,
} from '../../dialer/pacing/index.ts';
import { changesIn, secondsBetween, type ForecastFigures } from './figures.ts';
import type { Starting } from './prepare.ts';
import { scenarioOf, type DayRules } from './scenario-of.ts';

export interface Asked {
  present: ForecastFigures;
  typed: ForecastFigures;
  /** Days to play; null: as many as fit into some seconds. */
  runs?: number;
  heads?: readonly number[];
  seed?: number;
}

/** Spans of the chart: short ones for the next hours, longer ones for a day. */
export const spanSecondsOf = (seconds: number): number => (seconds <= 5 * 3600 ? 900 : 1800);

/** Everything the worker thread needs. */
export function taskOf(
  asked: Asked,
  starting: Pick<Starting, 'learned' | 'present' | 'account'>,
  rules: DayRules,
  list: Pick<LeadList, 'segments'> | null,
  start: number,
): ForecastTask {
  const { present, typed } = asked;
  const of = (figures: ForecastFigures): Scenario => scenarioOf(figures, starting, rules, list, start);
  const changed = changesIn(present, typed).length > 0 ? of(typed) : null;
  const scenario = changed ?? of(present);
  const heads = asked.heads ?? headsAround(typed.agents);
  const fit = runsFor(scenario, heads, changed ? 2 : 1);
  const dayHours = secondsBetween(typed.from, typed.until) / 3600;
  return {
    present: of(present),
    changed,
    heads,
    goal: { listHours: typed.goalDays === null ? null : typed.goalDays * dayHours },
    runs: asked.runs ?? fit.runs,
    staffingRuns: asked.runs ?? fit.staffingRuns,
    seed: asked.seed ?? 1,
    spanSeconds: spanSecondsOf(scenario.seconds),
  };
}
