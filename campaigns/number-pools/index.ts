export {
  bestFor,
  hasLeft,
  placed,
  type NumberPool,
  type PlacedNumber,
  type PoolNumber,
} from './number-pool.ts';
export { createNumberFlagStore, type NumberFlag, type NumberFlagStore } from './number-flag-store.ts';
export { createNumberPoolStore, dayOf, type NumberPoolStore } from './number-pool-store.ts';
