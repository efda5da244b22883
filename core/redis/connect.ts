import type { Duplex } from 'node:stream';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../log/log.ts';

export interface Heartbeat {
  /** How often the server is asked whether it lives. */
  everyMs: number;
  /** How long its answer may take before the connection counts as lost. */
  silenceMs: number;
}

export interface ConnectOptions extends RedisOptions {
  log: Logger;
  /** What the connection is for; shown by `CLIENT LIST` and in the log. */
  name: string;
  heartbeat?: Heartbeat;
}

const standardHeartbeat: Heartbeat = { everyMs: 5_000, silenceMs: 5_000 };

/** Pause before the next try to connect: 50 ms, doubling, at most 2 s. */
const retryPause = (attempt: number) => Math.min(2_000, 50 * 2 ** Math.min(attempt, 6));

/** Channels of Redis know no database number, so names carry it: two installations can share a server. */
export function redisNamespace(url: string): string {
  const database = new URL(url).pathname.slice(1) || '0';
  return `ringwise-${database}`;
}

/**
 * A connection that reconnects for as long as it is not closed. Its trouble is logged once an outage, and a server
 * that vanished without closing the connection is noticed by a heartbeat.
 */
export function connectRedis(url: string, options: ConnectOptions): Redis {
  const { log, name, heartbeat = standardHeartbeat, ...rest } = options;
  const redis = new Redis(url, {
    connectionName: `ringwise-${name}`,
    connectTimeout: 5_000,
    retryStrategy: retryPause,
    ...rest,
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
  endWhenSilent(redis, heartbeat);
  return redis;
}

/**
 * Not ioredis's own `socketTimeout`: that one's timer outlives a connection that was closed, and then ends the next
 * one (5.11). The stream is destroyed, as an orderly end would wait for the silent server.
 */
function endWhenSilent(redis: Redis, { everyMs, silenceMs }: Heartbeat): void {
  let answer: NodeJS.Timeout | undefined;
  const beat = setInterval(() => {
    if (answer || redis.status !== 'ready') return;
    const { stream } = redis as unknown as { stream: Duplex };
    answer = setTimeout(() => stream.destroy(new Error(`Redis was silent for ${silenceMs} ms`)), silenceMs);
    redis.ping().then(settled, settled);
  }, everyMs);
  // ioredis tells of no end when it is closed between two tries to connect: the timer must keep no process alive.
  beat.unref();
  const settled = () => {
    clearTimeout(answer);
    answer = undefined;
  };
  redis.on('close', settled);
  redis.once('end', () => {
    clearInterval(beat);
    settled();
  });
}
