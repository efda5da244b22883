import type { Request } from 'express';
import type { App } from '../../core/app.ts';
import { userOf } from '../../core/http/index.ts';
import type { By } from './review-store.ts';

/** Who does it, from where, and when. */
export function byOf(app: Pick<App, 'clock'>, req: Request): By {
  return { userId: userOf(req).id, ip: req.ip, at: app.clock.now() };
}
