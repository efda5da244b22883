import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../log/log.ts';

/** Pause before the next try to connect: 50 ms, doubling, at most 2 s. */
const retryPause = (attempt: number) => Math.min(2_000, 50 * 2 ** Math.min(attempt, 6));

/** Channels of Redis know no database number, so names carry it: two installations can share a server. */
export function redisNamespace(url: string): string {
  const database = new URL(url).pathname.slice(1) || '0';
  return `ringwise-${database}`;
}

/**
 * A connection that reconnects for as long as it is not closed. Its trouble is logged once an outage, and a server
 * that vanished without closing the connection is noticed when `silenceMs` pass without an answer to a command.
 */
export function connectRedis(
  url: string,
  { log, name, silenceMs, ...options }: RedisOptions & { log: Logger; name: string; silenceMs?: number },
): Redis {
  const redis = new Redis(url, {
    connectionName: `ringwise-${name}`,
    connectTimeout: 5_000,
    retryStrategy: retryPause,
    ...(silenceMs !== undefined && { socketTimeout: silenceMs }),
    ...options,
  });
  let troubled = false;
  redis.on('error', (error: Error) => {
    if (troubled) return;
    troubled = true;
    log.warn({ redis: name, why: error.message }, 'no connection to Redis; trying again');
  });
  redis.on('ready', () => {
    if (troubled) log.info({ redis: name }, 'Redis is back');
    troubled = false;
  });
  return redis;
}
