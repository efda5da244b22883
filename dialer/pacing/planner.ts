import { solvePlan, type Plan } from './plan.ts';

/** Plans kept, newest use last; a plan is some kilobytes. */
const KEPT = 256;

/** Solved plans by model: the answer to a pure question, so it may be shared by every pacer of the process. */
const solved = new Map<string, Plan>();

/**
 * The plan for a floor, from a grid of models: agents to 6 %, handle time to 12 %, answer probability to 10 %. Orders are in
 * expected answers, which makes the plan of the nearest model as good as the plan of the very one.
 */
export function planFor(
  agents: number,
  handleSeconds: number,
  ringSeconds: number,
  answerProbability: number,
  cap: number,
  graceMs: number,
): Plan {
  const model = {
    agents: Math.max(1, Math.round(onGrid(Math.max(1, agents), agents <= 12 ? 0.001 : 0.06))),
    handle: onGrid(Math.min(400, Math.max(0.5, handleSeconds / ringSeconds)), 0.12),
    answerProbability: onGrid(Math.min(1, Math.max(0.05, answerProbability)), 0.1),
    cap,
    grace: Math.min(1, Math.round((10 * graceMs) / 1000 / ringSeconds) / 10),
  };
  model.answerProbability = Math.min(1, model.answerProbability);
  const key = `${model.agents}|${model.handle}|${model.answerProbability}|${cap}|${model.grace}`;
  let plan = solved.get(key);
  if (plan) solved.delete(key);
  else plan = solvePlan(model);
  solved.set(key, plan);
  if (solved.size > KEPT) solved.delete(solved.keys().next().value!);
  return plan;
}

const onGrid = (value: number, step: number): number => Math.exp(Math.round(Math.log(value) / step) * step);
