export { hasLeft, inOrderFor, type NumberPool, type PoolNumber } from './number-pool.ts';
export { createNumberPoolStore, dayOf, type NumberPoolStore } from './number-pool-store.ts';
