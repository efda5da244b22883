import type { App } from '../../core/app.ts';
import type { RequestContext } from '../../core/http/context.ts';
import { localTime } from '../../core/time/local-time.ts';
import { createAgentDayStore } from './agent-day-store.ts';
import { attained } from './target.ts';
import { createTargetStore } from './target-store.ts';
import { attainedView, type AttainedView } from './target-view.ts';

export interface OwnTargets {
  campaign: string;
  attained: AttainedView[];
}

/** An agent's own day against the targets of their campaigns: of each that has some for today. */
export function createOwnTargets(app: Pick<App, 'db' | 'bus' | 'clock'>) {
  const targets = createTargetStore(app);
  const days = createAgentDayStore(app);

  return async function ownTargets(
    context: RequestContext,
    userId: number,
    campaigns: readonly { id: number; name: string }[],
  ): Promise<OwnTargets[]> {
    const now = app.clock.now();
    const day = localTime(now, context.zone).toISODate()!;
    const ids = campaigns.map(({ id }) => id);
    const inForce = await targets.inForce(ids, day);
    if (inForce.size === 0) return [];
    const own = (await days.today([userId], [...inForce.keys()], now, context.zone)).get(userId);
    return campaigns.flatMap(({ id, name }) => {
      const set = inForce.get(id);
      const done = own?.get(id);
      if (!set || !done) return [];
      return { campaign: name, attained: attained(set, done).map((one) => attainedView(context, one)) };
    });
  };
}
