export { createPacer } from './pacer.ts';
export { shareAgents, shareOut, type Claim, type Share, type SharedAgent } from './share-out.ts';
export {
  forecast,
  staffingChoices,
  type Band,
  type Forecast,
  type ForecastInput,
} from './simulation/forecast.ts';
export type {
  AgentPacingState,
  Pacer,
  PacingDecision,
  PacingEvent,
  PacingFacts,
  PacingLimits,
  PacingMode,
  PacingReason,
  PacingSettings,
} from './types.ts';
