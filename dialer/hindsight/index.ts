export { Hindsight, minuteMs, type HindsightRow } from './hindsight.ts';
export { HindsightKeeper } from './hindsight-keeper.ts';
export { createHindsightStore, keptMs } from './hindsight-store.ts';
