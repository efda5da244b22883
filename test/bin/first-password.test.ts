import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { dropFirstPassword, readFirstPassword, writeFirstPassword } from '../../bin/first-password.ts';
import { ensureFirstAdministrator, Users } from '../../core/users/index.ts';
import { createApp } from '../../core/create-app.ts';
import { createLog } from '../../core/log/log.ts';
import { testApp, testConfig, type TestApp } from '../support/app.ts';
import { startDoor, type Ended } from '../support/process.ts';
import { temporaryFolder } from '../support/servers.ts';

describe('the password of the first administrator', () => {
  let app: TestApp;
  before(async () => {
    app = await testApp();
  });
  after(() => app.close());

  it('stands in a file of the data folder until it has been changed', async () => {
    const first = (await ensureFirstAdministrator(app))!;
    const file = writeFirstPassword(app.config.dataDir, first);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(readFileSync(file, 'utf8'), `admin   ${first.password}\n`);
    await dropFirstPassword(app);
    assert.ok(existsSync(file), 'nobody has signed in yet');
    const users = new Users(app);
    const { user } = (await users.store.byUsername('admin'))!;
    await users.changePassword(user.id, first.password, 'another-long-password-7', { userId: user.id });
    for (let tries = 0; existsSync(file) && tries < 100; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(!existsSync(file));
    writeFirstPassword(app.config.dataDir, first);
    await dropFirstPassword(app);
    assert.ok(!existsSync(file), 'changed while nobody looked');
  });

  it('is not lost with a start that fails later, and the next one says where it is (fault: a table takes no write)', async function () {
    this.timeout(120_000);
    const dataDir = join(temporaryFolder('first-password'), 'data');
    const sql = async (statement: string) => {
      const own = await createApp(testConfig(dataDir), { log: createLog('silent') });
      await own.db.knex.raw(statement);
      await own.close();
    };
    const env = { DATA_DIR: dataDir, LOG_LEVEL: 'silent' };
    const start = (...args: string[]) =>
      startDoor('serve', ['--port', '0', '--empty', '--no-open', ...args], env);
    const stop = async ({ child, ended }: ReturnType<typeof start>): Promise<Ended> => {
      child.kill('SIGTERM');
      return ended;
    };
    await sql(
      `create trigger no_dialer before insert on dialers begin select raise(abort, 'no dialer here'); end`,
    );
    const failed = await start().ended;
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /no dialer here/);
    const first = readFirstPassword(dataDir)!;
    assert.equal(statSync(first.file).mode & 0o777, 0o600);
    await sql('drop trigger no_dialer');

    const again = start();
    const [, named] = await again.line(/name and password are in (\S+),/);
    assert.equal(named, first.file);
    const { stdout } = await stop(again);
    assert.ok(!stdout.includes(first.password), 'its lines end in a log');
    const seen = start('--attended');
    await seen.line(new RegExp(`^  admin   ${first.password}$`));
    await stop(seen);

    const own = await createApp(testConfig(dataDir), { log: createLog('silent') });
    const users = new Users(own);
    const { ok } = await users.checkSignIn('admin', first.password);
    const { user } = (await users.store.byUsername('admin'))!;
    await users.changePassword(user.id, first.password, 'another-long-password-7', { userId: user.id });
    await own.close();
    assert.ok(ok);
    const last = startDoor('serve', ['--port', '0', '--no-open', '--attended'], env);
    await last.line(/^Ringwise is at/);
    await last.line(/^No demo, as this installation has data of its own/);
    await stop(last);
    assert.ok(!existsSync(first.file), 'changed while nothing ran');
  });
});
