import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import { campaignAreas } from '../../../campaigns/index.ts';
import { Users } from '../../../core/users/index.ts';
import { dashboardArea } from '../../../reports/index.ts';
import { createWeb } from '../../../web/create-web.ts';
import { makeCampaign } from '../../campaigns/fixtures.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { launchBrowser, needBrowser, serve, signIn } from '../../support/browser.ts';
import { eventually } from '../../support/eventually.ts';
import { testPassword } from '../../web/support.ts';

/** The server's clock stands until it is moved, and the page's is moved on its own. */
describe('a screen that nobody touches', function () {
  this.timeout(120_000);
  let app: TestApp;
  let site: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  let page: Page;
  let dashboard: ReturnType<typeof dashboardArea>;
  let wall: string;
  const asked: string[] = [];
  const askedFor = (end: string) => asked.filter((url) => url.endsWith(end)).length;

  before(async function () {
    needBrowser(this);
    app = await testApp();
    const supervisor = { username: 'sam', name: 'Sam', role: 'supervisor', password: testPassword } as const;
    const { id } = await new Users(app).create(
      { ...supervisor, mustChangePassword: false },
      { userId: null },
    );
    const campaignId = await makeCampaign(app, { agentIds: [id] });
    await app.db
      .knex('agent_sessions')
      .insert({ user_id: id, dialer_id: 'main', state: 'paused', phone: 'up', since: app.clock.now() });
    wall = `/campaigns/${campaignId}/wall`;
    dashboard = dashboardArea(app);
    site = await serve(createWeb(app, { areas: [...campaignAreas(app), dashboard] }));
    browser = await launchBrowser();
    page = await browser.newPage({ locale: 'en-US' });
    page.on('request', (request) => asked.push(request.url()));
    await signIn(page, site.url, 'sam', testPassword);
    await page.clock.install();
    await openWall();
  });
  after(async () => {
    await browser?.close();
    dashboard?.close();
    await site?.close();
    await app?.close();
  });

  /** Comes back when the wall's stream is open. */
  async function openWall(): Promise<void> {
    const opened = page.waitForResponse((response) => response.url().endsWith('/dashboard/events'));
    await page.goto(site.url + wall);
    await opened;
    await page.evaluate(`fetch('/health')`);
  }
  const asOf = () => page.locator('[data-bind="as-of"]').innerText();
  const agentTimer = () => page.locator('.dashboard-agent .dashboard-number').innerText();

  it('says since when its figures are old, and lets no time go on (fault: no reading comes)', async () => {
    assert.equal(await asOf(), '');
    // Sooner than a silent stream is opened anew, which would bring a reading.
    await page.clock.fastForward(20_000);
    await eventually(async () => assert.match(await asOf(), /^As of Nov 23, .*, not current/));
    assert.equal(await agentTimer(), '0:00');
    app.clock.advance(4_000);
    await eventually(async () => assert.equal(await asOf(), ''));
    assert.match(await agentTimer(), /^0:0[4-9]$/);
  });

  it('says up to when calls are counted (fault: no worker counts them)', async () => {
    const event = { call_id: 'c', to_state: 'created', event: 'create', at: app.clock.now() };
    await app.db.knex('call_events').insert(event);
    app.clock.advance(20_000);
    // The first of these seconds were read, and have gone by when that is sent.
    await eventually(async () => assert.match(await asOf(), /^As of/));
    app.clock.advance(3_000);
    await eventually(async () => assert.match(await asOf(), /charts count calls up to Nov 23, /));
    await app.db.knex('call_events').delete();
  });

  it('opens a stream anew that is silent, and not one that lives (fault: the network is cut unnoticed)', async () => {
    await openWall();
    const before = askedFor('/dashboard/events');
    const heard = page.evaluate(`new Promise((heard) => {
      const stream = new EventSource('${wall.replace('wall', 'dashboard/events')}');
      stream.addEventListener('heartbeat', () => (stream.close(), heard(true)));
    })`);
    await eventually(() => assert.equal(askedFor('/dashboard/events'), before + 1));
    await page.clock.fastForward(25_000);
    // Whichever stream began last hears last.
    await eventually(async () => {
      app.clock.advance(15_000);
      assert.ok(await Promise.race([heard, new Promise((resolve) => setTimeout(resolve, 200, false))]));
    });
    await page.clock.fastForward(25_000);
    assert.equal(await page.locator('#live-state').isVisible(), false);
    assert.equal(askedFor('/dashboard/events'), before + 1);
    await page.clock.fastForward(20_000);
    await eventually(() => assert.equal(askedFor('/dashboard/events'), before + 2));
  });

  it('uses its session while it stands there, and says in the open when its connection is lost', async () => {
    await openWall();
    const before = askedFor(wall);
    await page.clock.fastForward(3_600_000);
    await eventually(() => assert.equal(askedFor(wall), before + 1));
    await openWall();
    await page.context().setOffline(true); // the fault
    await page.clock.fastForward(2_000);
    await page.locator('#live-state[data-state="lost"]').waitFor();
    await page.context().setOffline(false);
    await page.locator('#live-state[data-state="back"]').waitFor({ state: 'attached' });
  });

  it('keeps no notes of what it asks for by itself (fault: the polls of a list fail, then are answered 503)', async () => {
    const progress = /\/campaigns\/\d+\/progress$/;
    await page.goto(`${site.url}/campaigns`);
    await eventually(() => assert.ok(asked.some((url) => progress.test(url))));
    for (const fail of [undefined, 503]) {
      await page.route(progress, (route) => (fail ? route.fulfill({ status: fail }) : route.abort()));
      for (let turn = 0; turn < 3; turn++) {
        const failed = page.waitForRequest(progress);
        await page.clock.fastForward(10_000);
        await failed;
      }
      await page.locator('#live-state[data-state="lost"]').waitFor();
      assert.equal(await page.locator('#toasts [data-toast]').count(), 0);
      await page.unroute(progress);
      await page.clock.fastForward(10_000);
      await page.locator('#live-state[data-state="back"]').waitFor({ state: 'attached' });
    }
  });
});
