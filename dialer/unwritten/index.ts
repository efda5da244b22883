export { createUnwrittenStore, type Unwritten, type UnwrittenStore } from './unwritten-store.ts';
export { unwrittenRoutes } from './unwritten-routes.ts';
