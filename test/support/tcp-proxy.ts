import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A door between a client and a server on this machine, to break their connections in the ways that networks do. */
export interface TcpProxy {
  readonly port: number;
  /** Half-open: bytes are swallowed in both directions, and nobody is told. New connections fare the same. */
  stall(): void;
  /** Lets bytes through again, on new connections; stalled ones stay dead. */
  resume(): void;
  /** From now on each answer of the server is so much later. */
  delay(ms: number): void;
  /** How many connections were taken since bytes are swallowed. */
  taken(): number;
  /** Resets every connection. */
  cut(): void;
  close(): Promise<void>;
}

export async function tcpProxy(targetPort: number): Promise<TcpProxy> {
  let stalled = false;
  let lateMs = 0;
  let taken = 0;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    if (stalled) {
      taken += 1;
      return void client.resume();
    }
    const target = connect(targetPort, '127.0.0.1');
    keep(target);
    let dead = false;
    const pass = (to: Socket) => (chunk: Buffer) => {
      dead ||= stalled;
      if (!dead) to.write(chunk);
    };
    const back = pass(client);
    client.on('data', pass(target)).on('close', () => target.destroy());
    target
      .on('data', (chunk) => (lateMs > 0 ? setTimeout(back, lateMs, chunk) : back(chunk)))
      .on('close', () => dead || client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    stall() {
      stalled = true;
      taken = 0;
    },
    resume: () => void (stalled = false),
    delay: (ms) => void (lateMs = ms),
    taken: () => taken,
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
