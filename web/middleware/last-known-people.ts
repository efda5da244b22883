import type { App } from '../../core/app.ts';
import { LastKnown } from '../../core/database/last-known.ts';

/** Sessions and users as they were last read. Who is changed or signed out is known no more, in any process. */
export function lastKnownPeople({ bus, clock }: Pick<App, 'bus' | 'clock'>): LastKnown {
  const known = new LastKnown(clock);
  const changed = (payload: unknown) => {
    const { userId } = payload as { userId?: number };
    known.forget(
      (key, value) => key === `user ${userId}` || (value as { user_id?: number }).user_id === userId,
    );
  };
  bus.subscribe('user.changed', changed);
  bus.subscribe('user.signed-out', changed);
  // What was told meanwhile has been missed.
  bus.onReconnect(() => known.forget(() => true));
  return known;
}
