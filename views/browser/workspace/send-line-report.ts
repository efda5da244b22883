import type { LineReport } from '../../../dialer/line-quality/line-quality.ts';
import { csrfToken } from '../shared/http.ts';

const retryMs = 5_000;

/** Outlives the page. What could not be told is told once more: the last report of a talk has none to come after it. */
export function sendLineReport(callId: string, report: LineReport): void {
  const send = () =>
    fetch(`/workspace/line-quality/${encodeURIComponent(callId)}`, {
      method: 'PUT',
      keepalive: true,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-csrf-token': csrfToken(),
      },
      body: JSON.stringify(report),
    }).then((response) => {
      if (response.status >= 500) throw new Error(String(response.status));
    });
  send().catch(() => setTimeout(() => void send().catch(() => undefined), retryMs));
}
