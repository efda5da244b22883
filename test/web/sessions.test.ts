import assert from 'node:assert/strict';
import { Router } from 'express';
import { before, it } from 'mocha';
import { flash, guard } from '../../core/http/index.ts';
import { Users } from '../../core/users/index.ts';
import { createWeb } from '../../web/create-web.ts';
import { onBothEngines } from '../campaigns/engines.ts';
import type { TestApp } from '../support/app.ts';
import { testPassword, Visitor } from './support.ts';

onBothEngines('a session', (theApp) => {
  let app: TestApp;
  let visitor: Visitor;
  let begun: Promise<void>;
  let begins: () => void;
  let goOn: () => void;
  const allowed = () => new Promise<void>((resolve) => (goOn = resolve));

  before(async () => {
    app = theApp();
    const router = Router();
    router.get('/slow', guard(), async (req, res) => {
      const wait = allowed();
      begins();
      await wait;
      flash(req, 'success', 'web:profile.saved');
      res.send('done');
    });
    const users = new Users(app);
    const account = { username: 'busy', name: 'Busy', role: 'agent', password: testPassword, mustChangePassword: false } as const; // prettier-ignore
    await users.create(account, { userId: null });
    visitor = new Visitor(createWeb(app, { areas: [{ name: 'slow', router }] }));
    assert.equal((await visitor.signIn('busy', testPassword)).status, 303);
  });
  const signedIn = () => app.db.knex('sessions').whereNotNull('user_id');

  it('keeps what a request saves into it', async () => {
    begun = new Promise((resolve) => (begins = resolve));
    const slow = visitor.agent.get('/slow').then((response) => response);
    await begun;
    goOn();
    assert.equal((await slow).text, 'done');
    const [row] = await signedIn();
    assert.match(row.data, /web:profile\.saved/);
  });

  it('fault: a request is under way while its reader signs out – what it saves does not sign them in again', async () => {
    begun = new Promise((resolve) => (begins = resolve));
    await visitor.get('/profile');
    const cookie = visitor.agent.jar.getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false }).toValueString(); // prettier-ignore
    const slow = visitor.agent.get('/slow').then((response) => response);
    await begun;
    assert.equal((await visitor.post('/sign-out')).status, 303);
    assert.equal((await signedIn()).length, 0);
    goOn();
    await slow;
    assert.equal((await signedIn()).length, 0, 'it has come back');
    const again = await visitor.agent.get('/profile').set({ cookie, accept: 'text/html' });
    assert.equal(again.status, 303);
    assert.equal((await visitor.signIn('busy', testPassword)).status, 303);
    assert.equal((await signedIn()).length, 1);
  });
});
