import type { App } from '../../core/app.ts';
import { RollupStore } from './rollup-store.ts';

export interface Roller {
  /** Folds all that is new; waits for a run under way. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

/** Keeps the rollups within `everyMs` (1,000) of the events. A fault is logged once and tried again at the next turn. */
export function startRoller(app: App, everyMs = 1_000): Roller {
  const store = new RollupStore(app.db);
  let running: Promise<void> | null = null;
  let failing = false;
  let closed = false;

  const drain = async () => {
    try {
      while (!closed && (await store.advance(app.clock.now())) > 0);
      failing = false;
    } catch (error) {
      if (!failing) app.log.warn({ err: error }, 'rollups: could not be brought up to date, will try again');
      failing = true;
    }
  };
  const turn = () => (running ??= drain().finally(() => (running = null)));
  const stop = app.clock.every(everyMs, () => void turn());
  return {
    catchUp: async () => {
      await running;
      await turn();
    },
    close: async () => {
      closed = true;
      stop();
      await running;
    },
  };
}
