export { dashboardArea } from './dashboard/dashboard-routes.ts';
export { startRoller, type Roller } from './rollups/roller.ts';
