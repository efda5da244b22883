import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';

/** A server of a test's own: free port, temporary folder, gone when the test process ends, however it ends. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** Ends it at once and leaves its data. `graceful` lets it write what it has first. */
  stop(options?: { graceful?: boolean }): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
}

export interface TestMariadb extends TestServer {
  /** The address of a new, empty database. */
  createDatabase(): Promise<string>;
}

const startMs = 60_000;
const folders = new Set<string>();
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

/** The program's path, looked for beside PATH where Debian keeps servers; null when it is not installed. */
export function program(name: string): string | null {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return places.map((place) => join(place, name)).find((path) => existsSync(path)) ?? null;
}

let sharedMariadb: Promise<TestMariadb | null> | undefined;
let sharedRedis: Promise<TestServer | null> | undefined;

/** One MariaDB for all tests of this process that do not stop it; null when it is not installed. */
export function mariadb(): Promise<TestMariadb | null> {
  return (sharedMariadb ??= startMariadb());
}

/** One Redis for all tests of this process that do not stop it; null when it is not installed. */
export function redis(): Promise<TestServer | null> {
  return (sharedRedis ??= startRedis());
}

/** A Redis that keeps every write on disk, so that it comes back as it went. */
export async function startRedis(): Promise<TestServer | null> {
  const command = program('redis-server');
  if (!command) return null;
  const [folder, port] = [temporaryFolder('redis'), await freePort()];
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  args.push('--appendonly', 'yes', '--appendfsync', 'always', '--databases', '64');
  const url = `redis://127.0.0.1:${port}/0`;
  return startServer({ command, args, url, port, answers: () => redisAnswers(url) });
}

/** A MariaDB, prepared in a temporary folder as the user who runs the tests. */
export async function startMariadb(more: readonly string[] = []): Promise<TestMariadb | null> {
  const [command, install] = [program('mariadbd'), program('mariadb-install-db')];
  if (!command || !install) return null;
  const [folder, port] = [temporaryFolder('mariadb'), await freePort()];
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const data = ['--no-defaults', ...user, `--datadir=${join(folder, 'data')}`];
  const prepared = spawnSync(
    install,
    [...data, '--auth-root-authentication-method=normal', '--skip-test-db', `--tmpdir=${folder}`],
    { encoding: 'utf8' },
  );
  if (prepared.status !== 0) throw new Error(`mariadb-install-db failed: ${prepared.stderr}`);
  const args = [...data, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder, 's')}`];
  // Killed servers are tested, power failures are not: what the system has taken is as good as written.
  args.push(
    '--skip-name-resolve',
    '--innodb-buffer-pool-size=64M',
    // As MariaDB is without a word: nothing of the product may rest on the server's character set.
    '--character-set-server=latin1',
    '--innodb-flush-method=nosync',
    '--innodb-flush-log-at-trx-commit=2',
    '--innodb-file-per-table=0',
    '--sync-frm=0',
    `--pid-file=${join(folder, 'pid')}`,
    ...more,
  );
  const admin = { host: '127.0.0.1', port, user: 'root', connectTimeout: 1_000 };
  const url = `mysql://root@127.0.0.1:${port}/`;
  const server = await startServer({ command, args, url, port, answers: () => query(admin, 'select 1') });
  let count = 0;
  return {
    ...server,
    async createDatabase() {
      const name = `test_${process.pid}_${++count}`;
      await query(admin, `create database ${name}`);
      return url + name;
    },
  };
}

interface ServerSpec {
  command: string;
  args: string[];
  url: string;
  port: number;
  /** Rejects until the server works. */
  answers(): Promise<unknown>;
}

async function startServer({ command, args, url, port, answers }: ServerSpec): Promise<TestServer> {
  let child: ChildProcess | undefined;
  const start = async () => {
    // A test process that is killed cannot clean up: the system ends its servers then.
    const guard = program('setpriv');
    const started = guard
      ? spawn(guard, ['--pdeathsig', 'KILL', command, ...args], { stdio: 'ignore' })
      : spawn(command, args, { stdio: 'ignore' });
    started.unref();
    running.add(started);
    started.once('exit', () => running.delete(started));
    child = started;
    await until(answers, () => started.exitCode !== null || started.signalCode !== null);
  };
  const stop = async ({ graceful = false } = {}) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child!.once('exit', resolve));
    child.ref();
    child.kill(graceful ? 'SIGTERM' : 'SIGKILL');
    await ended;
  };
  await start();
  return { url, port, start, stop };
}

async function until(answers: () => Promise<unknown>, ended: () => boolean): Promise<void> {
  const deadline = performance.now() + startMs;
  for (;;) {
    try {
      await answers();
      return;
    } catch (error) {
      if (ended()) throw new Error('the server ended while it started');
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function query(options: mysql.ConnectionOptions, sql: string): Promise<void> {
  const connection = await mysql.createConnection(options);
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}

async function redisAnswers(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}

export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `ringwise-${name}-`));
  folders.add(folder);
  return folder;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
