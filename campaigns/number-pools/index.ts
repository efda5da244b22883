export {
  bestFor,
  hasLeft,
  placed,
  type NumberPool,
  type PlacedNumber,
  type PoolNumber,
} from './number-pool.ts';
export { createNumberPoolStore, dayOf, type NumberPoolStore } from './number-pool-store.ts';
