import './htmx-global.ts';
import 'htmx-ext-sse';
import { asProblem, csrfToken, toSignIn } from './http.ts';
import { showState } from './live.ts';
import { notReached, reached } from './no-connection.ts';
import { toast } from './toast.ts';

/** htmx sends the token, tells what went wrong in words, and lets the page know about lost streams. */
export function startHtmx(): void {
  document.addEventListener('htmx:configRequest', (event) => {
    const { headers } = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
    headers['x-csrf-token'] = csrfToken();
  });
  document.addEventListener('htmx:responseError', (event) => {
    const { xhr, elt } = (event as CustomEvent<Answer>).detail;
    if (isPoll(elt) && xhr.status === 401) toSignIn();
    else if (isPoll(elt) && xhr.status >= 500) showState('lost');
    else toast('danger', problemText(xhr));
  });
  document.addEventListener('htmx:sendError', (event) => {
    if (isPoll((event as CustomEvent<Answer>).detail.elt)) showState('lost');
    else toast('danger', notReached());
  });
  document.addEventListener('htmx:afterRequest', (event) => {
    const { elt, successful } = (event as CustomEvent<Answer>).detail;
    if (successful) reached();
    if (successful && isPoll(elt)) showState('open');
  });
  document.addEventListener('htmx:sseOpen', () => showState('open'));
  document.addEventListener('htmx:sseError', () => showState('lost'));
}

interface Answer {
  xhr: XMLHttpRequest;
  elt: Element;
  successful?: boolean;
}

/** What a page asks for by itself, and will soon ask for again. Nobody did anything that has failed. */
function isPoll(element: Element): boolean {
  return /\bevery\b/.test(element.getAttribute('hx-trigger') ?? '');
}

function problemText(xhr: XMLHttpRequest): string {
  try {
    return asProblem(JSON.parse(xhr.responseText), xhr.status).detail;
  } catch {
    return asProblem(null, xhr.status).detail;
  }
}
