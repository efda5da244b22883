import type { Logger } from '../log/log.ts';
import type { Bus } from './bus.ts';
import { LocalBus } from './local-bus.ts';
import { RedisBus } from './redis-bus.ts';

/** The bus on Redis where there is one, else within this process. */
export function openBus({ redisUrl, log }: { redisUrl: string | null; log: Logger }): Bus {
  return redisUrl === null ? new LocalBus({ log }) : new RedisBus({ url: redisUrl, log });
}
