export {
  answeredBys,
  dispositionCategories,
  seedDispositions,
  type AnsweredBy,
  type Disposition,
  type DispositionCategory,
  type NewDisposition,
} from './disposition.ts';
export { countsAs, type DispositionFigure } from './disposition-counts.ts';
export { createDispositionStore, type DispositionStore } from './disposition-store.ts';
