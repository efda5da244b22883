import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { startDoor, type Started } from '../support/process.ts';
import { freePort, startMariadb, startRedis, temporaryFolder, type TestServer } from '../support/servers.ts';
import { skip } from '../support/skip.ts';

interface Health {
  status: number;
  body: { status: string; missing?: unknown };
}

describe('the product as web, worker and dialer processes on MariaDB and Redis', function () {
  this.timeout(120_000);
  let mariadb: TestServer;
  let redis: TestServer;
  let web: Started;
  let dialer: Started;
  const processes: Started[] = [];
  let address = '';
  let env: Record<string, string> = {};

  before(async function () {
    const [database, broker] = [await startMariadb(), await startRedis()];
    if (!database || !broker) skip(this, 'MariaDB or Redis is not installed');
    [mariadb, redis] = [database, broker];
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    env = {
      PORT: `${port}`,
      DATA_DIR: temporaryFolder('processes'),
      DATABASE_URL: await database.createDatabase(),
      REDIS_URL: broker.url,
      LOG_LEVEL: 'info',
    };
    await mariadb.stop({ graceful: true });
  });
  after(async () => {
    processes.forEach(({ child }) => child.kill('SIGKILL'));
    await Promise.all(processes.map(({ ended }) => ended));
    await Promise.all([mariadb?.stop(), redis?.stop()]);
  });

  const start = (role: string) => {
    const started = startDoor('serve', ['--role', role], env);
    processes.push(started);
    return started;
  };
  const health = async (): Promise<Health> => {
    const answer = await fetch(`${address}/health`);
    return { status: answer.status, body: (await answer.json()) as Health['body'] };
  };
  const until = async (check: (health: Health) => boolean, ms = 60_000): Promise<Health> => {
    const deadline = performance.now() + ms;
    for (let last: unknown; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
      try {
        const now = await health();
        if (check(now)) return now;
        last = now;
      } catch (error) {
        last = error;
      }
      if (performance.now() > deadline) assert.fail(`not in time; last: ${JSON.stringify(last)}`);
    }
  };
  const isUp = ({ status }: Health) => status === 200;
  const lacks = (part: string) => (it: Health) =>
    it.status === 503 && JSON.stringify(it.body.missing).includes(part);

  it('fault: no database at the start; web says what is missing, and all come up when it is there', async () => {
    web = start('web');
    start('worker');
    dialer = start('dialer');
    const missing = await until(({ status }) => status === 503);
    assert.equal(missing.body.status, 'starting');
    await mariadb.start();
    await until(isUp);
    const [, file] = await web.line(/name and password are in (\S+),/);
    assert.match(readFileSync(file!, 'utf8'), /^admin +\S{8,}/);
  });

  it('fault: the database is gone for 10 s; health says so and recovers, and no process ends', async () => {
    await mariadb.stop();
    const gone = performance.now();
    await until(lacks('database'));
    await new Promise((resolve) => setTimeout(resolve, 10_000 - (performance.now() - gone)));
    assert.equal((await health()).status, 503);
    await mariadb.start();
    await until(isUp);
    for (const { child } of processes) assert.equal(child.exitCode, null);
  });

  it('fault: Redis is gone and comes back', async () => {
    await redis.stop();
    await until(lacks('bus'));
    await redis.start();
    await until(isUp);
    for (const { child } of processes) assert.equal(child.exitCode, null);
  });

  it('fault: the dialer is killed; web says so until a new one is there', async () => {
    dialer.child.kill('SIGKILL');
    await dialer.ended;
    await until(lacks('dialer'));
    dialer = start('dialer');
    await until(isUp);
  });

  it('fault: a second dialer of the same name runs for a while; the first ends after it, to be started anew', async () => {
    const second = start('dialer');
    await dialer.line(/another process runs under this dialer’s name/);
    await until(isUp);
    second.child.kill('SIGTERM');
    await second.ended;
    assert.equal((await dialer.ended).code, 1);
    assert.match(dialer.stdout, /is gone; this one ends, to be started anew/);
    dialer = start('dialer');
    await until(isUp);
  });

  it('each ends by itself on SIGTERM', async () => {
    const living = processes.filter(({ child }) => child.exitCode === null && child.signalCode === null);
    assert.equal(living.length, 3);
    living.forEach(({ child }) => child.kill('SIGTERM'));
    for (const { ended } of living) assert.equal((await ended).code, 0);
  });
});
