export { forecast, headsAround, mostAgents, runsFor, withAgents } from './forecast.ts';
export type { ForecastResult, ForecastStep, ForecastTask, StaffingChoice } from './forecast.ts';
export { type Band, type Outlook, type OutlookSpan } from './outlook.ts';
export { evenHours } from './scenario.ts';
export type {
  AnswerModel,
  FailShares,
  LeadList,
  Length,
  RetryRuleOf,
  Scenario,
  Segment,
} from './scenario.ts';
export type { PlayedOutcome, Present } from './traffic.ts';
