import type { Request } from 'express';
import { z } from 'zod';
import { HttpProblem } from '../core/http/index.ts';
import { isCountry, readPhone } from '../crm/index.ts';

/** A number as another system writes it, and of which country it is where it has no code of its own. */
export const numberFields = {
  number: z.string().trim().min(1).max(60),
  country: z
    .string()
    .refine((code) => isCountry(code), 'campaigns:errors.country')
    .optional(),
};
export const numberBody = z.strictObject(numberFields);

/** In E.164; a number that is none ends the request with 422 and says why. */
export function apiNumber(req: Request, written: string, country?: string, field = 'number'): string {
  const reading = readPhone(written, country ?? '');
  if (reading.ok) return reading.e164;
  const why = req.context.t(`crm:phoneProblems.${reading.problem}`);
  throw new HttpProblem(422, 'invalid', {}, { [field]: why });
}

/** Epoch ms of an ISO 8601 time with its offset; one that is not where it may be ends the request with 422. */
export function timeOf(
  req: Request,
  field: string,
  text: string | null,
  { after, upTo }: { after?: number; upTo?: number },
): number | null {
  if (text === null) return null;
  const at = Date.parse(text);
  const { t } = req.context;
  if (after !== undefined && at <= after)
    throw new HttpProblem(422, 'invalid', {}, { [field]: t('campaigns:api.tooEarly') });
  if (upTo !== undefined && at > upTo)
    throw new HttpProblem(422, 'invalid', {}, { [field]: t('compliance:errors.future') });
  return at;
}
