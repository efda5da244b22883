import type { App } from '../../core/app.ts';
import { openStates } from './open-reviews.ts';

/** How many reviews wait for somebody: to be scored or settled by a reviewer, to be answered by the agent. */
export function waitingReviews(app: Pick<App, 'db'>) {
  const count = async (of: object, states: readonly string[], isOwn: boolean) => {
    const query = app.db
      .knex('quality_reviews')
      .where(of)
      .whereIn('state', [...states]);
    if (isOwn) void query.whereNull('calibration_id');
    const row = (await query.count({ n: '*' }).first()) as { n: number | string };
    return Number(row.n);
  };
  return {
    forReviewer: (userId: number) => count({ reviewer_id: userId }, openStates, false),
    forAgent: (userId: number) => count({ agent_id: userId }, ['scored', 'settled'], true),
  };
}
