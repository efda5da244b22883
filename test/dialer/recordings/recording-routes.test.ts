import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { createCampaignStore, defaultCampaign } from '../../../campaigns/index.ts';
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
      ...{ user_id: userId, campaign_id: 1, e164: '+14155550101', outcome: 'answered' },
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
    const some = async (query: string) =>
      (await supervisor.get(`/recordings?${query}`)).text.match(/data-play=/g)?.length ?? 0;
    assert.equal(await some('number=(415)+555-0101&min=61&max=61&outcome=answered&campaign=1'), 3);
    assert.equal(await some('max=60'), 0);
    assert.equal(await some('hold=with'), 0);
    assert.equal(await some('hold=without'), 3);
    const status = async (query: string) => (await supervisor.get(`/recordings?${query}`)).status;
    assert.equal(await status('timeFrom=25:00'), 400);
    assert.equal(await status('from=2026-02-30'), 400);
    assert.equal(await status('timeFrom=08:00&timeTo=%E4%B8%8B%E5%8D%886%E7%82%B9'), 200);
    const own = await supervisor.get('/recordings?agent=999&number=%2B1415');
    assert.equal(own.text.match(/data-play=/g)?.length, 1);
    const today = new Date(app.clock.now()).toISOString().slice(0, 10);
    assert.equal((await supervisor.get(`/recordings?from=${today}`)).text.match(/data-play=/g)?.length, 2);
    assert.equal((await agent.get('/recordings')).status, 403);
    assert.match(page.text, /<details class="filters-more">/, 'the list begins on the first screen');
    const narrowed = (await supervisor.get('/recordings?min=1')).text;
    assert.match(narrowed, /<details class="filters-more" open>/, 'what narrows the list is seen');
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

  it('have a page each, with what is known of the call', async () => {
    const id = await idOf('other');
    await app.db.knex('calls').where({ id: 'other' }).update({ note: 'wants a letter', hangup_cause: 16, ended_by: 'customer' }); // prettier-ignore
    const page = await supervisor.get(`/recordings/${id}`);
    assert.equal(page.status, 200);
    for (const words of [
      /wants a letter/,
      /the customer hung up/,
      /<dt>Begun<\/dt><dd>.{0,300}>\d\d:\d\d:\d\d/,
      /download\.mp3/,
      /data-player="\/recordings/,
    ])
      assert.match(page.text, words);
    assert.doesNotMatch(page.text, /Who has had it/, 'supervisors do not see the audit');
    assert.equal((await agent.get(`/recordings/${id}`)).status, 403);
    assert.equal((await supervisor.get(`/recordings/${await idOf('lost')}`)).status, 200);
  });

  it('are taken away under a name that says when, by whom and which call, and nothing of the customer', async () => {
    const id = await idOf('mine');
    const answer = await supervisor.agent.get(`/recordings/${id}/download.wav`).buffer(true);
    assert.equal(answer.status, 200);
    const name = new RegExp(`filename="?\\d{4}-\\d\\d-\\d\\d_\\d{6}_agent-agent_call-mine_${id}\\.wav"?`);
    assert.match(String(answer.headers['content-disposition']), name);
    assert.equal(
      (await agent.get(`/recordings/${id}/download.wav`)).status,
      403,
      'agents hear, and keep nothing',
    );
    assert.equal((await supervisor.get(`/recordings/${id}/download.exe`)).status, 404);
    const noSound = await supervisor.agent
      .get(`/recordings/${id}/download.mp3`)
      .set('accept', 'application/json');
    assert.equal(noSound.status, 422, 'these bytes are no WAV');
    const actions = await app.db.knex('audit_log').where({ entity: 'recordings', entity_id: String(id), action: 'recording.downloaded' }); // prettier-ignore
    assert.equal(actions.length, 2);
  });

  it('are held with a reason by a supervisor, and let go by a manager only', async () => {
    const id = await idOf('old');
    await supervisor.get(`/recordings/${id}`);
    assert.equal(
      (await supervisor.post(`/recordings/${id}/holds`, { subject: 'recording', reason: ' ' })).status,
      422,
    );
    assert.equal(
      (await supervisor.post(`/recordings/${id}/holds`, { subject: 'customer', reason: 'case 12' })).status,
      404,
    );
    assert.equal(
      (await supervisor.post(`/recordings/${id}/holds`, { subject: 'recording', reason: 'case 12' })).status,
      303,
    );
    assert.match((await supervisor.get(`/recordings/${id}`)).text, /case 12/);
    assert.match((await supervisor.get('/recordings/holds')).text, /case 12/);
    assert.equal((await supervisor.get('/recordings?hold=with')).text.match(/data-play=/g)?.length, 1);
    const { id: hold } = await app.db.knex('legal_holds').first('id');
    assert.equal(
      (await supervisor.post(`/recordings/holds/${hold}/release`, { reason: 'closed' })).status,
      403,
    );
    const manager = await t.signedIn('manager');
    assert.equal((await manager.post(`/recordings/holds/${hold}/release`, { reason: 'closed' })).status, 303);
    assert.equal((await manager.post(`/recordings/holds/${hold}/release`, { reason: 'again' })).status, 409);
    const administrator = await t.signedIn('administrator');
    await administrator.agent.get(`/recordings/${id}/audio`).buffer(true);
    const page = (await administrator.get(`/recordings/${id}`)).text;
    for (const words of [
      /Who has had it/,
      /placed a legal hold/,
      /released a legal hold/,
      /listened to it/,
      /closed/,
    ])
      assert.match(page, words);
  });

  it('are deleted sooner only after their number was seen', async () => {
    const manager = t.visitor();
    await manager.signIn('manager', 'correct horse battery');
    await manager.get('/recordings/retention');
    const save = (form: object) =>
      manager.post('/recordings/retention/0', { keep: 'days', days: 1, revision: 0, ...form });
    assert.equal((await supervisor.get('/recordings/retention')).status, 200);
    assert.equal((await supervisor.get('/recordings/retention/0')).status, 403);
    assert.equal((await save({ days: '' })).status, 422);
    const asked = await save({});
    assert.equal(asked.status, 200);
    assert.match(asked.text, /sound of 1 recording is deleted/);
    const kept = async () => (await app.db.knex('retention_rules').where({ campaign_id: 0 }).first()).days;
    assert.equal(await kept(), null, 'nothing is saved before');
    assert.equal((await save({ confirmed: 1 })).status, 303);
    assert.equal(await kept(), 1);
    assert.equal((await save({ days: 2 })).status, 409, 'changed since it was read');
    assert.match((await manager.get('/recordings/retention')).text, /1 day/);
  });

  it('say that their folder is not there, until an administrator says that they are lost', async () => {
    const folder = join(app.config.dataDir, 'recordings');
    renameSync(folder, `${folder}-share`);
    const away = async () => /its share is probably not mounted/.test((await supervisor.get('/recordings/retention')).text); // prettier-ignore
    const health = dialerAreas(app)
      .flatMap(({ health: checks = [] }) => checks)
      .find(({ name }) => name === 'recordings')!;
    assert.equal(await away(), true);
    assert.match(((await health.check()) as { warns: string }).warns, /mounted/);
    assert.equal((await supervisor.post('/recordings/folder', {})).status, 403);
    const administrator = t.visitor();
    await administrator.signIn('administrator', 'correct horse battery');
    await administrator.get('/recordings/retention');
    assert.equal((await administrator.post('/recordings/folder', {})).status, 303);
    assert.equal(await away(), false);
    assert.equal(await health.check(), undefined);
    assert.equal((await app.db.knex('audit_log').where({ action: 'recordings.folder-accepted' })).length, 1);
  });

  it('of a campaign that was put away, and of an agent who has left, are found, held and kept by rules of their own', async () => {
    const campaign = { ...defaultCampaign, name: 'Winter', trunkIds: [], agentIds: [], dispositionIds: [] };
    const store = createCampaignStore(app);
    const campaignId = await store.create(campaign, { userId: null, now: 0 });
    assert.ok(await store.archive(campaignId, true, 1));
    const { id: leaver } = await t.account('agent', 'leaver');
    await app.db.knex('users').where({ id: leaver }).update({ disabled_at: 1 });
    await add('winter', leaver, app.clock.now());
    const id = await idOf('winter');
    await app.db.knex('recordings').where({ id }).update({ campaign_id: campaignId });
    const search = (await supervisor.get('/recordings')).text;
    assert.match(search, new RegExp(`<option value="${campaignId}">Winter \\(put away\\)`));
    assert.match(search, new RegExp(`<option value="${leaver}">The agent \\(disabled\\)`));
    await supervisor.post(`/recordings/${id}/holds`, { subject: 'campaign', reason: 'case 13' });
    assert.match((await supervisor.get('/recordings/holds')).text, /Campaign Winter \(put away\)/);
    const manager = t.visitor();
    await manager.signIn('manager', 'correct horse battery');
    const retention = `/recordings/retention/${campaignId}`;
    assert.ok((await manager.get('/recordings/retention')).text.includes(`href="${retention}"`));
    assert.equal((await manager.get(retention)).status, 200);
    assert.equal((await manager.post(retention, { keep: 'forever', days: '', revision: -1 })).status, 303);
    assert.match((await manager.get('/recordings/retention')).text, /Winter \(put away\)/);
  });
});
