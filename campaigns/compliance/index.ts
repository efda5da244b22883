export {
  gatePaths,
  type Gate,
  type GatePath,
  type GateRequest,
  type GateStage,
  type MayConnect,
  type Verdict,
} from './gate.ts';
export { blockReasons, byPrecedence, type BlockReason, type ReasonCode } from './reason.ts';
export {
  abandonBudget,
  abandonCapExceeded,
  abandonmentInWindow,
  abandonRate,
  abandonedByEnding,
  defaultAbandonCap,
  defaultAbandonWindowMs,
  joinsTooLate,
  withHungUpOn,
  type Abandonment,
  type LiveAnswer,
} from './abandonment.ts';
export { abandonmentSums } from './abandonment-sums.ts';
export {
  createHungUpOn,
  estimated,
  sampledForMs,
  type HungUpEstimates,
  type HungUpOn,
} from './machine-errors/hung-up-on.ts';
export {
  createMachineErrorStore,
  lost,
  notStarted,
  unheardCauses,
} from './machine-errors/machine-error-store.ts';
export {
  checksOf,
  hiddenPeople,
  leastChecks,
  machineErrors,
  nothingHeard,
  type Heard,
  type HeardByHour,
  type MachineErrors,
} from './machine-errors/machine-errors.ts';
export { weightedShare, wilson, z95, z99, type Measured } from './machine-errors/weighted-share.ts';
export { blockReason, evaluate, type Decision } from './rules/evaluate.ts';
export type { Facts } from './rules/facts.ts';
export { compileRuleSet, type RuleSet, type RuleSetForm } from './rules/rule-set.ts';
export { countryOfNumber, isDialable, numberZones } from './zones/number-zones.ts';
export { plausibleZones, rulesOfZones } from './zones/plausible-zones.ts';
export { replay, ReplayFileError, type ReplayedVector } from './replay/replay.ts';
export { createCallingTimes, type CallingTime, type CallingTimes } from './calling-times.ts';
export { createCalendarUses, type CalendarUse } from './calendar-uses.ts';
export { createGate, type GateParts } from './create-gate.ts';
export { createLawfulCaps, lawCountsHungUpOn, lawfulCap, ruleSetNames, type Capped } from './lawful-cap.ts';
export { createLateCheckProbe } from './late-check.ts';
export { createConsentStore, type ConsentStore } from './consents/consent-store.ts';
export {
  consentKinds,
  consentSources,
  type Consent,
  type ConsentKind,
  type ConsentSource,
  type NewConsent,
} from './consents/consent.ts';
export {
  createScrubIndex,
  createScrubMemory,
  type ScrubIndex,
  type ScrubMemory,
} from './scrubs/scrub-index.ts';
export { createScrubStore } from './scrubs/scrub-store.ts';
export { createSuspensionStore } from './suspensions/suspension-store.ts';
export type { GateCampaign, GateFacts, KnownFacts } from './gate-facts.ts';
export { sourceWords } from './rulebook/rule-words.ts';
export { loadCatalogue, placesOf, type RuleCatalogue } from './rules/catalogue.ts';
export { isInUs } from './rules/rule-set.ts';
export {
  createVerdictStore,
  type StoredVerdict,
  type VerdictFilter,
  type VerdictStore,
} from './verdict-store.ts';
