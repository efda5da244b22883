export { defineForecastJobs } from './forecast-job.ts';
export { forecastArea } from './forecast-routes.ts';
export { asTyped, forecastModes, type ForecastFigures } from './figures.ts';
export { typical, type Learned } from './learned.ts';
export type { MakeUp } from './make-up.ts';
export { createPreparation, dayStart, type Starting } from './prepare.ts';
export { runForecast } from './run-forecast.ts';
export { startOf } from './scenario-of.ts';
export { taskOf } from './task-of.ts';
