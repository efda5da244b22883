import assert from 'node:assert/strict';
import mysql from 'mysql2/promise';
import { after, before, describe, it } from 'mocha';
import { eventually } from '../support/eventually.ts';
import { startDoor, type Started } from '../support/process.ts';
import { freePort, startMariadb, startRedis, temporaryFolder, type TestServer } from '../support/servers.ts';
import { skip } from '../support/skip.ts';

describe('the demo as web, worker and dialer processes on MariaDB and Redis', function () {
  this.timeout(120_000);
  let mariadb: TestServer;
  let redis: TestServer;
  let env: Record<string, string> = {};
  const processes: Started[] = [];

  before(async function () {
    const [database, broker] = [await startMariadb(), await startRedis()];
    if (!database || !broker) skip(this, 'MariaDB or Redis is not installed');
    [mariadb, redis] = [database, broker];
    env = {
      PORT: `${await freePort()}`,
      DATA_DIR: temporaryFolder('demo-processes'),
      DATABASE_URL: await database.createDatabase(),
      REDIS_URL: broker.url,
      LOG_LEVEL: 'info',
    };
  });
  after(async () => {
    processes.forEach(({ child }) => child.kill('SIGTERM'));
    await Promise.all(processes.map(({ ended }) => ended));
    await Promise.all([mariadb?.stop(), redis?.stop()]);
  });

  it('has robots that talk to simulated customers, whichever process starts first', async () => {
    const filled = await startDoor('cli', ['demo'], env).ended;
    assert.equal(filled.code, 0, filled.stderr);
    assert.match(filled.stdout, /^admin {2,}\S+ +administrator$/m);
    assert.match(filled.stdout, /Robots work as agents/);
    for (const role of ['worker', 'web', 'dialer']) processes.push(startDoor('serve', ['--role', role], env));
    const connection = await mysql.createConnection(env.DATABASE_URL!);
    try {
      await eventually(async () => {
        const [rows] = await connection.query(
          'select count(*) as n from calls where connected_at is not null',
        );
        const [{ n }] = rows as [{ n: number }];
        assert.ok(n > 0, `${n} calls have been connected to a robot`);
      }, 90_000);
    } finally {
      await connection.end();
    }
    for (const { stdout } of processes)
      assert.doesNotMatch(stdout, /administrator$/m, 'no password in a log');
  });

  it('says that nobody works in it beside a switch of one’s own', async () => {
    const asterisk = { ASTERISK_URL: 'http://127.0.0.1:8088', ASTERISK_USER: 'a', ASTERISK_PASSWORD: 'b' };
    const told = await startDoor('cli', ['demo'], { ...env, ...asterisk }).ended;
    assert.match(told.stdout, /Nobody works or answers in it: .*ASTERISK_URL/);
  });
});
