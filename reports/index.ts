export { amdArea } from './amd/amd-routes.ts';
export { defineAmdWatch } from './amd/amd-watch.ts';
export { answersArea } from './answers/answer-routes.ts';
export { dashboardArea } from './dashboard/dashboard-routes.ts';
export { defineForecastJobs, forecastArea } from './forecast/index.ts';
export { startRoller, type Roller } from './rollups/roller.ts';
