export { createPacer } from './pacer.ts';
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
