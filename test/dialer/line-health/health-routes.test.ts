import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { dialerAreas } from '../../../dialer/areas.ts';
import { createTrunkStore } from '../../../dialer/index.ts';
import { createLineResultStore } from '../../../dialer/line-health/line-result-store.ts';
import { noCalls } from '../../../dialer/line-health/line-result.ts';
import { unblemished } from '../../../dialer/line-health/trunk-health.ts';
import { createTrunkHealthStore } from '../../../dialer/line-health/trunk-health-store.ts';
import { testApp } from '../../support/app.ts';
import { testWeb, type TestWeb, type Visitor } from '../../web/support.ts';

describe('the page of the health of trunks', () => {
  let t: TestWeb;
  let admin: Visitor;
  let app: Awaited<ReturnType<typeof testApp>>;
  let ids: number[];

  before(async () => {
    app = await testApp();
    t = await testWeb({ areas: dialerAreas(app) }, { db: app.db, bus: app.bus });
    t = { ...t, close: async () => app.close() };
    admin = await t.signedIn('administrator');
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

  it('is the administrator’s alone', async () => {
    for (const role of ['agent', 'supervisor', 'marketing', 'manager'] as const) {
      const visitor = await t.signedIn(role);
      assert.equal((await visitor.get('/trunks/health')).status, 403, role);
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

  it('says why a trunk is kept out and until when, on both pages; it is released by hand, and held', async () => {
    const store = createTrunkHealthStore(t.app);
    const now = app.clock.now();
    const reason = [{ sign: 'answers' as const, own: { hits: 30, of: 300 }, expected: 0.4, z: -9 }];
    await store.apply(unblemished(ids[0]!), { type: 'condemn', reason }, now);
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
        ['trunk.quarantined', true],
        ['trunk.released', false],
        ['trunk.held', false],
      ],
    );
    assert.equal((await admin.post('/trunks/99/hold')).status, 404);
  });
});
