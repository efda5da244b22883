import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { dialerAreas } from '../../../dialer/areas.ts';
import { createTrunkStore } from '../../../dialer/index.ts';
import { createLineResultStore } from '../../../dialer/line-health/line-result-store.ts';
import { noCalls } from '../../../dialer/line-health/line-result.ts';
import { createTrunkHealthStore } from '../../../dialer/line-health/trunk-health-store.ts';
import { createCampaignStore } from '../../../campaigns/index.ts';
import { makeCampaign } from '../../campaigns/fixtures.ts';
import { testApp } from '../../support/app.ts';
import { testWeb, type TestWeb, type Visitor } from '../../web/support.ts';

describe('the page of the health of trunks', () => {
  let t: TestWeb;
  let admin: Visitor;
  let manager: Visitor;
  let app: Awaited<ReturnType<typeof testApp>>;
  let ids: number[];

  before(async () => {
    app = await testApp();
    t = await testWeb({ areas: dialerAreas(app) }, { db: app.db, bus: app.bus });
    t = { ...t, close: async () => app.close() };
    admin = await t.signedIn('administrator');
    manager = await t.signedIn('manager');
    const trunks = createTrunkStore(t.app);
    for (const name of ['Bad', 'Good'])
      await trunks.create(
        {
          ...{ name, host: '127.0.0.1', port: 5060, transport: 'udp', username: null, register: false },
          ...{ loginInFrom: false, codecs: ['alaw'], channels: 9, callsPerSecond: 9, prefixRules: [] },
          ...{ callerId: null, enabled: true },
        },
        app.clock.now(),
      );
    ids = (await trunks.all()).map(({ id }) => id);
    const at = app.clock.now() - 600_000;
    const row = (id: number, given: object) => ({
      ...{ ...noCalls, kind: 'trunk' as const, subject: String(id), campaignId: 7, at },
      ...given,
    });
    await createLineResultStore(t.app).write('one', [
      row(ids[0]!, {
        calls: 300,
        answered: 30,
        rung: 200,
        delays: { 3: 150, 40: 50 },
        causes: { 'no-codec': 270 },
      }),
    ]);
    await createLineResultStore(t.app).write('two', [
      row(ids[1]!, { calls: 200, answered: 80, causes: { busy: 120 } }),
    ]);
  });
  after(() => t.close());

  const text = async (path = '/trunks/health') => {
    const response = await admin.get(path);
    assert.equal(response.status, 200);
    const main = /<main[^]*<\/main>/.exec(response.text)![0];
    return main.replace(/<(?!t[hd]|time)[^>]*>/g, ' ').replace(/\s+/g, ' ');
  };

  it('is read by managers and acted on by administrators alone', async () => {
    for (const role of ['agent', 'supervisor', 'marketing', 'manager'] as const) {
      const visitor = role === 'manager' ? manager : await t.signedIn(role);
      const page = await visitor.get('/trunks/health');
      assert.equal(page.status, role === 'manager' ? 200 : 403, role);
      assert.doesNotMatch(page.text, /\/hold"|\/trunks\/\d|\/audit/);
      for (const path of ['hold', 'release'])
        assert.equal((await visitor.post(`/trunks/${ids[0]}/${path}`)).status, 403);
    }
  });

  it('shows each trunk’s figures beside what the others’ calls came to', async () => {
    const page = await text();
    assert.match(
      page,
      /Bad.*?300.*?10\.0%.*?the others 40\.0%.*?1 s *95 % within 10\.25 s.*?No codec.*?270 \(90%\)/,
    );
    assert.match(page, /Good.*?200.*?40\.0%.*?the others 10\.0%/);
    assert.match(
      page,
      /<th scope="row">The carrier refuses our login[^<]*<td>SIP 401, SIP 407 <td>The trunk rests at once/,
    );
    assert.match(page, /<th scope="row">Busy <td>Q\.850 17 <td>The number’s own answer/);
    app.clock.advance(2 * 3_600_000);
    assert.doesNotMatch(await text(), /the others \d/);
    assert.match(await text('/trunks/health?hours=24'), /the others 40\.0%/);
  });

  it('tells managers in the menu, and administrators on every page of trunks, of one that is worse and cannot be spared', async () => {
    const store = createTrunkHealthStore(t.app);
    assert.doesNotMatch((await manager.get('/trunks/health')).text, /nav-count/);
    const reason = [{ sign: 'answers' as const, own: { hits: 30, of: 300 }, expected: 0.4, z: -9 }];
    await store.setWorse(ids[0]!, reason, app.clock.now());
    for (const path of ['/trunks/health', '/trunks', `/trunks/${ids[0]}`]) {
      const page = await text(path);
      assert.match(
        page,
        /Clearly worse than the others, and used on.*?10\.0% of 300 calls were answered/,
        path,
      );
    }
    assert.match(
      await text(),
      /Trunk “Bad” is clearly worse than the others and carries calls all the same\. Without it/,
    );
    for (const [visitor, path] of [
      [admin, '/trunks'],
      [manager, '/trunks/health'],
    ] as const)
      assert.match((await visitor.get(path)).text, /1 trunk does clearly worse[^]*?nav-count">1</);
    await store.setWorse(ids[0]!, null, app.clock.now());
    assert.doesNotMatch(await text(), /Clearly worse than the others, and used on/);
  });

  it('says of a trunk without calls why there are none, and what there was before', async () => {
    const campaign = await makeCampaign(app, { trunkIds: [ids[1]!, ids[0]!] });
    await createCampaignStore(app).transition(campaign, 'start', app.clock.now());
    app.clock.advance(48 * 3_600_000);
    const page = await text('/trunks/health?hours=1');
    assert.match(
      page,
      /Bad.*?Backup: for calls that no trunk before it takes.*?a backup is used only while the trunks before it are full or failing.*?In the last 8 days: 300 calls, 10\.0% answered/,
    );
    assert.match(page, /Good.*?No calls in this period\. In the last 8 days: 200 calls, 40\.0% answered/);
    await createCampaignStore(app).transition(campaign, 'stop', app.clock.now());
    assert.match(await text(), /Bad.*?No running campaign uses it\./);
    const at = app.clock.now() - 60_000;
    await createLineResultStore(app).write('three', [
      { ...noCalls, kind: 'trunk', subject: String(ids[0]), campaignId: 7, at, calls: 5, answered: 2 },
    ]);
    assert.match(await text(), /Bad.*?there is nothing to compare with/);
  });

  it('says why a trunk is kept out and until when, on both pages; it is released by hand, and held', async () => {
    const store = createTrunkHealthStore(t.app);
    const now = app.clock.now();
    const reason = [{ sign: 'answers' as const, own: { hits: 30, of: 300 }, expected: 0.4, z: -9 }];
    await store.apply(await store.get(ids[0]!), { type: 'condemn', reason }, now);
    const until = new Date(now + 900_000).toISOString().slice(0, 16);
    for (const path of ['/trunks/health', '/trunks']) {
      const page = await text(path);
      if (path === '/trunks') assert.match(page, /Good.*?In use/);
      if (path === '/trunks') assert.match(page, /Bad.*?<td> Kept out Kept out: clearly/);
      assert.match(
        page,
        /Kept out: clearly worse.*?10\.0% of 300 calls were answered; of the others’ 40\.0%/,
      );
      assert.match(page, new RegExp(`Tried again from <time[^>]*datetime="${until}`));
    }
    await admin.post(`/trunks/${ids[0]}/release`);
    assert.match((await admin.get('/trunks/health')).text, /takes calls again/);
    assert.equal((await store.get(ids[0]!)).state, 'free');
    assert.equal((await store.get(ids[0]!)).countedFrom, app.clock.now());
    await admin.post(`/trunks/${ids[0]}/hold`);
    assert.match(await text(), /Held until somebody releases it.*?By /);
    // A second one who presses, on a page that is older.
    await admin.post(`/trunks/${ids[0]}/hold`);
    assert.match((await admin.get('/trunks/health')).text, /See what it is now/);
    const rows = await t.app.db
      .knex('audit_log')
      .where({ entity: 'trunks' })
      .orderBy('id')
      .select('action', 'user_id');
    assert.deepEqual(
      rows.map(({ action, user_id }) => [action, user_id === null]),
      [
        ['trunk.worse-and-needed', true],
        ['trunk.worse-no-more', true],
        ['trunk.quarantined', true],
        ['trunk.released', false],
        ['trunk.held', false],
      ],
    );
    assert.equal((await admin.post('/trunks/99/hold')).status, 404);
  });
});
