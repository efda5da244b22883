export { createPacer } from './pacer.ts';
export { shareOut, type Claim, type Share } from './share-out.ts';
export { AgentShares, shareAgents, type SharedAgent } from './share-agents.ts';
export * from './simulation/index.ts';
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
  PastAnswers,
} from './types.ts';
