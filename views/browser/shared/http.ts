import { notReached, reached } from './no-connection.ts';

export interface ProblemBody {
  status: number;
  code: string;
  title: string;
  detail: string;
  fields?: Record<string, string>;
}

/** The server said no, in words that can be shown. `status` 0: it could not be reached. */
export class Refused extends Error {
  readonly problem: ProblemBody;
  constructor(problem: ProblemBody) {
    super(problem.detail);
    this.name = 'Refused';
    this.problem = problem;
  }
}

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '';
}

/** Whoever signs in again comes back here. */
export function toSignIn(): void {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** A network that is gone may leave a request without an end: after this it is taken for lost. */
const patienceMs = 10_000;

export interface Patience {
  signal?: AbortSignal;
  /** How long the answer may take. */
  patienceMs?: number;
}

/** Does what fetches, and breaks it off when it takes too long or `signal` says so. */
export async function inTime<T>(work: (signal: AbortSignal) => Promise<T>, given: Patience = {}): Promise<T> {
  const ended = new AbortController();
  const end = () => ended.abort();
  if (given.signal?.aborted) end();
  given.signal?.addEventListener('abort', end);
  const late = setTimeout(end, given.patienceMs ?? patienceMs);
  try {
    return await work(ended.signal);
  } finally {
    clearTimeout(late);
    given.signal?.removeEventListener('abort', end);
  }
}

/** Sends JSON and reads JSON. @throws Refused */
export async function send<T = unknown>(
  method: string,
  url: string,
  body?: unknown,
  given: Patience = {},
): Promise<T> {
  let response: Response;
  let text: string;
  try {
    [response, text] = await inTime(async (signal) => {
      const answer = await fetch(url, {
        method,
        signal,
        headers: {
          accept: 'application/json',
          'x-csrf-token': csrfToken(),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return [answer, await answer.text()];
    }, given);
  } catch (error) {
    if (given.signal?.aborted) throw error;
    throw new Refused({ status: 0, code: 'no-connection', title: '', detail: notReached() });
  }
  reached();
  const json = text === '' ? null : parse(text);
  if (response.ok) return json as T;
  if (response.status === 401) toSignIn();
  throw new Refused(asProblem(json, response.status));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function asProblem(json: unknown, status: number): ProblemBody {
  const problem = json as Partial<ProblemBody> | null;
  return {
    status,
    code: problem?.code ?? 'unknown',
    title: problem?.title ?? '',
    detail: problem?.detail ?? `HTTP ${status}`,
    fields: problem?.fields,
  };
}
