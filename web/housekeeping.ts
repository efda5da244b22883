import type { App } from '../core/app.ts';
import { SessionStore } from './middleware/session-store.ts';
import { cleanRateLimits } from './sign-in/rate-store.ts';

const jobName = 'web.housekeeping';
const everyMs = 15 * 60_000;

/** Removes sessions and rate limits that are over. Call before jobs start, in a process that does jobs. */
export async function defineWebHousekeeping(app: App): Promise<void> {
  const sessions = new SessionStore(app);
  app.jobs.define(jobName, async () => {
    await sessions.clean();
    await cleanRateLimits(app);
  });
  await app.jobs.repeat(jobName, everyMs);
}
