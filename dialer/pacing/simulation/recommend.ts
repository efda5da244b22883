import type { StaffingChoice } from './forecast.ts';

/** When the list should be called through, if that is asked for. */
export interface StaffingGoal {
  /** Hours of dialling; null: no such wish, the agents' time counts. */
  listHours: number | null;
}

/** Time without a lead beyond this is a sign of too many agents. */
const STARVED = 0.03;
/** Differences in utilization smaller than this are no reason for more agents. */
const ALIKE = 0.01;

/**
 * With a wish for the list: the fewest agents who meet it in nine of ten plays. Otherwise the head count whose agents talk
 * most without waiting for leads and under the cap; of those about alike the smallest.
 */
export function recommendedOf(
  choices: readonly StaffingChoice[],
  cap: number,
  goal: StaffingGoal,
): number | null {
  const sorted = [...choices].sort((a, b) => a.agents - b.agents);
  const lawful = sorted.filter(({ outlook }) => outlook.abandonShare.middle <= cap + 1e-9);
  if (goal.listHours !== null) {
    const { listHours } = goal;
    return (
      lawful.find(({ outlook }) => outlook.listHours && outlook.listHours.high <= listHours)?.agents ?? null
    );
  }
  const fed = lawful.filter(({ outlook }) => outlook.starved.middle <= STARVED);
  const from = fed.length > 0 ? fed : lawful;
  const best = Math.max(...from.map(({ outlook }) => outlook.utilization.middle));
  return from.find(({ outlook }) => outlook.utilization.middle >= best - ALIKE)?.agents ?? null;
}
