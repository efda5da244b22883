import assert from 'node:assert/strict';
import { Router } from 'express';
import { after, before, describe, it } from 'mocha';
import { z } from 'zod';
import { BusTimeout, CommandRefused } from '../../core/bus/bus.ts';
import { guard, validate, type WebArea } from '../../core/http/index.ts';
import { testWeb, type TestWeb, type Visitor } from './support.ts';

/** Routes that fail in every way a route can. */
function faultyArea(): WebArea {
  const router = Router();
  const input = validate({ body: z.object({ count: z.coerce.number().int().min(1) }) });
  router.post('/faulty/input', guard(), input, (req, res) => void res.json(input.of(req).body));
  router.get('/faulty/refused', guard(), () => {
    throw new CommandRefused('last-administrator');
  });
  router.get('/faulty/unknown-reason', guard(), () => {
    throw new CommandRefused('moon-in-the-wrong-house');
  });
  router.get('/faulty/timeout', guard(), async () => {
    throw new BusTimeout('campaign.start', 5_000);
  });
  router.get('/faulty/crash', guard(), async () => {
    throw new Error('password=hunter2 at secret-host');
  });
  router.get('/faulty/managers', guard('manager'), (_req, res) => void res.send('managers'));
  router.get('/faulty/figure', guard(), (_req, res) => void res.json({ asked }));
  return {
    name: 'faulty',
    router,
    nav: [
      {
        ...{ href: '/faulty/managers', icon: 'users', labelKey: 'web:nav.users', order: 1 },
        roles: ['agent'],
        waiting: {
          labelKey: 'web:nav.users',
          async count() {
            asked += 1;
            throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
          },
        },
      },
    ],
  };
}

/** How often the figure beside the menu was asked for. */
let asked = 0;

describe('requests', () => {
  let t: TestWeb;
  let agent: Visitor;
  before(async () => {
    t = await testWeb({ areas: [faultyArea()] });
    agent = await t.signedIn('agent');
  });
  after(() => t.close());

  it('fault: the database is gone – a page has no figure beside its menu, and what is no page asks for none', async () => {
    const before = asked;
    const json = await agent.agent.get('/faulty/figure').set('accept', 'application/json');
    assert.deepEqual([json.status, json.body.asked], [200, before]);
    assert.equal((await agent.agent.get('/profile').set('accept', 'text/html')).status, 200);
    assert.equal(asked, before + 1);
  });

  describe('that change something', () => {
    it('are refused without the token of their session', async () => {
      const count = { count: 2 };
      assert.equal((await agent.post('/faulty/input', count)).status, 200);
      for (const token of ['', 'x', 'a.b', 'f'.repeat(64) + '.' + 'f'.repeat(64)]) {
        const refused = await agent.post('/faulty/input', { _csrf: token, ...count });
        assert.equal(refused.status, 403, token);
        assert.match(refused.text, /Reload it and try again/);
      }
    });

    it('are refused with the token of another session', async () => {
      const other = await t.signedIn('agent', 'other-session');
      const mine = agent.token;
      agent.token = other.token;
      assert.equal((await agent.post('/faulty/input', { count: 2 })).status, 403);
      agent.token = mine;
    });

    it('may bring the token as a header, as htmx and scripts do', async () => {
      const headers = { 'x-csrf-token': agent.token, accept: 'application/json' };
      const done = await agent.agent.post('/faulty/input').set(headers).send({ count: 3 });
      assert.deepEqual([done.status, done.body], [200, { count: 3 }]);
    });

    it('get a problem with words for each field when their input is wrong', async () => {
      const headers = { 'x-csrf-token': agent.token, accept: 'application/json', 'accept-language': 'zh-HK' };
      const refused = await agent.agent.post('/faulty/input').set(headers).send({ count: 0 });
      assert.equal(refused.status, 422);
      assert.match(String(refused.headers['content-type']), /application\/problem\+json/);
      assert.equal(refused.body.code, 'invalid');
      assert.deepEqual(refused.body.fields, { count: '不可小於 1' });
    });

    it('are refused above their size, as a page', async () => {
      const refused = await agent.post('/faulty/input', { count: 1, text: 'x'.repeat(1_100_000) });
      assert.equal(refused.status, 413);
      assert.match(refused.text, /larger than allowed/);
    });

    it('are refused when their JSON is broken', async () => {
      const headers = { 'x-csrf-token': agent.token, 'content-type': 'application/json' };
      const refused = await agent.agent.post('/faulty/input').set(headers).send('{"count":');
      assert.deepEqual([refused.status, refused.body.code], [400, 'bad-request']);
    });
  });

  describe('that fail', () => {
    it('say so as a page, in the reader’s language', async () => {
      const english = await agent.get('/nowhere');
      assert.equal(english.status, 404);
      assert.match(english.text, /<h1 class="problem-title">Not found/);
      const chinese = await t.visitor().get('/nowhere', { 'accept-language': 'zh-Hans-SG,en;q=0.5' });
      assert.match(chinese.text, /<html lang="zh-CN"/);
      assert.match(chinese.text, /找不到页面/);
    });

    it('say so as JSON to htmx and scripts', async () => {
      const askers: Record<string, string>[] = [{ 'hx-request': 'true' }, { accept: 'application/json' }];
      for (const headers of askers) {
        const { status, body } = await agent.get('/faulty/refused', headers);
        assert.deepEqual([status, body.status, body.code], [409, 409, 'last-administrator']);
        assert.match(body.detail, /This is the last administrator/);
      }
    });

    it('name a reason that has no words yet', async () => {
      const refused = await agent.get('/faulty/unknown-reason');
      assert.equal(refused.status, 409);
      assert.match(refused.text, /moon-in-the-wrong-house/);
    });

    it('say that no answer came, and when to try again', async () => {
      const refused = await agent.get('/faulty/timeout');
      assert.equal(refused.status, 503);
      assert.equal(refused.headers['retry-after'], '10');
      assert.match(refused.text, /did not answer in time/);
    });

    it('keep the inside of an unknown error to the log', async () => {
      const failed = await agent.get('/faulty/crash');
      assert.equal(failed.status, 500);
      assert.doesNotMatch(failed.text, /hunter2|secret-host|at file|node_modules/);
      const json = await agent.get('/faulty/crash', { accept: 'application/json' });
      assert.doesNotMatch(JSON.stringify(json.body), /hunter2|secret-host/);
    });

    it('are 403 for another role and 401 or the sign-in page for nobody', async () => {
      assert.equal((await agent.get('/faulty/managers')).status, 403);
      const visitor = t.visitor();
      assert.equal((await visitor.get('/faulty/managers', { accept: 'application/json' })).status, 401);
      const htmx = await visitor.get('/faulty/managers', { 'hx-request': 'true' });
      assert.deepEqual([htmx.status, htmx.headers['hx-redirect']], [401, '/sign-in']);
      const admin = await t.signedIn('administrator', 'may-all');
      assert.equal((await admin.get('/faulty/managers')).text, 'managers');
    });
  });

  describe('when the database is away', () => {
    it('get 503 in words, and /health names what is missing', async () => {
      const broken = await testWeb();
      try {
        const visitor = await broken.signedIn('administrator');
        assert.equal((await visitor.agent.get('/health')).status, 200);
        await broken.app.db.knex.destroy(); // the fault: no connection can be had any more
        const page = await visitor.get('/users', { 'accept-language': 'zh-TW' });
        assert.equal(page.status, 503);
        assert.match(page.text, /資料庫沒有回應/);
        const health = await visitor.agent.get('/health');
        assert.equal(health.status, 503);
        assert.deepEqual(health.body.missing[0], 'database: does not answer');
      } finally {
        await broken.close().catch(() => {});
      }
    });
  });

  describe('of visitors', () => {
    it('carry headers that keep a page to itself', async () => {
      const { headers, text } = await t.visitor().get('/sign-in');
      const csp = String(headers['content-security-policy']);
      const nonce = /'nonce-([^']+)'/.exec(csp)?.[1];
      assert.ok(nonce && text.includes(`nonce="${nonce}"`));
      assert.match(csp, /connect-src 'self' ws: wss:/);
      assert.doesNotMatch(csp, /unsafe/);
      assert.match(String(headers['permissions-policy']), /microphone=\(self\)/);
      assert.equal(headers['x-powered-by'], undefined);
      assert.match(String(headers['x-frame-options']), /SAMEORIGIN/);
    });

    it('choose language and look, also before signing in', async () => {
      const visitor = t.visitor();
      await visitor.get('/sign-in');
      const done = await visitor.post('/preferences', { locale: 'zh-TW', next: '/sign-in' });
      assert.equal(done.headers.location, '/sign-in');
      await visitor.post('/preferences', { theme: 'dark' });
      const { text } = await visitor.get('/sign-in');
      assert.match(text, /<html lang="zh-TW" data-bs-theme="dark">/);
      assert.equal((await visitor.post('/preferences', { locale: 'tlh' })).status, 422);
    });

    it('read /metrics only from this machine, or with the token', async () => {
      const visitor = t.visitor();
      const { status, text } = await visitor.agent.get('/metrics');
      assert.equal(status, 200);
      assert.match(
        text,
        /ringwise_http_request_duration_seconds_count\{method="GET",route="\/faulty\/crash",status="5xx"\}/,
      );
      const proxied = { 'x-forwarded-for': '203.0.113.9' };
      assert.equal((await visitor.agent.get('/metrics').set(proxied)).status, 403);
      const admin = await t.signedIn('administrator', 'token-setter');
      await admin.get('/settings');
      const short = await admin.post('/settings/operations', { 'operations.metricsToken': 'short' });
      assert.equal(short.status, 422);
      const token = 'a-token-of-32-characters-or-more';
      await admin.saveSettings('operations', { 'operations.metricsToken': token });
      const authorization = `Bearer ${token}`;
      assert.equal((await visitor.agent.get('/metrics').set({ ...proxied, authorization })).status, 200);
      assert.equal(
        (await visitor.agent.get('/metrics').set({ ...proxied, authorization: 'Bearer no' })).status,
        403,
      );
      assert.doesNotMatch((await admin.get('/settings')).text, new RegExp(token));
    });
  });

  it('lead each role to the page on which it spends its day', async () => {
    const homes = {
      agent: '/workspace',
      supervisor: '/floor',
      manager: '/campaigns',
      marketing: '/lists',
      administrator: '/admin',
    } as const;
    for (const [role, home] of Object.entries(homes)) {
      const visitor = await t.signedIn(role as keyof typeof homes, `home-${role}`);
      assert.equal((await visitor.get('/')).headers.location, home);
    }
  });
});
