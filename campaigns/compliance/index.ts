export {
  gatePaths,
  type Gate,
  type GatePath,
  type GateRequest,
  type GateStage,
  type Verdict,
} from './gate.ts';
export { blockReasons, byPrecedence, type BlockReason, type ReasonCode } from './reason.ts';
