import type { ErrorRequestHandler, Request } from 'express';
import type { Logger } from '../log/log.ts';
import type { Translator } from '../i18n/index.ts';
import { isHtmx, page, wantsJson } from './page.ts';
import { toProblem, type HttpProblem } from './problem.ts';

export interface ProblemWords {
  title: string;
  detail: string;
}

/**
 * Words for a problem: `<namespace>:problems.<code>` or `<namespace>:refusals.<code>`, first in `common`, then in any
 * area. Either a text, or an object of `title` and `detail`.
 */
export function problemWords(translator: Translator, req: Request, problem: HttpProblem): ProblemWords {
  const { t, locale } = req.context;
  const title = t(`common:problems.status${problem.status}`, {
    defaultValue: t('common:problems.status500'),
  });
  for (const namespace of ['common', ...translator.namespaces]) {
    for (const group of ['problems', 'refusals']) {
      const key = `${namespace}:${group}.${problem.code}`;
      if (translator.has(locale, `${key}.title`))
        return { title: t(`${key}.title`, problem.details), detail: t(`${key}.detail`, problem.details) };
      if (translator.has(locale, key)) return { title, detail: t(key, problem.details) };
    }
  }
  return { title, detail: t('common:problems.unknown', { code: problem.code }) };
}

/** The last handler: every error becomes a page, a problem document (RFC 9457), or a way to the sign-in page. */
export function errorHandler(log: Logger, translator: Translator): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const problem = toProblem(error);
    if (isCutOff(req, error))
      return log.info({ err: error, path: req.path }, 'request was cut off by who sent it');
    if (problem.status >= 500)
      log.error({ err: error, code: problem.code, path: req.path }, 'request failed');
    // Too late for words: the connection is cut, so that the reader does not take half an answer for a whole one.
    if (res.headersSent || !req.context) return next(error);
    try {
      answer(translator, problem, req, res);
    } catch (renderError) {
      log.error({ err: renderError, path: req.path }, 'error page failed');
      next(error);
    }
  };
}

const cutOff = new Set(['ECONNRESET', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);

/** Who asked has gone in the middle of what they sent, and the error is that and nothing else. */
function isCutOff(req: Request, error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return !req.complete && req.readableAborted && typeof code === 'string' && cutOff.has(code);
}

type AnswerParams = Parameters<ErrorRequestHandler>;

function answer(
  translator: Translator,
  problem: HttpProblem,
  req: AnswerParams[1],
  res: AnswerParams[2],
): void {
  const { status, code, fields } = problem;
  const signInPath = `/sign-in?next=${encodeURIComponent(req.originalUrl)}`;
  if (status === 503) res.set('retry-after', '10');
  const asPage = !isHtmx(req) && !wantsJson(req);
  if (asPage && code === 'signed-out') {
    res.redirect(303, req.method === 'GET' ? signInPath : '/sign-in');
    return;
  }
  const words = problemWords(translator, req, problem);
  if (asPage) {
    const data = { title: words.title, problem: { status, code, ...words, fields: Object.values(fields) } };
    page(req, res, 'web/problem', data, { status, layout: 'bare' });
    return;
  }
  if (code === 'signed-out' && isHtmx(req)) res.set('hx-redirect', '/sign-in');
  res.status(status).type('application/problem+json');
  res.send(
    JSON.stringify({
      type: `urn:ringwise:problem:${code}`,
      status,
      code,
      ...words,
      ...(Object.keys(fields).length > 0 ? { fields } : {}),
    }),
  );
}
