import { z } from 'zod';
import { fromLocal } from '../../core/time/local-time.ts';
import { isZone } from '../../core/i18n/index.ts';
import { HttpProblem } from '../../core/http/problem.ts';
import { draftSchema } from '../drafts/draft-schema.ts';
import type { DispositionGiven } from '../protocol.ts';
import type { WorkspaceCommand } from './command-names.ts';

const id = z.coerce.number().int().positive();
const callId = z.string().min(1).max(40);
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const reason = z.string().trim().min(1).max(200);
const e164 = z.string().regex(/^\+[1-9]\d{5,14}$/, 'workspace:errors.number');

/** As the agent reads it to the customer: wall clock in `zone`. */
export const wallClockSchema = z.object({
  date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'workspace:errors.date'),
  time: z.string().regex(/^\d{2}:\d{2}$/, 'workspace:errors.time'),
  zone: z.string().refine(isZone),
  e164: e164.optional(),
});

const callbackSchema = wallClockSchema.extend({
  mine: flag,
  note: z.string().trim().max(500).optional(),
});

const disposeSchema = z.object({
  callId,
  dispositionId: id,
  note: z.string().trim().max(2000).default(''),
  callback: callbackSchema.optional(),
  next: z.enum(['ready', 'paused']).default('ready'),
  pauseCodeId: id.optional(),
  /** For a call whose wrap-up was missed. */
  late: flag.optional(),
  /** Of a script that was read: its fields of the draft. */
  script: draftSchema.optional(),
});

/** To a colleague, or to a number as it was typed, of the campaign's country where it names none. */
const transferSchema = z
  .object({
    callId,
    colleagueId: id.optional(),
    campaignId: id.optional(),
    number: z.string().trim().max(60).optional(),
  })
  .refine(({ colleagueId, number }) => colleagueId ?? number, {
    path: ['number'],
    error: 'workspace:errors.transferTo',
  });

/** What comes with each command. `userId` is never taken from the request. */
export const commandSchemas = {
  'sign-in': z.object({ fresh: flag.optional() }),
  'sign-out': z.object({}),
  ready: z.object({}),
  pause: z.object({ pauseCodeId: id }),
  hangup: z.object({ callId }),
  hold: z.object({ callId, on: flag }),
  park: z.object({ callId }),
  'take-up': z.object({ callId }),
  record: z.object({ callId, on: flag }),
  transfer: transferSchema,
  consult: transferSchema,
  conference: z.object({ callId, on: flag }),
  'take-back': z.object({ callId }),
  complete: z.object({ callId }),
  dtmf: z.object({ callId, digits: z.string().regex(/^[0-9*#A-D]{1,32}$/) }),
  dispose: disposeSchema,
  note: disposeSchema.pick({ callId: true, note: true, next: true, pauseCodeId: true, script: true }),
  'extend-wrapup': z.object({ callId, reason }),
  'preview-dial': z.object({ leadId: id }),
  'preview-skip': z.object({ leadId: id, reason }),
  /** `number`: as it was typed, of the campaign's country where it names none. */
  dial: z
    .object({
      campaignId: id,
      e164: e164.optional(),
      number: z.string().trim().max(60).optional(),
      customerId: id.optional(),
      callbackId: id.optional(),
    })
    .refine((dial) => dial.e164 ?? dial.number, {
      path: ['number'],
      error: 'workspace:errors.numberMissing',
    }),
} as const satisfies Record<WorkspaceCommand, z.ZodType>;

/** The payload of a disposition: the callback's wall clock becomes a moment. @throws HttpProblem 422 */
export function dispositionGiven(userId: number, input: z.output<typeof disposeSchema>): DispositionGiven {
  const { callback, late: _late, script: _script, ...rest } = input;
  if (!callback) return { userId, ...rest };
  const { date, time, zone, ...agreed } = callback;
  return { userId, ...rest, callback: { ...agreed, dueAt: momentOf(date, time, zone) } };
}

/** Epoch ms of a wall clock in a zone. A time that the clocks skip on that day is refused, not moved. */
export function momentOf(date: string, time: string, zone: string): number {
  const moment = fromLocal(`${date}T${time}`, zone);
  if (!moment.isValid) throw new HttpProblem(422, 'callback-time-invalid');
  if (moment.toFormat('HH:mm') !== time)
    throw new HttpProblem(422, 'callback-time-skipped', { time, instead: moment.toFormat('HH:mm') });
  return moment.toMillis();
}
