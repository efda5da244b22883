export * from './telephony.ts';
export { tryAsterisk } from './ari/access.ts';
export { createAriTelephony, type AriOptions } from './ari/adapter.ts';
export {
  startSimulator,
  type Simulator,
  type SimulatorOptions,
  type SimulatorStats,
} from './simulator/simulator.ts';
export { ordinaryMix, type CustomerMix } from './simulator/mix.ts';
export type { CarrierLimits } from './simulator/carrier.ts';
export type { CustomerChoice, Invite } from './simulator/outgoing.ts';
export { customerAt, customersByNumber, type CustomerBehaviour, type CustomerKind } from './customers.ts';
export { defaultApplication } from './dialplan.ts';
export { createSpokenSounds, overHttp, type Publish, type SpokenSounds } from './spoken-sounds.ts';
export { espeak, SpeechError, type Speech } from './speech.ts';
