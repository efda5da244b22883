import type { forReader } from '../../../reports/dashboard/dashboard-routes.ts';

/** What the server sends, as JSON. */
export type LiveView = ReturnType<typeof forReader>;
