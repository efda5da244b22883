import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Logger } from '../../../core/log/log.ts';
import { apiDocs } from './api-docs.ts';
import { SimProblem } from './problem.ts';
import type { Route, SimRequest, StreamReply } from './routes/route.ts';

interface Match {
  route: Route;
  pattern: string[];
}

/** ARI's face: HTTP with Basic authentication, the API description, and one event socket for each application. */
export class AriServer {
  readonly #user: string;
  readonly #password: string;
  readonly #log: Logger;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #applications = new Map<string, { socket: WebSocket; hears: Set<string> | null }>();
  readonly #connections = new Set<Socket>();
  #routes = new Map<string, Match[]>();
  #docs = new Map<string, object>();
  #frozen: Promise<void> | null = null;
  #thaw = () => {};
  /** Answers come this much later, in milliseconds of the machine. */
  delayMs = 0;
  requests = 0;

  constructor(user: string, password: string, log: Logger) {
    this.#user = user;
    this.#password = password;
    this.#log = log;
    this.#http = createServer({ keepAliveTimeout: 15_000 }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => this.#fail(response, error));
    });
    this.#http.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
    });
    this.#http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
  }

  async listen(port: number, routes: readonly Route[]): Promise<string> {
    for (const route of routes) {
      const pattern = route.path.split('/').slice(1);
      const key = `${route.method} ${pattern.length} ${pattern[0]}`;
      this.#routes.set(key, [...(this.#routes.get(key) ?? []), { route, pattern }]);
    }
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
    this.#docs = apiDocs(routes, `${url}/ari`);
    return url;
  }

  applications(): string[] {
    return [...this.#applications.keys()];
  }

  send(event: Record<string, unknown>, app: string | null): void {
    for (const name of app === null ? this.#applications.keys() : [app]) {
      const application = this.#applications.get(name);
      if (!application || application.hears?.has(String(event['type'])) === false) continue;
      application.socket.send(JSON.stringify({ ...event, application: name }));
    }
  }

  say(text: string): void {
    for (const { socket } of this.#applications.values()) socket.send(text);
  }

  /** Sends an application no other events than of these types. */
  hearOnly(name: string, types: string[]): void {
    const application = this.#applications.get(name);
    if (application) application.hears = new Set(types);
  }

  /** Cuts the event sockets, as a network does; HTTP goes on. */
  dropSockets(): void {
    for (const { socket } of this.#applications.values()) socket.terminate();
    this.#applications.clear();
  }

  /** Keeps every connection open and answers nothing on it, as a half-open connection or a stopped process does. */
  freeze(on: boolean): void {
    if (on === (this.#frozen !== null)) return;
    for (const socket of this.#connections) socket[on ? 'pause' : 'resume']();
    if (on) this.#frozen = new Promise((resolve) => (this.#thaw = resolve));
    else {
      this.#thaw();
      this.#frozen = null;
    }
  }

  /** Ends at once, with every connection. */
  async close(): Promise<void> {
    this.freeze(false);
    this.#applications.clear();
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++;
    if (this.#frozen) await this.#frozen;
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    const url = new URL(request.url ?? '/', 'http://simulator');
    const path = url.pathname.split('/').slice(1).map(decodeURIComponent);
    if (path[0] !== 'ari') throw new SimProblem(404, 'Not found');
    if (!this.#mayEnter(request, url)) throw new SimProblem(401, 'Authentication required');
    if (path[1] === 'api-docs') {
      this.#reply(response, this.#docs.get((path[2] ?? '').replace(/\.json$/, '')) ?? null);
      return;
    }
    const found = this.#find(request.method ?? 'GET', path.slice(1));
    if (!found) throw new SimProblem(404, 'Resource not found');
    const body = await readJson(request);
    const result = found.route.handle({ path: found.parameters, query: url.searchParams, body });
    this.#reply(response, result);
  }

  #find(method: string, path: string[]): { route: Route; parameters: SimRequest['path'] } | null {
    for (const { route, pattern } of this.#routes.get(`${method} ${path.length} ${path[0]}`) ?? []) {
      const parameters: SimRequest['path'] = {};
      const fits = pattern.every((part, index) => {
        if (!part.startsWith('{')) return part === path[index];
        parameters[part.slice(1, -1)] = path[index] ?? '';
        return true;
      });
      if (fits) return { route, parameters };
    }
    return null;
  }

  #reply(response: ServerResponse, result: unknown): void {
    if (result === undefined) {
      response.writeHead(204).end();
      return;
    }
    if (result === null) throw new SimProblem(404, 'Resource not found');
    if (isStream(result)) {
      response.writeHead(200, { 'Content-Type': result.contentType });
      result.stream.pipe(response);
      return;
    }
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(result));
  }

  #fail(response: ServerResponse, error: unknown): void {
    const status = error instanceof SimProblem ? error.status : 500;
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof SimProblem)) this.#log.error({ err: error }, 'the simulator failed at a request');
    if (response.headersSent) response.destroy();
    else
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(
        // Asterisk calls it "error" where the channel driver speaks, "message" elsewhere.
        JSON.stringify(status === 500 ? { error: message } : { message }),
      );
  }

  #mayEnter(request: IncomingMessage, url: URL): boolean {
    const expected = `${this.#user}:${this.#password}`;
    const header = request.headers.authorization ?? '';
    if (header.startsWith('Basic '))
      return Buffer.from(header.slice('Basic '.length), 'base64').toString('utf8') === expected;
    return url.searchParams.get('api_key') === expected;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://simulator');
    const apps = (url.searchParams.get('app') ?? '').split(',').filter(Boolean);
    if (
      url.pathname !== '/ari/events' ||
      !this.#mayEnter(request, url) ||
      apps.length === 0 ||
      this.#frozen
    ) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      for (const app of apps) this.#register(app, webSocket);
    });
  }

  #register(app: string, socket: WebSocket): void {
    const before = this.#applications.get(app);
    before?.socket.send(JSON.stringify({ type: 'ApplicationReplaced', application: app }));
    this.#applications.set(app, { socket, hears: null });
    socket.on('close', () => {
      if (this.#applications.get(app)?.socket === socket) this.#applications.delete(app);
    });
  }
}

function isStream(result: unknown): result is StreamReply {
  return typeof result === 'object' && result !== null && 'stream' in result;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  if (parts.length === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new SimProblem(400, 'Request body is no JSON');
  }
}
