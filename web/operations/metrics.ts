import { timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { App } from '../../core/app.ts';
import { createUnwrittenStore } from '../../dialer/unwritten/index.ts';
import { isLocal } from '../middleware/near.ts';
import { metricsToken } from '../settings/general-settings.ts';

export interface Metrics {
  registry: Registry;
  /** Measures every request by its route's pattern: a path with an id in it would grow without end. */
  measure: RequestHandler;
  /** `GET /metrics` */
  show: RequestHandler;
}

export function createMetrics(app: App, registry = new Registry()): Metrics {
  if (!registry.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'ringwise_http_request_duration_seconds',
    help: 'Time to answer a request, by method, route and status class',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const unwritten = createUnwrittenStore(app);
  new Gauge({
    name: 'ringwise_unwritten_transitions',
    help: 'Transitions of calls and agents that the database would not take and that are set aside',
    registers: [registry],
    // While the database is away the last figure stands.
    async collect() {
      await unwritten.count().then((count) => this.set(count), () => undefined); // prettier-ignore
    },
  });
  return {
    registry,
    measure(req, res, next) {
      const stop = duration.startTimer({ method: req.method });
      res.once('finish', () => {
        // A live stream ends when its reader goes, which says nothing of our speed.
        if (res.getHeader('content-type')?.toString().startsWith('text/event-stream')) return;
        const route = (req.route as { path?: string } | undefined)?.path;
        const status = `${Math.floor(res.statusCode / 100)}xx`;
        stop({ route: typeof route === 'string' ? route : 'other', status });
      });
      next();
    },
    async show(req, res) {
      if (!(await mayRead(app, req))) return void res.status(403).type('text').send('metrics: not allowed\n');
      res
        .set('cache-control', 'no-store')
        .type(registry.contentType)
        .send(await registry.metrics());
    },
  };
}

/**
 * This machine may read, another one needs the token. Where a proxy serves the world from this machine, it may not say
 * for whom it asks: then everybody needs it.
 */
async function mayRead(app: App, req: Request): Promise<boolean> {
  if (!app.config.publicUrl.startsWith('https:') && isLocal(req)) return true;
  const token = Buffer.from(await app.settings.get(metricsToken));
  const given = Buffer.from(/^Bearer (.+)$/.exec(req.get('authorization') ?? '')?.[1] ?? '');
  return token.length > 0 && token.length === given.length && timingSafeEqual(token, given);
}
