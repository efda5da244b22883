import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { up as keepBrowserPhones } from '../../migrations/0200-browser-phones-nailed.ts';
import { perAccount } from '../../web/sign-in/sign-in-limits.ts';
import { testPassword, testWeb, type TestWeb } from './support.ts';

describe('users', () => {
  let t: TestWeb;
  before(async () => {
    t = await testWeb();
  });
  after(() => t.close());

  const newUser = {
    username: 'mei.lin',
    name: '林美',
    role: 'agent',
    phoneMode: 'webrtc',
    legMode: 'nailed',
  };
  const passwordOn = (html: string) => /id="new-password">([^<]+)</.exec(html)?.[1] ?? '';

  it('are for administrators', async () => {
    for (const role of ['agent', 'supervisor', 'marketing', 'manager'] as const) {
      const visitor = await t.signedIn(role, `only-${role}`);
      for (const path of ['/users', '/users/new', '/users/1', '/audit', '/settings', '/admin'])
        assert.equal((await visitor.get(path)).status, 403, `${role} ${path}`);
      await visitor.get('/profile');
      assert.equal((await visitor.post('/users', newUser)).status, 403);
      assert.equal((await visitor.post('/settings/general', {})).status, 403);
    }
  });

  it('are added with a password that is shown once and must be changed', async () => {
    const admin = await t.signedIn('administrator', 'adder');
    await admin.get('/users/new');
    const done = await admin.post('/users', newUser);
    const password = passwordOn(done.text);
    assert.match(password, /^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/);
    assert.equal(done.headers['cache-control'], 'no-store');
    const signedIn = await t.visitor().signIn('mei.lin', password);
    assert.equal(signedIn.status, 303);

    const [row] = await t.app.db.knex('audit_log').where({ action: 'user.created' }).orderBy('id', 'desc');
    assert.ok(!JSON.stringify(row).includes(password));
  });

  it('have names without signs that nobody sees', async () => {
    const admin = await t.signedIn('administrator', 'namer');
    await admin.get('/users/new');
    await admin.post('/users', { ...newUser, username: 'hidden', name: ' Ann\u202e \u0007Li\u0085\nB ' });
    assert.equal((await t.app.db.knex('users').where({ username: 'hidden' }).first('name')).name, 'Ann Li B');
    const refused = await admin.post('/users', {
      ...newUser,
      username: 'nobody',
      name: '\u202e\u2066\u0000',
    });
    assert.equal(refused.status, 422);
    assert.match(refused.text, /Please fill this in/);
  });

  it('keep the form, with words beside the fields, when something is wrong', async () => {
    const admin = await t.signedIn('administrator', 'mistaken');
    await admin.get('/users/new');
    const bad = { ...newUser, username: 'has space', name: 'Kept Name', phoneMode: 'desk', role: 'king' };
    const refused = await admin.post('/users', bad);
    assert.equal(refused.status, 422);
    assert.match(refused.text, /value="Kept Name"/);
    assert.match(refused.text, /Letters, digits and \. _ @ - only/);
    assert.match(refused.text, /Please choose one of the options/);
    assert.match(refused.text, /aria-invalid="true"/);

    const desk = await admin.post('/users', { ...newUser, username: 'desk.user', phoneMode: 'desk' });
    assert.match(desk.text, /A desk phone needs its endpoint/);

    const rung = await admin.post('/users', { ...newUser, username: 'rung', legMode: 'per-call' });
    assert.equal(rung.status, 422);
    assert.match(rung.text, /A phone in the browser is kept connected/);
    const onDesk = { phoneMode: 'desk', phoneEndpoint: 'PJSIP/desk-101', legMode: 'per-call' };
    assert.equal((await admin.post('/users', { ...newUser, username: 'rung', ...onDesk })).status, 200);

    await t.account('agent', 'taken');
    const taken = await admin.post('/users', { ...newUser, username: 'TAKEN' });
    assert.equal(taken.status, 422);
    assert.match(taken.text, /This username is taken/);
  });

  it('whose browser’s phone rang for each call keep its line from now on, and those with one on a desk do not', async () => {
    const { knex } = t.app.db;
    const pairs = [
      ['webrtc', 'per-call', 'nailed'],
      ['desk', 'per-call', 'per-call'],
      ['webrtc', 'nailed', 'nailed'],
    ] as const;
    const ids: number[] = [];
    for (const [phone, leg] of pairs) {
      const { id } = await t.account('agent', `was.${phone}.${leg}`);
      await knex('users').where({ id }).update({ phone_mode: phone, leg_mode: leg });
      ids.push(id);
    }
    await keepBrowserPhones(knex);
    const rows = await knex('users').whereIn('id', ids).orderBy('id').pluck('leg_mode');
    assert.deepEqual(
      rows,
      pairs.map(([, , leg]) => leg),
    );
  });

  it('fault: an account is changed while somebody has its form open – they are told, and keep what they typed', async () => {
    const admin = await t.signedIn('administrator', 'second-changer');
    await t.signedIn('agent', 'changed-twice');
    const account = async () => (await t.users.store.byUsername('changed-twice'))!.user;
    const { id, name, revision } = await account();
    const url = `/users/${id}`;
    assert.match((await admin.get(url)).text, new RegExp(`name="revision" value="${revision}"`));
    const form = { name, role: 'agent', phoneMode: 'webrtc', legMode: 'nailed', revision };
    const desk = { ...form, phoneMode: 'desk', phoneEndpoint: 'PJSIP/desk-7' };
    assert.equal((await admin.post(url, desk)).status, 303);
    const second = await admin.post(url, { ...form, name: 'Typed second' });
    assert.equal(second.status, 409);
    assert.match(second.text, /Somebody else has changed this account/);
    assert.match(second.text, /value="Typed second"/);
    const kept = await account();
    assert.deepEqual([kept.name, kept.phoneEndpoint], [name, 'PJSIP/desk-7']);
    // What the form does not show makes nothing of it old.
    await t.users.disable(id, { userId: null }, 'on leave');
    await t.users.enable(id, { userId: null });
    const again = { ...desk, name: 'Typed second', revision: kept.revision };
    assert.equal((await admin.post(url, again)).status, 303);
    await t.users.changeProfile(id, { name: 'Their own' }, { userId: id });
    assert.equal((await admin.post(url, { ...again, revision: kept.revision + 1 })).status, 409);
    assert.equal((await account()).name, 'Their own');
  });

  it('are signed out at once when their role changes or the account is disabled', async () => {
    const admin = await t.signedIn('administrator', 'changer');
    const agent = await t.signedIn('agent', 'promoted');
    const { user } = (await t.users.store.byUsername('promoted'))!;
    await admin.get(`/users/${user.id}`);
    const form = { name: user.name, role: 'supervisor', phoneMode: 'webrtc', legMode: 'nailed' };
    assert.equal((await admin.post(`/users/${user.id}`, form)).status, 303);
    assert.equal((await agent.get('/profile')).status, 303);

    await agent.signIn('promoted', testPassword);
    assert.equal((await agent.get('/profile')).status, 200);
    assert.equal((await admin.post(`/users/${user.id}/disable`, { reason: '' })).status, 422);
    assert.equal((await admin.post(`/users/${user.id}/disable`, { reason: 'left the firm' })).status, 303);
    assert.equal((await agent.get('/profile')).status, 303);
    assert.equal((await agent.signIn('promoted', testPassword)).status, 422);
    await admin.post(`/users/${user.id}/enable`);
    assert.equal((await agent.signIn('promoted', testPassword)).status, 303);

    const actions = await t.app.db.knex('audit_log').where({ entity: 'users', entity_id: String(user.id) });
    const changed = actions.find((row) => row.action === 'user.changed')!;
    assert.deepEqual(JSON.parse(changed.before), { role: 'agent' });
    assert.deepEqual(JSON.parse(changed.after), { role: 'supervisor' });
    const disabled = actions.find((row) => row.action === 'user.disabled')!;
    assert.equal(JSON.parse(disabled.after).reason, 'left the firm');
  });

  it('get a new password from an administrator, and lose their sessions', async () => {
    const admin = await t.signedIn('administrator', 'resetter');
    const agent = await t.signedIn('agent', 'forgetful');
    const { user } = (await t.users.store.byUsername('forgetful'))!;
    await admin.get(`/users/${user.id}`);
    const password = passwordOn((await admin.post(`/users/${user.id}/reset-password`)).text);
    assert.equal((await agent.get('/profile')).status, 303);
    assert.equal((await agent.signIn('forgetful', testPassword)).status, 422);
    assert.equal((await agent.signIn('forgetful', password)).status, 303);
  });

  it('can end all their own sessions, and only theirs', async () => {
    const one = await t.signedIn('agent', 'everywhere');
    const two = t.visitor();
    await two.signIn('everywhere', testPassword);
    const other = await t.signedIn('agent', 'bystander');
    const told: unknown[] = [];
    const stop = t.app.bus.subscribe('user.signed-out', (payload) => told.push(payload));
    assert.equal((await one.post('/profile/sign-out-everywhere')).headers.location, '/sign-in');
    stop();
    assert.equal(told.length, 1);
    assert.equal((await one.get('/profile')).status, 303);
    assert.equal((await two.get('/profile')).status, 303);
    assert.equal((await other.get('/profile')).status, 200);
  });

  it('end all other sessions by changing the password', async () => {
    const one = await t.signedIn('agent', 'careful');
    const two = t.visitor();
    await two.signIn('careful', testPassword);
    await one.get('/password');
    const next = 'another long password';
    assert.equal(
      (await one.post('/password', { current: testPassword, password: next, again: next })).status,
      303,
    );
    assert.equal((await one.get('/profile')).status, 200);
    assert.equal((await two.get('/profile')).status, 303);
  });

  it('fault: somebody at a desk that was left open guesses the password – after a few tries not even the right one is taken', async () => {
    const visitor = await t.signedIn('agent', 'left-open');
    const next = 'another long password';
    await visitor.get('/password');
    const change = (current: string, password = next) =>
      visitor.post('/password', { current, password, again: password });
    for (let i = 0; i < perAccount; i++) assert.equal((await change('guess', 'short')).status, 422);
    assert.equal((await change('guess', 'left-open-left-open')).status, 422, 'no guess either');
    for (let i = 0; i < perAccount; i++) assert.equal((await change(`guess ${i}`)).status, 422);
    const refused = await change(testPassword);
    assert.equal(refused.status, 429);
    assert.match(refused.text, /Too many wrong tries\. Try again in 15 minutes/);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    const { id } = (await t.users.store.byUsername('left-open'))!.user;
    const noted = await t.app.db.knex('audit_log').where({ action: 'user.password-refused', user_id: id });
    assert.equal(noted.length, perAccount);
    const other = await t.signedIn('agent', 'next-desk');
    await other.get('/password');
    assert.equal((await other.post('/password', { current: testPassword, password: next, again: next })).status, 303); // prettier-ignore
    t.app.clock.advance(15 * 60_000 + 1);
    assert.equal((await change(testPassword)).status, 303);
  });

  it('always leave one administrator who can sign in, also when two go at once', async () => {
    const alone = await testWeb();
    try {
      const a = await alone.account('administrator', 'a');
      const b = await alone.account('administrator', 'b');
      const results = await Promise.allSettled([
        alone.users.disable(a.id, { userId: b.id }, 'test'),
        alone.users.disable(b.id, { userId: a.id }, 'test'),
      ]);
      assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
      assert.equal(await alone.users.store.countAdministrators(), 1);
      const left = (await alone.users.store.active('administrator'))[0]!;
      const visitor = alone.visitor();
      await visitor.signIn(left.username, testPassword);
      const form = { name: 'Last', role: 'agent', phoneMode: 'webrtc', legMode: 'nailed' };
      const refused = await visitor.post(`/users/${left.id}`, form);
      assert.equal(refused.status, 409);
      assert.match(refused.text, /This is the last administrator who can sign in/);
      assert.equal((await visitor.post(`/users/${left.id}/disable`, { reason: 'bye' })).status, 409);
    } finally {
      await alone.close();
    }
  });

  it('are listed with sort, filter, columns and CSV', async () => {
    const admin = await t.signedIn('administrator', 'lister');
    await t.account('marketing', 'zz.marketing');
    await t.account('marketing', 'aa.marketing');
    const names = (html: string) =>
      [...html.matchAll(/<td><a href="\/users\/\d+">([^<]+)/g)].map((match) => match[1]);
    const page = await admin.get('/users?role=marketing&sort=-username');
    const rows = [...page.text.matchAll(/<td>(\w+\.marketing|only-marketing)<\/td>/g)].map(
      (match) => match[1],
    );
    assert.deepEqual(rows, ['zz.marketing', 'only-marketing', 'aa.marketing']);
    assert.match(page.text, /aria-sort="descending"/);
    assert.equal(names((await admin.get('/users?q=MEI.L')).text).length, 1);
    assert.equal(names((await admin.get('/users?q=%25')).text).length, 0);
    await t.users.create({ username: 'oe', name: 'Jürgen ÖZTÜRK', role: 'agent' }, { userId: null });
    for (const q of ['öztürk', 'ÖZ', 'JÜRGEN'])
      assert.deepEqual(
        names((await admin.get(`/users?q=${encodeURIComponent(q)}`)).text),
        ['Jürgen ÖZTÜRK'],
        q,
      );
    assert.match((await admin.get('/users?q=%25')).text, /Nothing matches the filters/);
    assert.equal((await admin.get('/users?role=king')).status, 400);

    const csv = await admin.get('/users?role=marketing&sort=username&columns=name,username&format=csv');
    assert.match(String(csv.headers['content-type']), /text\/csv/);
    assert.match(String(csv.headers['content-disposition']), /users\.csv/);
    const lines = csv.text.replace('\uFEFF', '').trim().split('\r\n');
    assert.deepEqual(lines, [
      'Name,Username',
      'The marketing,aa.marketing',
      'The marketing,only-marketing',
      'The marketing,zz.marketing',
    ]);
    await admin.get('/audit?action=users.exported&format=csv');
    const kept = (await t.app.db.knex('audit_log').whereIn('action', ['users.exported', 'audit.exported']).orderBy('id')) as { after: string }[]; // prettier-ignore
    assert.deepEqual(
      kept.map(({ after }) => (JSON.parse(after) as { filter: string }).filter),
      ['role=marketing', 'action=users.exported'],
    );
  });
});
