import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { SipPasswordStore, Users } from '../../../core/users/index.ts';
import { testApp, type TestApp } from '../../support/app.ts';

describe('phone passwords', () => {
  let app: TestApp;
  let users: Users;
  let store: SipPasswordStore;
  const by = { userId: null };
  const account = (username: string) => ({ username, name: 'Ada Park', role: 'agent' as const });
  const rowOf = (id: number) =>
    app.db.knex('users').where({ id }).first('sip_password', 'sip_password_sealed');

  before(async () => {
    app = await testApp();
    users = new Users(app);
    store = new SipPasswordStore(app);
  });
  after(() => app.close());

  it('are stored sealed and come back as they were', async () => {
    const { id } = await users.create(account('ada'), by);
    const password = await store.get(id);
    assert.match(password!, /^[\w-]{24}$/);
    const row = await rowOf(id);
    assert.equal(row.sip_password, null);
    assert.ok(row.sip_password_sealed.startsWith('v1.') && !row.sip_password_sealed.includes(password));
  });

  it('that were stored in clear are sealed at the next start, once', async () => {
    const { id } = await users.create(account('ben'), by);
    await app.db.knex('users').where({ id }).update({ sip_password: 'as-before', sip_password_sealed: null });
    assert.equal(await store.sealClear(), 1);
    assert.equal(await store.get(id), 'as-before');
    assert.equal((await rowOf(id)).sip_password, null);
    assert.equal(await store.sealClear(), 0);
  });

  it('do not open in another account’s row', async () => {
    const [one, two] = [await users.create(account('cy'), by), await users.create(account('di'), by)];
    const { sip_password_sealed } = await rowOf(one.id);
    await app.db.knex('users').where({ id: two.id }).update({ sip_password_sealed });
    assert.equal(await store.get(two.id), null);
  });

  it('that no longer open are made anew when the account is saved (fault: key lost)', async () => {
    const { id } = await users.create(account('eve'), by);
    await app.db.knex('users').where({ id }).update({ sip_password_sealed: 'v1.AAAA' });
    const form = { name: 'Eve', role: 'agent', locale: null } as const;
    await users.update(id, { ...form, phoneMode: 'webrtc', phoneEndpoint: null, legMode: 'nailed' }, by);
    assert.match((await store.get(id))!, /^[\w-]{24}$/);
  });

  it('are new whenever the sessions of their user end, and stay otherwise', async () => {
    const { id } = await users.create(account('fay'), by);
    const seen = new Set([await store.get(id)]);
    const ends: Record<string, () => Promise<unknown>> = {
      'signed out everywhere': () => users.signOutEverywhere(id, by),
      'password reset': () => users.resetPassword(id, by),
      disabled: () => users.disable(id, by, 'has left'),
    };
    for (const [what, end] of Object.entries(ends)) {
      await end();
      const now = await store.get(id);
      assert.ok(now !== null && !seen.has(now), what);
      seen.add(now);
    }
    const before = await store.get(id);
    await users.enable(id, by);
    await users.changeProfile(id, { name: 'Fay' }, by);
    assert.equal(await store.get(id), before);
  });
});
