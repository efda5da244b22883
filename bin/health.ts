import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * The answer to `GET /health` and everything else while the product comes up or waits for its database: 503, with
 * what is missing, as JSON or as a page that tries again by itself.
 */
export class StartingUp {
  #missing: string;

  constructor(missing = 'the product is starting') {
    this.#missing = missing;
  }

  set missing(what: string) {
    this.#missing = what;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').split('?')[0];
    if (path === '/health') {
      const body = JSON.stringify({ status: 'starting', missing: [this.#missing] });
      response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '2' }).end(body);
      return;
    }
    response
      .writeHead(503, { 'content-type': 'text/html; charset=utf-8', 'retry-after': '2', refresh: '2' })
      .end(`<!doctype html><title>Ringwise</title><p>Ringwise is starting: ${escape(this.#missing)}.`);
  }
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (it) => `&#${it.charCodeAt(0)};`);
}
