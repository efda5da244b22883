export {
  amdArguments,
  isCheckSample,
  lost,
  machineMessageEnds,
  notStarted,
  type AmdVerdict,
  type MachineMessageEnd,
} from './amd.ts';
export { createAmdVerdictStore, type AmdVerdictStore } from './amd-verdict-store.ts';
