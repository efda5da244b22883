import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { dropFirstPassword, writeFirstPassword } from '../../bin/first-password.ts';
import { ensureFirstAdministrator, Users } from '../../core/users/index.ts';
import { testApp, type TestApp } from '../support/app.ts';

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
});
