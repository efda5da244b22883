import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { dialerAreas } from '../../../dialer/areas.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { testWeb, type TestWeb, type Visitor } from '../../web/support.ts';

const day = 86_400_000;

describe('recording pages', () => {
  let app: TestApp;
  let t: TestWeb;
  let supervisor: Visitor;
  let agent: Visitor;
  const sound = Buffer.from(Array.from({ length: 1000 }, (_, n) => n % 256));

  before(async () => {
    app = await testApp();
    t = await testWeb({ areas: dialerAreas(app) }, { db: app.db, bus: app.bus });
    supervisor = await t.signedIn('supervisor');
    agent = await t.signedIn('agent');
    const { id: agentId } = (await app.db.knex('users').where({ username: 'agent' }).first('id')) as {
      id: number;
    };
    const now = app.clock.now();
    await add('mine', agentId, now - 60_000);
    await add('old', agentId, now - 2 * day);
    await add('other', 999, now - 60_000);
    await add('lost', 999, now - 60_000, null);
  });
  after(() => app.close());

  async function add(
    callId: string,
    userId: number,
    at: number,
    path: string | null = `recordings/2026/11/${callId}.wav`,
  ) {
    await app.db.knex('calls').insert({
      ...{
        id: callId,
        direction: 'out',
        path: 'power',
        campaign_id: 1,
        user_id: userId,
        e164: '+14155550101',
      },
      ...{ state: 'ended', outcome: 'answered', created_at: at },
    });
    await app.db.knex('recordings').insert({
      ...{ call_id: callId, name: callId, state: path ? 'stored' : 'failed', path, duration_ms: 61_000 },
      started_at: at,
    });
    if (!path) return;
    const file = join(app.config.dataDir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, sound);
  }
  const idOf = async (name: string) =>
    ((await app.db.knex('recordings').where({ name }).first('id')) as { id: number }).id;

  it('list recordings with their calls, filtered, for those who may listen', async () => {
    const page = await supervisor.get('/recordings');
    assert.equal(page.status, 200);
    assert.equal(page.text.match(/data-play=/g)?.length, 3);
    assert.match(page.text, /Not recorded/);
    const own = await supervisor.get('/recordings?agent=999&number=%2B1415');
    assert.equal(own.text.match(/data-play=/g)?.length, 1);
    const today = new Date(app.clock.now()).toISOString().slice(0, 10);
    assert.equal((await supervisor.get(`/recordings?from=${today}`)).text.match(/data-play=/g)?.length, 2);
    assert.equal((await agent.get('/recordings')).status, 403);
  });

  it('say of a call that goes on that it does, and only of one that has ended that its sound is on its way', async () => {
    await add('live', 999, app.clock.now());
    const { knex } = app.db;
    await knex('recordings').where({ name: 'live' }).update({ state: 'recording', duration_ms: null });
    await knex('calls').where({ id: 'live' }).update({ state: 'held' });
    const during = (await supervisor.get('/recordings')).text;
    assert.match(during, /The talk is still on/);
    assert.doesNotMatch(during, /Being brought over/);
    await knex('calls').where({ id: 'live' }).update({ state: 'ended' });
    const afterwards = (await supervisor.get('/recordings')).text;
    assert.match(afterwards, /Being brought over/);
    assert.doesNotMatch(afterwards, /still on/);
    await knex('recordings').where({ name: 'live' }).delete();
  });

  it('give the sound whole and in pieces, and write down who listened', async () => {
    const url = `/recordings/${await idOf('other')}/audio`;
    const whole = await supervisor.agent.get(url).buffer(true);
    assert.equal(whole.status, 200);
    assert.equal(whole.headers['content-type'], 'audio/wav');
    assert.equal(whole.headers['accept-ranges'], 'bytes');
    assert.equal(whole.headers['content-length'], '1000');
    const piece = await supervisor.agent.get(url).set('range', 'bytes=100-199').buffer(true);
    assert.equal(piece.status, 206);
    assert.equal(piece.headers['content-range'], 'bytes 100-199/1000');
    const tooFar = await supervisor.agent.get(url).set('range', 'bytes=5000-');
    assert.equal(tooFar.status, 416);
    const audits = await app.db.knex('audit_log').where({ action: 'recording.played' });
    assert.equal(audits.length, 1);
  });

  it('write down a listening that leaves the first byte out, once in some minutes', async () => {
    const id = await idOf('mine');
    const rows = async () =>
      (await app.db.knex('audit_log').where({ action: 'recording.played', entity_id: String(id) })).length;
    const allButOne = async () =>
      (await supervisor.agent.get(`/recordings/${id}/audio`).set('range', 'bytes=1-').buffer(true)).status;
    assert.equal(await allButOne(), 206);
    assert.equal(await rows(), 1);
    assert.equal(await allButOne(), 206);
    assert.equal(await rows(), 1);
    await app.clock.advance(5 * 60_000);
    assert.equal(await allButOne(), 206);
    assert.equal(await rows(), 2);
  });

  it('let agents hear their own calls of today, and no others', async () => {
    const status = async (name: string) =>
      (await agent.agent.get(`/recordings/${await idOf(name)}/audio`)).status;
    assert.equal(await status('mine'), 200);
    assert.equal(await status('old'), 403);
    assert.equal(await status('other'), 403);
  });

  it('say so when the file is not there', async () => {
    const response = await supervisor.get(`/recordings/${await idOf('lost')}/audio`, {
      accept: 'application/json',
    });
    assert.equal(response.status, 404);
    assert.match(JSON.parse(response.text).detail, /not stored here/);
    assert.equal((await supervisor.get('/recordings/77777/audio')).status, 404);
  });
});
