import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { demoAccounts, ensureFirstAdministrator } from '../../core/users/index.ts';
import { perAccount, perAccountAnywhere, perAddress } from '../../web/sign-in/sign-in-limits.ts';
import { eventually } from '../support/eventually.ts';
import { testPassword, testWeb, type TestWeb } from './support.ts';

describe('signing in', () => {
  let it_: TestWeb;
  before(async () => {
    it_ = await testWeb();
  });
  after(() => it_.close());

  const audited = async (action: string) =>
    (await it_.app.db.knex('audit_log').where({ action }).orderBy('id', 'desc')) as {
      user_id: number | null;
      entity_id: string | null;
      after: string | null;
      ip: string;
    }[];

  it('sends a visitor to the sign-in page and back to where he wanted to go', async () => {
    const { username } = await it_.account('administrator', 'back');
    const visitor = it_.visitor();
    const refused = await visitor.get('/users?role=agent');
    assert.equal(refused.status, 303);
    assert.equal(refused.headers.location, '/sign-in?next=%2Fusers%3Frole%3Dagent');
    await visitor.get(refused.headers.location);
    const done = await visitor.post('/sign-in', {
      username,
      password: testPassword,
      next: '/users?role=agent',
    });
    assert.equal(done.headers.location, '/users?role=agent');
  });

  it('never goes to another site after signing in', async () => {
    const { username } = await it_.account('agent', 'elsewhere');
    for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example']) {
      const done = await it_.visitor().signIn(username, testPassword, next);
      assert.equal(done.headers.location, '/', next);
    }
  });

  it('fault: the proxy does not say that it had HTTPS – the page says what it has to send', async () => {
    const behind = await testWeb({}, { config: { publicUrl: 'https://calls.example' } });
    const { username, password } = await behind.account('agent', 'proxied');
    const page = await behind.visitor().agent.get('/sign-in').set('accept', 'text/html');
    const cookie = String(page.headers['set-cookie']).split(';')[0]!;
    const _csrf = /<meta name="csrf-token" content="([^"]*)"/.exec(page.text)![1]!;
    const signIn = (headers: Record<string, string>) =>
      behind.visitor().agent.post('/sign-in').type('form').set({ cookie, ...headers }).send({ username, password, _csrf }); // prettier-ignore
    const silent = await signIn({});
    assert.equal(silent.status, 400);
    assert.match(silent.text, /X-Forwarded-Proto: https/);
    assert.match(silent.text, /calls\.example/);
    const telling = await signIn({ 'x-forwarded-proto': 'https' });
    assert.equal(telling.status, 303);
    assert.match(String(telling.headers['set-cookie']), /ringwise\.sid=/);
    await behind.close();
  });

  it('gives a new session id, so that one planted before is worth nothing', async () => {
    const { username } = await it_.account('agent', 'fixed');
    const visitor = it_.visitor();
    const first = await visitor.signIn(username, testPassword);
    const sid = (headers: Record<string, unknown>) =>
      /ringwise\.sid=([^;]+)/.exec(String(headers['set-cookie']))?.[1];
    await visitor.post('/sign-out');
    await visitor.get('/sign-in');
    const second = await visitor.post('/sign-in', { username, password: testPassword });
    assert.ok(sid(first.headers) && sid(second.headers));
    assert.notEqual(sid(first.headers), sid(second.headers));
  });

  it('stores no session id that could be used', async () => {
    const { username } = await it_.account('agent', 'hashed');
    const done = await it_.visitor().signIn(username, testPassword);
    const sid = decodeURIComponent(
      /ringwise\.sid=([^;]+)/.exec(String(done.headers['set-cookie']))![1]!,
    ).slice(2, 34);
    const rows = await it_.app.db.knex('sessions');
    assert.ok(rows.length > 0);
    assert.ok(!JSON.stringify(rows).includes(sid));
  });

  it('says the same for an unknown user, a wrong password and a disabled account, and records which it was', async () => {
    const { id, username } = await it_.account('agent', 'three-ways');
    const wrong = await it_.visitor().signIn(username, 'not the password');
    const unknown = await it_.visitor().signIn('nobody-here', 'not the password');
    await it_.users.disable(id, { userId: null }, 'left the firm');
    const disabled = await it_.visitor().signIn(username, testPassword);
    for (const response of [wrong, unknown, disabled]) {
      assert.equal(response.status, 422);
      assert.match(response.text, /Username or password is wrong, or the account is disabled/);
      assert.doesNotMatch(response.text, /not the password/);
    }
    const [last, middle, first] = await audited('user.sign-in-failed');
    assert.deepEqual(
      [first, middle, last].map((row) => [row!.entity_id, JSON.parse(row!.after!).reason]),
      [
        [String(id), 'wrong-password'],
        [null, 'unknown-user'],
        [String(id), 'disabled'],
      ],
    );
    const admin = it_.visitor();
    const boss = await it_.account('administrator', 'looks-after');
    await admin.signIn(boss.username, testPassword);
    const page = (await admin.get('/admin')).text;
    assert.match(page, /· three-ways<\/span>/);
    assert.doesNotMatch(page, /nobody-here/, 'what is typed there by mistake may be a password');
  });

  it('takes about as long for an unknown user as for a known one', async () => {
    await it_.account('agent', 'timed');
    const cpu = async (username: string) => {
      const start = process.cpuUsage();
      for (let i = 0; i < 5; i++) await it_.users.checkSignIn(username, 'not the password');
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    await cpu('timed');
    const [known, unknown] = [await cpu('timed'), await cpu('no-such-user')];
    assert.ok(unknown > known / 3, `${unknown} µs against ${known} µs`);
  });

  it('does not care about case, width or blanks around the username', async () => {
    await it_.account('agent', 'wei.chen');
    assert.equal((await it_.visitor().signIn('  Wei.Chen ', testPassword)).status, 303);
    assert.equal((await it_.visitor().signIn('ｗｅｉ.chen', testPassword)).status, 303);
  });

  it('records who signed in and out, and from where', async () => {
    const { id, username } = await it_.account('agent', 'recorded');
    const visitor = it_.visitor();
    await visitor.signIn(username, testPassword);
    assert.equal((await visitor.post('/sign-out')).headers.location, '/sign-in');
    assert.equal((await visitor.get('/profile')).status, 303);
    for (const action of ['user.signed-in', 'user.signed-out']) {
      const [row] = await audited(action);
      assert.equal(row!.user_id, id);
      assert.match(row!.ip, /127\.0\.0\.1/);
    }
  });

  it('refuses the account after too many failures, however its name is written, until the time is over', async () => {
    const { username } = await it_.account('agent', 'guessed');
    for (let i = 0; i < perAccount; i++)
      // Signs that nobody sees make no other account of it.
      assert.equal(
        (await it_.visitor().signIn(`${username}${String.fromCharCode(i + 1)}`, 'wrong guess')).status,
        422,
      );
    const refused = await it_.visitor().signIn(username, testPassword);
    assert.equal(refused.status, 429);
    assert.match(refused.text, /for this account\. Try again in 15 minutes/);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    it_.app.clock.advance(15 * 60_000 + 1);
    assert.equal((await it_.visitor().signIn(username, testPassword)).status, 303);
  });

  it('lets in at once with a new password from an administrator, however often the old one was tried', async () => {
    const { id, username } = await it_.account('agent', 'forgetful');
    const admin = await it_.signedIn('administrator', 'giver');
    for (let i = 0; i <= perAccount; i++) await it_.visitor().signIn(username, 'wrong guess');
    assert.equal((await it_.visitor().signIn(username, 'wrong guess')).status, 429);
    const shown = await admin.post(`/users/${id}/reset-password`);
    const password = /class="secret"[^>]*>([^<]+)</.exec(shown.text)![1]!;
    assert.equal((await it_.visitor().signIn(username, password)).status, 303);
  });

  it('lets nobody keep the owner of an account out from another address, up to a number of failures', async () => {
    const { username } = await it_.account('agent', 'besieged');
    await it_.app.db.knex('rate_limits').delete();
    for (let i = 0; i < perAccount; i++) await it_.visitor().signIn(username, 'wrong guess');
    // As if those had come from another desk.
    const own = it_.app.db.knex('rate_limits').where('key', 'like', 'sign-in:account:%');
    await own.clone().update({ key: 'sign-in:account:elsewhere' });
    assert.equal((await it_.visitor().signIn(username, testPassword)).status, 303);
    await it_.app.db
      .knex('rate_limits')
      .where('key', 'like', 'sign-in:anywhere:%')
      .update({ hits: perAccountAnywhere });
    assert.equal((await it_.visitor().signIn(username, testPassword)).status, 429);
    await it_.app.db.knex('rate_limits').delete();
  });

  it('refuses the address after many failures with different names', async () => {
    it_.app.clock.advance(15 * 60_000 + 1);
    await it_.app.db.knex('rate_limits').delete();
    const tries = async () => (await it_.visitor().signIn(`guess-${Math.random()}`, 'x')).status;
    assert.equal(await tries(), 422);
    const all = it_.app.db.knex('rate_limits').where('key', 'like', 'sign-in:address:%');
    await all.clone().update({ hits: perAddress - 1 });
    assert.equal(await tries(), 422);
    assert.equal(await tries(), 429);
    it_.app.clock.advance(15 * 60_000 + 1);
  });

  it('does not count successes: a whole shift may sign in from one address', async () => {
    const { username } = await it_.account('agent', 'often');
    await it_.app.db.knex('rate_limits').delete();
    for (let i = 0; i <= perAccount + 2; i++) {
      assert.equal((await it_.visitor().signIn(username, testPassword)).status, 303);
      // Taken back once the answer is out.
      await eventually(async () =>
        assert.deepEqual(await it_.app.db.knex('rate_limits').where('hits', '>', 0), []),
      );
    }
  });

  it('ends a session that has not been used for 14 hours', async () => {
    const { username } = await it_.account('agent', 'asleep');
    const visitor = it_.visitor();
    await visitor.signIn(username, testPassword);
    it_.app.clock.advance(13 * 3_600_000);
    assert.equal((await visitor.get('/profile')).status, 200);
    it_.app.clock.advance(13 * 3_600_000);
    assert.equal((await visitor.get('/profile')).status, 200);
    it_.app.clock.advance(14 * 3_600_000 + 1);
    assert.equal((await visitor.get('/profile')).status, 303);
  });

  it('offers demo accounts on the page while the demo is on, and none otherwise', async () => {
    assert.doesNotMatch((await it_.visitor().get('/sign-in')).text, /class="demo-account"/);
    const account = { username: 'demo-agent', password: 'demo-password-1', role: 'agent' as const };
    await it_.app.settings.set(demoAccounts, [account], { userId: null });
    const { text } = await it_.visitor().get('/sign-in');
    assert.match(text, /data-username="demo-agent" data-password="demo-password-1"/);
    await it_.app.settings.set(demoAccounts, [], { userId: null });
  });
});

describe('the first administrator', () => {
  let it_: TestWeb;
  before(async () => {
    it_ = await testWeb();
  });
  after(() => it_.close());

  it('is made once, with a password that opens nothing but the page to change it', async () => {
    const first = await ensureFirstAdministrator(it_.app);
    assert.ok(first);
    assert.equal(await ensureFirstAdministrator(it_.app), null);

    const visitor = it_.visitor();
    await visitor.signIn(first.username, first.password);
    for (const path of ['/', '/users', '/profile', '/settings'])
      assert.equal((await visitor.get(path)).headers.location, '/password', path);
    assert.equal((await visitor.post('/users', {})).status, 403);
    await visitor.get('/password');

    const short = await visitor.post('/password', {
      current: first.password,
      password: 'short',
      again: 'short',
    });
    assert.equal(short.status, 422);
    assert.match(short.text, /At least 10 characters/);
    const common = await visitor.post('/password', {
      ...{ current: first.password, password: 'Password2026!', again: 'Password2026!' },
    });
    assert.equal(common.status, 422);
    assert.match(common.text, /among the first that anybody would try/);
    const two = await visitor.post('/password', {
      current: first.password,
      password: testPassword,
      again: 'else',
    });
    assert.match(two.text, /do not match/);
    const wrong = await visitor.post('/password', {
      current: 'x',
      password: testPassword,
      again: testPassword,
    });
    assert.match(wrong.text, /not your present password/);

    const done = await visitor.post('/password', {
      current: first.password,
      password: testPassword,
      again: testPassword,
    });
    assert.equal(done.headers.location, '/');
    assert.equal((await visitor.get('/users')).status, 200);
    await visitor.post('/preferences', { locale: 'zh-CN', next: '/users' });
    const named = (await visitor.get('/users')).text;
    assert.match(named, /class="user-name">管理员</);
    assert.doesNotMatch(named, /Administrator/, 'not a name that anybody has given');
    assert.equal((await it_.visitor().signIn(first.username, first.password)).status, 422);
    assert.equal((await it_.visitor().signIn(first.username, testPassword)).status, 303);
  });
});
