export {
  lineNow,
  lineNowTopic,
  lineReport,
  type LineNowTold,
  type LineQualityFigures,
  type LineReport,
} from './line-quality.ts';
export { createLineQualityStore } from './line-quality-store.ts';
export { lineQualityReaders, lineQualityRoutes } from './line-quality-routes.ts';
