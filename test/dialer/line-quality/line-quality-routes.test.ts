import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { dialerAreas } from '../../../dialer/areas.ts';
import { createLineQualityStore } from '../../../dialer/line-quality/index.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { testWeb, type TestWeb } from '../../web/support.ts';
import { callOf, sendJson, testWorkspace, type TestWorkspace } from '../workspace/support.ts';

const report = {
  ...{
    page: 'aaaaaaaaaaaa',
    looks: 15,
    poorLooks: 9,
    mos: 3.21,
    lowestMos: 2.1,
    jitterMs: 31,
    highestJitterMs: 90,
  },
  ...{ lossIn: 0.043, lossOut: null, roundTripMs: 210 },
};

describe('what agents’ pages report of their lines', () => {
  let place: TestWorkspace;
  before(async () => {
    place = await testWorkspace();
  });
  after(() => place.close());

  it('is taken of a call of one’s own only, and only in its shape', async () => {
    const own = await place.browser('agent', 'ada');
    const other = await place.browser('agent', 'ben');
    const clerk = await place.browser('marketing', 'cleo');
    place.dialer.set(own.id, { state: 'on-call', call: callOf({ id: 'c-1', campaignId: place.campaignId }) });
    for (const { visitor } of [own, other]) await visitor.get('/workspace');
    await clerk.visitor.get('/');
    const put = (visitor: typeof own.visitor, body: object = report) =>
      sendJson(visitor, 'put', '/workspace/line-quality/c-1', body);
    assert.equal((await put(own.visitor)).status, 204);
    assert.equal((await put(other.visitor)).status, 403);
    // A talk that was given away: its first agent's last report comes late.
    const event = { user_id: other.id, at: place.app.clock.now(), from_state: 'reserved', to_state: 'on-call', event: 'connect' }; // prettier-ignore
    await place.app.db.knex('agent_events').insert({ ...event, call_id: 'c-1' });
    assert.equal((await put(other.visitor, { ...report, page: 'bbbbbbbbbbbb', looks: 1 })).status, 204);
    assert.equal((await put(clerk.visitor)).status, 403);
    for (const wrong of [{ mos: 7 }, { looks: 0 }, { page: '../x' }, { lossIn: -1 }, { jitterMs: 1.5 }])
      assert.equal((await put(own.visitor, { ...report, ...wrong })).status, 422, JSON.stringify(wrong));
    const line = await createLineQualityStore(place.app).ofCall('c-1');
    assert.deepEqual([line?.looks, line?.mos, line?.roundTripMs], [16, 3.21, 210]);
  });
});

describe('how an agent’s line sounds now', () => {
  let place: TestWorkspace;
  before(async () => {
    place = await testWorkspace();
  });
  after(() => place.close());

  it('is told in the name of who is signed in, in its shape, and written nowhere', async () => {
    const own = await place.browser('agent', 'ada');
    const clerk = await place.browser('marketing', 'cleo');
    for (const { visitor } of [own, clerk]) await visitor.get('/');
    const told: unknown[] = [];
    place.app.bus.subscribe('line.now', (event) => told.push(event));
    const now = { mos: 3.2, jitterMs: 40, loss: 0.06, roundTripMs: null };
    const put = (visitor: typeof own.visitor, body: object) =>
      sendJson(visitor, 'put', '/workspace/line-quality/c-1/now', body);
    assert.equal((await put(own.visitor, { ...now, userId: 999 })).status, 204);
    assert.deepEqual(told, [{ ...now, userId: own.id, callId: 'c-1' }]);
    for (const wrong of [{ mos: 7 }, { loss: 2 }, { jitterMs: -1 }, { roundTripMs: 'x' }])
      assert.equal((await put(own.visitor, { ...now, ...wrong })).status, 422, JSON.stringify(wrong));
    assert.equal((await put(clerk.visitor, now)).status, 403);
    assert.equal(told.length, 1);
    assert.equal((await place.app.db.knex('line_qualities')).length, 0);
  });
});

describe('the page of line quality', () => {
  let app: TestApp;
  let t: TestWeb;
  before(async () => {
    app = await testApp();
    t = await testWeb({ areas: dialerAreas(app) }, { db: app.db, bus: app.bus });
  });
  after(() => app.close());

  it('is for supervisors, managers and administrators, and says how each agent’s calls sounded', async () => {
    const supervisor = await t.signedIn('supervisor');
    const [{ id }] = (await app.db.knex('users').where({ username: 'supervisor' }).select('id')) as [
      { id: number },
    ];
    assert.match((await supervisor.get('/line-quality')).text, /Nothing measured in this time/);
    await createLineQualityStore(app).keep(id, 'c-1', report, app.clock.now());
    await app.db
      .knex('calls')
      .insert({ id: 'c-1', direction: 'out', path: 'power', state: 'ended', created_at: 1 });
    const name = 'c-1';
    const recordingId = await app.db.insertId('recordings', { call_id: 'c-1', name, state: 'stored', started_at: 1, user_id: id }); // prettier-ignore
    const { text } = await supervisor.get('/line-quality?days=1');
    assert.match(text, /<strong class="text-danger">3\.2<\/strong>/);
    assert.match(text, /4\.3%/);
    assert.match(text, /210 ms/);
    assert.match(text, new RegExp(`href="/recordings/${recordingId}"`));
    assert.match((await supervisor.get(`/recordings/${recordingId}`)).text, /score 3\.2 \(lowest 2\.1\) · jitter 31 ms · loss 4\.3%/); // prettier-ignore
    for (const role of ['manager', 'administrator'] as const)
      assert.equal((await (await t.signedIn(role)).get('/line-quality')).status, 200);
    for (const role of ['agent', 'marketing'] as const)
      assert.equal((await (await t.signedIn(role)).get('/line-quality')).status, 403);
    assert.equal((await supervisor.get('/line-quality?days=8')).status, 400);
    assert.match((await supervisor.get(`/line-quality?agent=${id + 999}`)).text, /Nothing measured/);
  });
});
