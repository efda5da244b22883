import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Browser } from 'playwright-core';
import { campaignAreas, createAmdSwitch } from '../../../campaigns/index.ts';
import { amdArea } from '../../../reports/index.ts';
import { makeCampaign } from '../../campaigns/fixtures.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { launchBrowser, needBrowser, serve, signIn, watchForTrouble } from '../../support/browser.ts';
import { eventually } from '../../support/eventually.ts';
import { testPassword, testWeb } from '../../web/support.ts';

describe('the card of machine detection in a browser', function () {
  this.timeout(60_000);
  let app: TestApp;
  let site: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  let campaignId: number;

  before(async function () {
    needBrowser(this);
    app = await testApp();
    const areas = [...campaignAreas(app), amdArea(app)];
    const t = await testWeb({ areas }, { db: app.db, bus: app.bus, clock: app.clock });
    await t.account('manager', 'ada');
    campaignId = await makeCampaign(app, { name: 'Renewal', amd: true });
    site = await serve(t.web);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await app?.close();
  });

  it('is what a link to it shows, and on an open page tells when detection switches itself off', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 }, reducedMotion: 'reduce' });
    await signIn(page, site.url, 'ada', testPassword);
    const trouble = watchForTrouble(page);
    await page.clock.install();
    await page.goto(`${site.url}/campaigns/${campaignId}#amd`);
    await page.locator('#amd-heading').waitFor();
    const headingAt = () =>
      page.evaluate<number>('document.querySelector("#amd-heading").getBoundingClientRect().top');
    await eventually(async () => assert.ok((await headingAt()) < 200, 'in view'));
    await page.locator('#amd-how > summary').click();

    await createAmdSwitch(app).set(campaignId, false, app.clock.now(), { byItself: true });
    await page.evaluate('scrollTo(0, 0)');
    await page.clock.fastForward(61_000);
    await page.locator('#amd .notice-danger').waitFor();
    assert.equal(await page.locator('#amd-how').getAttribute('open'), '', 'what is being read stays open');
    assert.equal(await page.evaluate('scrollY'), 0, 'only the first time is it brought into view');

    await page.locator('#amd-on').focus();
    const drawn = page.waitForResponse((response) => response.url().endsWith('/amd'));
    await page.clock.fastForward(61_000);
    await drawn;
    const focused = () => page.evaluate('document.activeElement.id');
    await eventually(async () => assert.equal(await focused(), 'amd-on', 'the keyboard stays where it was'));
    assert.deepEqual(trouble, []);
    await page.close();
  });
});
