import type { LineNow, LineReport } from '../../../dialer/line-quality/line-quality.ts';
import { csrfToken } from '../shared/http.ts';

const retryMs = 5_000;

/** Outlives the page. What could not be told is told once more: the last report of a talk has none to come after it. */
export function sendLineReport(callId: string, report: LineReport): void {
  const send = () =>
    put(callId, '', report).then((response) => {
      if (response.status >= 500) throw new Error(String(response.status));
    });
  send().catch(() => setTimeout(() => void send().catch(() => undefined), retryMs));
}

/** What is lost of this is made good by the next, a moment later. */
export function sendLineNow(callId: string, now: LineNow): void {
  void put(callId, '/now', now).catch(() => undefined);
}

function put(callId: string, what: '' | '/now', body: object): Promise<Response> {
  return fetch(`/workspace/line-quality/${encodeURIComponent(callId)}${what}`, {
    method: 'PUT',
    keepalive: true,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'x-csrf-token': csrfToken(),
    },
    body: JSON.stringify(body),
  });
}
