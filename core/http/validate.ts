import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Translate } from '../i18n/index.ts';
import { plainTexts } from '../text/index.ts';
import { HttpProblem } from './problem.ts';

type Schema = z.ZodType;
export interface Parts {
  body?: Schema;
  query?: Schema;
  params?: Schema;
}
type Parsed<P extends Parts> = {
  [K in keyof P]: P[K] extends Schema ? z.output<P[K]> : undefined;
};

/** What a form partial needs: what was typed, and the words beside each field. */
export interface FormState {
  values: Record<string, unknown>;
  errors: Record<string, string>;
}

export interface Validation<P extends Parts> extends RequestHandler {
  /** The checked input of this request. */
  of(req: Request): Parsed<P>;
}

export interface ValidateOptions {
  /** Shows the form again, with what was typed and what is wrong with it; status 422 is already set. */
  failed?(req: Request, res: Response, form: FormState): void | Promise<void>;
}

/**
 * Checks the parts of a request with zod, texts freed of signs that nobody sees. A wrong path parameter is 404; a wrong query falls under 400; a wrong body is
 * 422, given to `failed` when the route has a form to show again, else a problem with `fields`.
 */
export function validate<P extends Parts>(parts: P, options: ValidateOptions = {}): Validation<P> {
  const results = new WeakMap<Request, Parsed<P>>();
  const handler = async (req: Request, res: Response, next: (error?: unknown) => void) => {
    const parsed: Record<string, unknown> = {};
    for (const part of ['params', 'query', 'body'] as const) {
      const schema = parts[part];
      if (!schema) continue;
      const input = plainTexts((req[part] ?? {}) as Record<string, unknown>);
      if (part === 'body') req.body = input;
      const result = await schema.safeParseAsync(input);
      if (result.success) {
        parsed[part] = result.data;
        continue;
      }
      if (part === 'params') throw new HttpProblem(404, 'not-found');
      const errors = fieldErrors(result.error, req.context.t);
      if (part === 'query') throw new HttpProblem(400, 'invalid-query', {}, errors);
      if (!options.failed) throw new HttpProblem(422, 'invalid', {}, errors);
      res.status(422);
      await options.failed(req, res, { values: input, errors });
      return;
    }
    results.set(req, parsed as Parsed<P>);
    next();
  };
  return Object.assign(handler as RequestHandler, {
    of(req: Request): Parsed<P> {
      const result = results.get(req);
      if (!result) throw new Error('validate().of() on a route without that validation');
      return result;
    },
  });
}

/** The path parameter of a page about one row. */
export const idParams = z.object({ id: z.coerce.number().int().positive() });

/** The state of a form that is shown for the first time. */
export function formState(values: object = {}, errors: Record<string, string> = {}): FormState {
  return { values: { ...values }, errors };
}

/** Words for each wrong field, by its path (`hours.0.from`). The first thing wrong with a field is said. */
export function fieldErrors(error: z.ZodError, t: Translate): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const issue of error.issues) {
    const field = issue.path.map(String).join('.') || '_';
    errors[field] ??= issueText(issue as unknown as Issue, t);
  }
  return errors;
}

interface Issue {
  code: string;
  message: string;
  origin?: string;
  minimum?: number | bigint;
  maximum?: number | bigint;
  format?: string;
  expected?: string;
  params?: Record<string, unknown>;
  /** Of a union: what is wrong with it as each of its parts. */
  errors?: Issue[][];
}

const formatWords: Record<string, string> = {
  email: 'common:errors.email',
  url: 'common:errors.url',
  date: 'common:errors.date',
};

const namespaced = /^[a-z-]+:[\w.-]+$/;

function issueText(issue: Issue, t: Translate): string {
  // A schema that names its own words: z.string().regex(…, 'campaigns:errors.callerId').
  if (namespaced.test(issue.message)) return t(issue.message, { ...issue.params, ...limits(issue) });
  switch (issue.code) {
    case 'invalid_type':
      // The issue itself does not carry what was given.
      if (/received (undefined|null)/.test(issue.message)) return t('common:errors.required');
      return t(
        issue.expected === 'number' || issue.expected === 'int'
          ? 'common:errors.number'
          : 'common:errors.invalid',
      );
    case 'too_small':
      if (issue.origin === 'string')
        return t(Number(issue.minimum) <= 1 ? 'common:errors.required' : 'common:errors.tooShort', {
          ...limits(issue),
          count: Number(issue.minimum),
        });
      if (issue.origin === 'array' || issue.origin === 'set')
        return t('common:errors.tooFew', { count: Number(issue.minimum) });
      return t('common:errors.min', limits(issue));
    case 'too_big':
      if (issue.origin === 'string')
        return t('common:errors.tooLong', { ...limits(issue), count: Number(issue.maximum) });
      if (issue.origin === 'array' || issue.origin === 'set')
        return t('common:errors.tooMany', { count: Number(issue.maximum) });
      return t('common:errors.max', limits(issue));
    case 'invalid_value':
      return t('common:errors.choice');
    case 'invalid_format':
      return t(formatWords[issue.format ?? ''] ?? 'common:errors.format');
    case 'invalid_union': {
      // "Empty, or a number": what was given was meant for the part that is not a fixed word.
      const tried = issue.errors?.map(([first]) => first).filter((first) => first !== undefined) ?? [];
      const meant = tried.find(({ code }) => code !== 'invalid_value') ?? tried[0];
      return meant ? issueText(meant, t) : t('common:errors.invalid');
    }
    case 'unrecognized_keys':
      return t('common:errors.unknownField');
    default:
      return t('common:errors.invalid');
  }
}

const limits = (issue: Issue) => ({ min: Number(issue.minimum), max: Number(issue.maximum) });
