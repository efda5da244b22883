export { LateDispositions } from './late-dispositions.ts';
export { missedWrapup } from './missed-wrapup.ts';
export { createMissedWrapupStore, type MissedCall, type MissedWrapupStore } from './missed-wrapup-store.ts';
