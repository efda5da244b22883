import type { Request } from 'express';
import { CommandRefused } from '../core/bus/bus.ts';
import { HttpProblem } from '../core/http/index.ts';
import { formatDate, joinSentences } from '../core/i18n/index.ts';

/**
 * What the gate refused, in the reader's language: its reason and the time when the number may be called come as
 * codes. Any other error is handed back as it is.
 */
export function gateRefusalInWords(req: Request, error: unknown): unknown {
  if (!(error instanceof CommandRefused) || error.reason !== 'blocked-by-gate') return error;
  const { t, locale } = req.context;
  const { reasonCode, nextAllowedAt } = error.details;
  const reason = typeof reasonCode === 'string' ? t(`compliance:reason.${reasonCode}`) : '';
  const when =
    typeof nextAllowedAt === 'number'
      ? t('workspace:dial.againAt', { time: formatDate(nextAllowedAt, 'datetime', req.context) })
      : '';
  return new HttpProblem(409, error.reason, { why: joinSentences([reason, when], locale) });
}
