import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import supertest from 'supertest';
import { campaignAreas, prepareCampaigns } from '../../campaigns/index.ts';
import { complianceAreas } from '../../campaigns/compliance/compliance-areas.ts';
import { createApiKeyStore, type ApiScope } from '../../core/api-keys/index.ts';
import { paths } from '../../core/paths.ts';
import { perKey, refusedPerAddress } from '../../web/middleware/api-key.ts';
import { createWeb } from '../../web/create-web.ts';
import { makeCampaign } from '../campaigns/fixtures.ts';
import { testApp, type TestApp } from '../support/app.ts';
import { testPassword, Visitor } from './support.ts';
import { Users } from '../../core/users/index.ts';

describe('the API for other systems', () => {
  let app: TestApp;
  let web: ReturnType<typeof createWeb>;
  let admin: Visitor;
  let campaignId: number;
  before(async () => {
    app = await testApp();
    await prepareCampaigns(app);
    web = createWeb(app, { areas: [...campaignAreas(app), ...complianceAreas(app)] });
    campaignId = await makeCampaign(app, { defaultCountry: 'US', zone: 'America/New_York' });
    const account = {
      username: 'root',
      name: 'Ruth',
      role: 'administrator' as const,
      password: testPassword,
    };
    await new Users(app).create({ ...account, mustChangePassword: false }, { userId: null });
    admin = new Visitor(web);
    assert.equal((await admin.signIn('root', testPassword)).status, 303);
  });
  after(() => app.close());

  const keyOf = async (name: string, ...scopes: ApiScope[]) =>
    createApiKeyStore(app).create({ name, scopes }, { userId: null, at: app.clock.now() });
  const ask = (key: string, path: string, body: object) =>
    supertest(web)
      .post(path)
      .set({ authorization: `Bearer ${key}`, 'accept-language': 'en' })
      .send(body);

  it('does what its documentation shows, example by example', async () => {
    const { key } = await keyOf('Shop', 'leads', 'dnc', 'dnc-remove', 'consents');
    const text = readFileSync(join(paths.root, 'docs', 'API.md'), 'utf8');
    const blocks = [
      ...text.matchAll(/```http\nPOST (\S+)\n([\s\S]*?)```\s+```json\n(\d{3})\n([\s\S]*?)```/g),
    ];
    assert.equal(blocks.length, (text.match(/```http/g) ?? []).length, 'each request has its answer');
    assert.ok(blocks.length >= 8);
    for (const [, path, body, status, answer] of blocks) {
      const got = await ask(key, path!, JSON.parse(body!) as object);
      assert.equal(got.status, Number(status), `${path} ${got.text}`);
      assert.deepEqual(JSON.parse(got.text), JSON.parse(answer!), path);
    }
    const by = await app.db.knex('audit_log').whereIn('action', ['dnc.added', 'campaign.lead-added', 'consent.recorded']); // prettier-ignore
    assert.equal(by.length, 4);
    for (const row of by as { user_id: null; after: string }[])
      assert.deepEqual([row.user_id, (JSON.parse(row.after) as { apiKey: string }).apiKey], [null, 'Shop']);
    const sources = await app.db.knex('dnc_log').distinct('source');
    assert.deepEqual(sources, [{ source: 'api' }]);
  });

  it('is given a key by an administrator, who sees it once and can take it back', async () => {
    await admin.get('/api-keys');
    assert.equal((await admin.post('/api-keys', { name: 'CRM' })).status, 422, 'without a scope');
    const made = await admin.post('/api-keys', { name: 'CRM', scopes: ['dnc'] });
    const key = /rw_[\w-]{43}/.exec(made.text)![0];
    const row = (await app.db.knex('api_keys').where({ name: 'CRM' }).first()) as {
      id: number;
      key_hash: string;
    };
    assert.ok(!JSON.stringify(row).includes(key), 'kept as a hash');
    assert.equal((await ask(key, '/api/dnc/lookup', { number: '+12125550199' })).status, 200);
    const list = await admin.get('/api-keys');
    assert.ok(!list.text.includes(key));
    assert.match(list.text, new RegExp(`…${key.slice(-4)}`));
    assert.ok((await createApiKeyStore(app).get(row.id))!.lastUsedAt);
    assert.equal((await admin.post(`/api-keys/${row.id}/revoke`)).status, 303);
    const after = await ask(key, '/api/dnc/lookup', { number: '+12125550199' });
    assert.deepEqual([after.status, (after.body as { code: string }).code], [401, 'api-key-unknown']);
    const kept: { action: string }[] = await app.db
      .knex('audit_log')
      .where({ entity: 'api_keys' })
      .orderBy('id');
    assert.deepEqual(kept.map(({ action }) => action), ['api-key.created', 'api-key.revoked']); // prettier-ignore
    for (const locale of ['zh-CN', 'zh-TW', 'en']) {
      await admin.post('/preferences', { locale, next: '/api-keys' });
      const page = await admin.get('/api-keys');
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.text, /["> ]web:|>apiKeys\./);
    }
  });

  it('fault: no key, a wrong key, a scope that is not given, a page – each is refused by name', async () => {
    const { key } = await keyOf('Narrow', 'leads');
    const number = { number: '+12125550198', reason: 'asked' };
    const missing = await supertest(web).post('/api/dnc').send(number);
    assert.deepEqual([missing.status, (missing.body as { code: string }).code], [401, 'api-key-missing']);
    assert.equal(missing.headers['www-authenticate'], 'Bearer');
    assert.match(missing.headers['content-type'] as string, /^application\/problem\+json/);
    assert.equal((await ask('rw_nonsense', '/api/dnc', number)).status, 401);
    for (const path of ['/api/dnc', '/api/dnc/remove', '/api/consents/revoke']) {
      const refused = await ask(key, path, number);
      assert.deepEqual([refused.status, (refused.body as { code: string }).code], [403, 'api-scope'], path);
    }
    const page = await supertest(web).get('/dnc').set({ authorization: `Bearer ${key}` }); // prettier-ignore
    assert.deepEqual([page.status, page.headers.location], [303, '/sign-in?next=%2Fdnc']);
    const nowhere = await ask(key, `/api/campaigns/${campaignId + 99}/leads`, { phones: ['2125550197'] });
    assert.equal(nowhere.status, 404);
    assert.equal(await app.db.knex('dnc_numbers').where({ e164: '+12125550198' }).first(), undefined);
  });

  it('fault: an address asks with wrong keys again and again – it waits, and those with a good key there do not', async () => {
    const { key } = await keyOf('Beside', 'dnc');
    const number = { number: '+12125550194' };
    assert.equal((await ask('rw_guessed', '/api/dnc/lookup', number)).status, 401);
    await app.db.knex('rate_limits').whereLike('key', 'api:address:%').update({ hits: refusedPerAddress }); // prettier-ignore
    const refused = await ask('rw_guessed', '/api/dnc/lookup', number);
    assert.deepEqual([refused.status, (refused.body as { code: string }).code], [429, 'api-limit']);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    assert.equal((await ask(key, '/api/dnc/lookup', number)).status, 200);
  });

  it('fault: a key that asks too often waits for the next minute, and no other with it', async () => {
    const [busy, other] = [await keyOf('Busy', 'dnc'), await keyOf('Calm', 'dnc')];
    const number = { number: '+12125550196' };
    assert.equal((await ask(busy.key, '/api/dnc/lookup', number)).status, 200);
    await app.db.knex('rate_limits').where({ key: `api:key:${busy.id}` }).update({ hits: perKey }); // prettier-ignore
    const refused = await ask(busy.key, '/api/dnc/lookup', number);
    assert.deepEqual([refused.status, (refused.body as { code: string }).code], [429, 'api-limit']);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    assert.equal((await ask(other.key, '/api/dnc/lookup', number)).status, 200);
    app.clock.advance(61_000);
    assert.equal((await ask(busy.key, '/api/dnc/lookup', number)).status, 200);
  });
});
