export { createPacer } from './pacer.ts';
export { shareAgents, shareOut, type Claim, type Share, type SharedAgent } from './share-out.ts';
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
