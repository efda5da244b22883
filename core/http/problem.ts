import { isDatabaseDown } from '../database/errors.ts';
import { BusTimeout, BusUnavailable, CommandRefused } from '../bus/bus.ts';

/**
 * A request that ends in words instead of its result. `code` is stable, kebab-case, and has its text in the locales
 * as `<namespace>:problems.<code>` (or `refusals.<code>`), with `details` as parameters.
 */
export class HttpProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;
  /** Words beside a field, by the field's name. Already in the reader's language. */
  readonly fields: Record<string, string>;
  constructor(
    status: number,
    code: string,
    details: Record<string, unknown> = {},
    fields: Record<string, string> = {},
  ) {
    super(`${status} ${code}`);
    this.name = 'HttpProblem';
    this.status = status;
    this.code = code;
    this.details = details;
    this.fields = fields;
  }
}

export const notFound = (details: Record<string, unknown> = {}): HttpProblem =>
  new HttpProblem(404, 'not-found', details);
export const forbidden = (details: Record<string, unknown> = {}): HttpProblem =>
  new HttpProblem(403, 'forbidden', details);
export const conflict = (code: string, details: Record<string, unknown> = {}): HttpProblem =>
  new HttpProblem(409, code, details);

/** Returns `value`, or ends the request with 404. */
export function found<T>(value: T | null | undefined): T {
  if (value == null) throw notFound();
  return value;
}

/** What body parsers and Express itself throw: `{status, type}` with a status below 500. */
function fromHttpError(error: { status?: unknown; type?: unknown; code?: unknown }): HttpProblem | null {
  const { status } = error;
  if (typeof status !== 'number' || status < 400 || status > 499) return null;
  if (error.code === 'EBADCSRFTOKEN') return new HttpProblem(403, 'csrf');
  if (status === 413) return new HttpProblem(413, 'too-large');
  if (status === 404) return notFound();
  return new HttpProblem(status, 'bad-request');
}

/** Whatever was thrown, as a problem that can be said in words. Unknown errors become 500 `internal`. */
export function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof CommandRefused) return new HttpProblem(409, error.reason, error.details);
  if (error instanceof BusTimeout) return new HttpProblem(503, 'no-answer');
  if (error instanceof BusUnavailable) return new HttpProblem(503, 'bus-down');
  if (typeof error === 'object' && error !== null) {
    if (isDatabaseDown(error)) return new HttpProblem(503, 'database-down');
    return fromHttpError(error) ?? new HttpProblem(500, 'internal');
  }
  return new HttpProblem(500, 'internal');
}
