import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

interface ToldEvent {
  readonly type: string;
  readonly channel?: { readonly id: string };
}

/** Stands before a switch: passes what is asked of it, and loses of its events what it is told to lose. */
export interface AriProxy {
  readonly url: string;
  /** The next event for which this holds is told to nobody; resolves when it is lost. */
  lose(is: (event: ToldEvent) => boolean): Promise<ToldEvent>;
  /** How often each has been asked for, by method and path. */
  readonly asked: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export async function ariProxy(target: string): Promise<AriProxy> {
  const { hostname: host, port } = new URL(target);
  const asked = new Map<string, number>();
  let wanted: { is: (event: ToldEvent) => boolean; lost: (event: ToldEvent) => void } | null = null;
  const front = http.createServer((request, response) => {
    const { method, url, headers } = request;
    const what = `${method} ${url!.split('?')[0]}`;
    asked.set(what, (asked.get(what) ?? 0) + 1);
    const passed = http.request({ host, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed.on('error', () => response.destroy()));
  });
  const sockets = new WebSocketServer({ server: front });
  sockets.on('connection', (client, request) => {
    const behind = new WebSocket(`ws://${host}:${port}${request.url}`);
    behind.on('message', (data) => {
      const text = String(data);
      const event = JSON.parse(text) as ToldEvent;
      if (!wanted?.is(event)) return client.send(text);
      const { lost } = wanted;
      wanted = null;
      lost(event);
    });
    behind.on('error', () => client.terminate()).on('close', () => client.terminate());
    client.on('error', () => behind.terminate()).on('close', () => behind.terminate());
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    asked,
    lose: (is) => new Promise((lost) => (wanted = { is, lost })),
    async close() {
      for (const client of sockets.clients) client.terminate();
      front.closeAllConnections();
      await new Promise<void>((resolve) => front.close(() => resolve()));
    },
  };
}
