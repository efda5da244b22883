import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { mariadb } from '../support/servers.ts';
import { skip } from '../support/skip.ts';
import type { SettingDefinition, StoredSetting } from '../../core/settings/settings.ts';
import { organisation } from '../../web/settings/general-settings.ts';
import { perAccount } from '../../web/sign-in/sign-in-limits.ts';
import { testPassword, testWeb, type TestWeb } from './support.ts';

describe('accounts and sessions on MariaDB', function () {
  this.timeout(60_000);
  let t: TestWeb;
  before(async function () {
    const server = await mariadb();
    if (!server) return skip(this, 'MariaDB is not installed');
    t = await testWeb({}, { config: { databaseUrl: await server.createDatabase() } });
  });
  after(() => t?.close());

  it('sign in, list, edit, sign out everywhere', async () => {
    const admin = await t.signedIn('administrator', 'admin');
    await t.account('agent', 'mei');
    await t.account('agent', 'méi');
    const list = await admin.get('/users?q=mei&sort=-created&columns=username,created');
    assert.equal(list.status, 200);
    assert.match(list.text, /1–1 of 1/);
    const other = t.visitor();
    await other.signIn('admin', testPassword);
    await admin.get('/profile');
    assert.equal(
      (await admin.post('/profile', { name: '陳怡君', locale: 'zh-TW', theme: 'dark' })).status,
      303,
    );
    assert.equal((await t.users.store.byUsername('admin'))!.user.name, '陳怡君');
    assert.equal((await admin.post('/profile/sign-out-everywhere')).status, 303);
    assert.equal((await other.get('/profile')).status, 303);
    assert.equal((await t.app.db.knex('sessions').where('user_id', 1)).length, 0);
  });

  it('save settings once, where three who have seen the same save at the same moment', async () => {
    const { settings } = t.app;
    const seen = {
      among: [organisation as SettingDefinition<unknown>],
      asSeen: (stored: StoredSetting) => stored(organisation) === '',
    };
    const save = (value: string) =>
      settings.setAll(
        [{ definition: organisation as SettingDefinition<unknown>, value }],
        { userId: null },
        seen,
      );
    const saved = await Promise.all(['One', 'Two', 'Three'].map(save));
    assert.equal(saved.filter((count) => count === 1).length, 1);
    assert.equal(saved.filter((count) => count === null).length, 2);
  });

  it('do not give a username twice, also at the same moment', async () => {
    const account = { username: 'twin', name: 'Twin', role: 'agent' as const };
    const results = await Promise.allSettled([1, 2, 3].map(() => t.users.create(account, { userId: null })));
    assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
    for (const result of results)
      if (result.status === 'rejected')
        assert.equal((result.reason as { code: string }).code, 'username-taken');
  });

  it('always leave one administrator, when two go at once', async () => {
    const [a, b] = [await t.account('administrator', 'a'), await t.account('administrator', 'b')];
    await t.users.disable(
      (await t.users.store.byUsername('admin'))!.user.id,
      { userId: null },
      'only a and b are left',
    );
    const gone = await Promise.allSettled(
      [a, b].map(({ id }) => t.users.disable(id, { userId: null }, 'at once')),
    );
    assert.equal(gone.filter((result) => result.status === 'fulfilled').length, 1);
    assert.equal(await t.users.store.countAdministrators(), 1);
  });

  it('count failures that come at the same moment', async () => {
    await t.account('agent', 'rushed');
    const visitors = await Promise.all(
      Array.from({ length: perAccount + 4 }, async () => {
        const visitor = t.visitor();
        await visitor.get('/sign-in');
        return visitor;
      }),
    );
    const answers = await Promise.all(
      visitors.map((visitor) => visitor.post('/sign-in', { username: 'rushed', password: 'wrong' })),
    );
    assert.equal(answers.filter(({ status }) => status === 422).length, perAccount);
    assert.equal(answers.filter(({ status }) => status === 429).length, 4);
  });

  it('show and filter the audit', async () => {
    const last = (await t.users.store.active('administrator'))[0]!;
    const admin = t.visitor();
    await admin.signIn(last.username, testPassword);
    const page = await admin.get('/audit?action=user.sign-in-failed&from=2026-11-01&sort=at');
    assert.match(page.text, /1–8 of 8/);
  });
});
