import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Browser } from 'playwright-core';
import { dialerAreas } from '../../../dialer/areas.ts';
import { createTrunkStore } from '../../../dialer/index.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { launchBrowser, needBrowser, serve, signIn } from '../../support/browser.ts';
import { testPassword, testWeb } from '../../web/support.ts';

describe('trunks in a browser', function () {
  this.timeout(60_000);
  let app: TestApp;
  let site: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;

  before(async function () {
    needBrowser(this);
    app = await testApp();
    const t = await testWeb({ areas: dialerAreas(app) }, { db: app.db, bus: app.bus });
    await t.account('administrator', 'ada');
    await createTrunkStore(app).create(
      {
        ...{ name: 'Carrier with a rather long name', host: 'sip-trunk.region.example.net', port: 5060 },
        ...{ transport: 'udp', username: null, register: false, loginInFrom: false, codecs: ['alaw'] },
        ...{ channels: 30, callsPerSecond: 5, prefixRules: [], callerId: '+14155550199', enabled: true },
      },
      app.clock.now(),
    );
    const { id } = (await createTrunkStore(app).all())[0]!;
    const reach = { trouble: 'rejected', since: app.clock.now() };
    const trunk = { id, name: '', channelsInUse: 2, channels: 30, failing: false, toBeTried: false };
    app.bus.respond('dialer.status', () => ({
      ...{ dialerId: 'main', startedAt: 0, switch: 'up', switchFault: null, simulator: false },
      ...{ calls: 0, agents: 0, trunks: [{ ...trunk, refusesUs: false, troubledSince: null, reach }] },
    }));
    site = await serve(t.web);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await app?.close();
  });

  it('show the state, and what to do, whole on a phone', async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    await signIn(page, site.url, 'ada', testPassword);
    await page.goto(`${site.url}/trunks`);
    for (const what of [
      '.state-badge',
      '.trunk-trouble',
      'form[action$="/disable"] button',
      'a[href^="/trunks/"]',
    ]) {
      const box = await page.locator(`tbody ${what}`).first().boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= 390, `${what} ${JSON.stringify(box)}`);
    }
    const boxOf = (what: string) => page.locator(`tbody ${what}`).first().boundingBox();
    const order = ['.trunk-address', '.state-badge', '.trunk-trouble', '.trunk-order'];
    const boxes = await Promise.all(order.map(boxOf));
    for (const [index, box] of boxes.slice(1).entries())
      assert.ok(
        box!.y >= boxes[index]!.y + boxes[index]!.height,
        `${order[index + 1]} lies over ${order[index]}`,
      );
    const [moves, action] = [boxes.at(-1)!, (await boxOf('form[action$="/disable"]'))!];
    assert.ok(action.y < moves.y + moves.height, 'what can be done stands in one row');
    assert.ok(await page.locator('tbody td', { hasText: '415' }).isHidden(), 'only what matters on the way');
    await page.close();
  });
});
