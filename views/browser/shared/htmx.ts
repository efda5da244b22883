import './htmx-global.ts';
import 'htmx-ext-sse';
import { asProblem, csrfToken } from './http.ts';
import { showState } from './live.ts';
import { toast } from './toast.ts';

/** htmx sends the token, tells what went wrong in words, and lets the page know about lost streams. */
export function startHtmx(): void {
  document.addEventListener('htmx:configRequest', (event) => {
    const { headers } = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
    headers['x-csrf-token'] = csrfToken();
  });
  document.addEventListener('htmx:responseError', (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    toast('danger', problemText(xhr));
  });
  document.addEventListener('htmx:sendError', () => {
    toast('danger', document.getElementById('live-state')?.dataset.failed ?? '');
  });
  document.addEventListener('htmx:sseOpen', () => showState('open'));
  document.addEventListener('htmx:sseError', () => showState('lost'));
}

function problemText(xhr: XMLHttpRequest): string {
  try {
    return asProblem(JSON.parse(xhr.responseText), xhr.status).detail;
  } catch {
    return asProblem(null, xhr.status).detail;
  }
}
