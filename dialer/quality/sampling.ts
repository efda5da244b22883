import { randomInt } from 'node:crypto';
import type { App } from '../../core/app.ts';
import { UserStore } from '../../core/users/index.ts';
import { barOf } from './plan-bar.ts';
import { createPlanStore, type Plan } from './plan-store.ts';
import { reviewers } from './review.ts';
import { createReviewStore } from './review-store.ts';
import { createSheetStore } from './sheet-store.ts';
import { weekBefore } from './week.ts';

const samplingJob = 'quality.sampling';
const everyMs = 15 * 60_000;

/** Each as likely as any other, whichever comes first. */
export function drawFrom<T>(
  all: readonly T[],
  count: number,
  below: (most: number) => number = randomInt,
): T[] {
  const rest = [...all];
  const drawn: T[] = [];
  while (drawn.length < count && rest.length > 0) {
    const at = below(rest.length);
    drawn.push(rest[at]!);
    rest[at] = rest.at(-1)!;
    rest.pop();
  }
  return drawn;
}

/**
 * Draws once a week is over, so that a call of Friday is as likely as one of Monday. Safe to repeat: what is drawn
 * already counts, and only what is missing is drawn.
 */
export function createSampling(app: Pick<App, 'db' | 'audit' | 'clock'>) {
  const plans = createPlanStore(app);
  const reviews = createReviewStore(app);
  const sheets = createSheetStore(app);
  const users = new UserStore(app.db);

  async function run(signal?: AbortSignal): Promise<void> {
    const [people, everySheet] = await Promise.all([users.active(...reviewers), sheets.all()]);
    for (const plan of await plans.all()) {
      const past = weekBefore(app.clock.now(), plan.zone);
      if (signal?.aborted) return;
      if (!plan.isOn || (plan.drawnWeek !== null && plan.drawnWeek >= past.week)) continue;
      // Not noted: once it has a reviewer and a sheet again, it draws from the same week.
      if (barOf(plan, people, everySheet) !== null) continue;
      await draw(plan, past);
      await plans.noteDrawn(plan.id, past.week);
    }
  }

  async function draw(
    plan: Plan,
    { week, from, to }: { week: string; from: number; to: number },
  ): Promise<void> {
    const sheet = await sheets.newest(plan.sheetId);
    if (!sheet) return;
    for (const agentId of await plans.agentsWithCalls(plan, from, to)) {
      const missing = plan.calls - (await plans.drawn(plan.id, agentId, week));
      if (missing <= 0) continue;
      for (const recordingId of drawFrom(await plans.candidates(plan, agentId, from, to), missing))
        await reviews.create(
          { recordingId, agentId, reviewerId: plan.reviewerId, versionId: sheet.id, planId: plan.id, week },
          app.clock.now(),
        );
    }
  }

  return { run };
}

/** Say how it is done before jobs are started, in every worker. */
export async function defineSampling(app: App): Promise<void> {
  const { run } = createSampling(app);
  app.jobs.define<null>(samplingJob, ({ signal }) => run(signal));
  await app.jobs.repeat(samplingJob, everyMs);
}
