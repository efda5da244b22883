export { importDnc, toE164, type DncImportOptions, type DncImportResult } from './dnc-import.ts';
export { createDncStore, type DncFilter, type DncPage, type DncStore } from './dnc-store.ts';
export {
  bears,
  dncSources,
  type DncAddition,
  type DncEntry,
  type DncLogEntry,
  type DncRemoval,
  type DncSource,
} from './dnc.ts';
