import type { Request } from 'express';
import { z } from 'zod';
import { localTime } from '../../core/time/local-time.ts';
import { userOf } from '../../core/http/index.ts';
import type { Recording } from './recording.ts';

/** Who may look for recordings, hear them and take them away. Agents hear their own of the day. */
export const listeners = ['supervisor', 'manager', 'administrator'] as const;
export const recordingParams = z.object({ id: z.coerce.number().int().positive() });

/** To check a number, not to keep. */
export function isOwnOfToday(req: Request, recording: Recording, now: number): boolean {
  const today = localTime(now, req.context.zone).startOf('day').toMillis();
  return recording.userId === userOf(req).id && recording.startedAt >= today;
}
